//! Secret text of Python as UTF-8, without a copy in memory of Python's, which is not
//! wiped: `str.encode` would make one.

use lazycred::{Secret, wipe};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// The text as UTF-8; `None` if it has a lone surrogate.
pub(crate) fn utf8(text: &Bound<'_, PyString>) -> PyResult<Option<Secret>> {
    wipe::begin();
    let points = points(text)?;
    let length = points
        .iter()
        .map(|point| char::from_u32(*point).map(char::len_utf8))
        .sum();
    let Some(length) = length else {
        return Ok(None);
    };
    // A buffer that grew would leave copies, and need not be wiped twice.
    let mut bytes = Vec::<u8>::with_capacity(length);
    for character in points.iter().filter_map(|point| char::from_u32(*point)) {
        bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Ok(Some(Secret::new(bytes)))
}

/// The code points of a text, in memory of ours, which is wiped when it is freed.
#[expect(
    unsafe_code,
    reason = "PyO3 wraps no function that copies to the caller's memory"
)]
fn points(text: &Bound<'_, PyString>) -> PyResult<Vec<ffi::Py_UCS4>> {
    let mut points = vec![0; text.len()?];
    let Ok(length) = isize::try_from(points.len()) else {
        unreachable!("no vector is longer");
    };
    // SAFETY: `text` is a str, and there is room for all of its code points.
    let copied = unsafe { ffi::PyUnicode_AsUCS4(text.as_ptr(), points.as_mut_ptr(), length, 0) };
    if copied.is_null() {
        return Err(PyErr::fetch(text.py()));
    }
    Ok(points)
}

//! Secret text of Python as UTF-8 and as the system has it, without a copy in memory of
//! Python's, which is not wiped: `str.encode` and `os.fsdecode` would make one.

use std::ffi::c_char;

use lazycred::{Secret, wipe};
use pyo3::exceptions::PyMemoryError;
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
    let mut bytes = room::<u8>(length)?;
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
    let length = text.len()?;
    let mut points = room(length)?;
    points.resize(length, 0);
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

/// An empty vector that holds so many without growing, or a `MemoryError`.
pub(crate) fn room<T>(length: usize) -> PyResult<Vec<T>> {
    let mut room = Vec::new();
    match room.try_reserve_exact(length) {
        Ok(()) => Ok(room),
        Err(_) => Err(PyMemoryError::new_err(())),
    }
}

/// What a variable or its name is in Python: as `os.fsdecode`, whose encoding is the
/// locale's. Rust's own conversion takes UTF-8 in every locale.
#[expect(unsafe_code, reason = "PyO3 wraps it only where bytes are no UTF-8")]
pub(crate) fn decoded<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    let Ok(length) = isize::try_from(bytes.len()) else {
        unreachable!("no slice is longer");
    };
    // SAFETY: it reads so many bytes, and gives a new reference, or null and an exception.
    unsafe {
        let text = ffi::PyUnicode_DecodeFSDefaultAndSize(bytes.as_ptr().cast::<c_char>(), length);
        Bound::from_owned_ptr_or_err(py, text)
    }
}

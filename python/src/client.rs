//! The class `Client`: the arguments of its methods, and their help.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lazycred::Config;
use lazycred::config::{MAX_SIZE, StoreAddress};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};

use crate::arguments::{
    Field, Flag, Given, IfAbsent, IfVersion, Name, Prefix, References, Text, Version,
};
use crate::config::Arguments;
use crate::ending::{self, Inside};
use crate::live::Live;
use crate::{fork, read, variables, write};

/// Reads and stores secrets: JSON, text or bytes, each under a name.
///
/// With `s3_path`, the arguments are the whole configuration, and mean what the members
/// of a `.lazycred` file mean; no such file is looked for. Without it, the configuration
/// is found as the program `lazycred` finds it, and `config`, `environment`, `profile`,
/// `region` and `key_alias` override it as the program's options do. AWS's own settings
/// hold as for any program.
///
/// `s3_path`: `BUCKET/PREFIX/`, or `file:FOLDER`. `key_alias`: the wrapping key.
/// `region`: of KMS, and of the bucket unless `bucket_region` is another. `profile`: of
/// AWS's settings. `account`: the one that the bucket must belong to. `sse`: how S3
/// encrypts records once more. `format`: the version of records that are written, 1 or
/// 2; `min_format`: the lowest that is read. `max_age`: how old a record may be, as in
/// `90d`. `keys`: more wrapping keys that records may be under; `key_accounts`: accounts
/// whose wrapping keys are accepted; `pin_key`: whether `key_alias` alone is. `cache`:
/// whether records are kept on disk, sealed.
///
/// `timeout`: the most seconds that one step of a call may take, retries included: to
/// read a record, to write it, one page of `list`. `max_size`: the largest secret in
/// bytes. `verify`: whether a write is read back. `stale_if_error`: whether cached
/// records are used while S3 fails, which needs `cache=True`.
///
/// Nothing is sent before the first call. A client may be shared by threads, and works
/// in the child of a fork. It cannot be pickled or copied.
///
/// Raises `UsageError` if there is no configuration, or if it is not valid.
///
///     >>> client = lazycred.Client(s3_path="acme-secrets/prod/", key_alias="acme",
///     ...                          region="eu-west-1", timeout=5)
///     >>> client.get("token")
///     b'hunter2'
#[pyclass(module = "lazycred", frozen, weakref)]
pub(crate) struct Client {
    pub(crate) config: Box<Config>,
    /// The most bytes of a secret.
    pub(crate) max_size: usize,
    shown: String,
    /// Locked only with the GIL held, so that no fork finds it locked.
    live: Mutex<Option<Arc<Live>>>,
}

impl Client {
    pub(crate) fn locked(&self) -> MutexGuard<'_, Option<Arc<Live>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(
        signature = (*positional, **given),
        text_signature = "(*, s3_path=None, key_alias=None, region=None, profile=None, bucket_region=None, account=None, format=None, min_format=None, max_age=None, sse=None, keys=None, key_accounts=None, pin_key=None, cache=None, config=None, environment=None, timeout=30.0, max_size=67108864, verify=True, stale_if_error=False)"
    )]
    fn new(
        py: Python<'_>,
        positional: &Bound<'_, PyTuple>,
        given: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        if !positional.is_empty() {
            return Err(PyTypeError::new_err(
                "Client() takes keyword arguments only, such as Client(s3_path=...)",
            ));
        }
        ending::prepare(py);
        fork::prepare(py);
        // A path may be of a class of the caller's.
        let inside = Inside::new(py);
        let arguments = Arguments::new(py, given)?;
        let config = arguments.config(py, &inside)?;
        Ok(Self {
            max_size: arguments.max_size.unwrap_or(MAX_SIZE),
            shown: arguments.shown(&config),
            config,
            live: Mutex::default(),
        })
    }

    /// The secret's bytes, exactly as they were stored.
    ///
    /// With `field`, the text of that field of a JSON secret if it is a string, else its
    /// JSON. A field is a top-level one, or a JSON pointer if it starts with `/`.
    /// `version` is one that `history` shows, or six or more of its first characters.
    ///
    /// Raises `MissingError`, `MissingFieldError`, `ShapeError` if it has no fields,
    /// `DamagedError`, `AwsError`, `IoError`, `TimedOutError`, or `UsageError` for a name,
    /// field or version that cannot be one.
    ///
    ///     >>> client.get("db", "password")
    ///     b'hunter2'
    #[pyo3(signature = (name, field=None, *, version=None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        name: Text<Name>,
        field: Option<Text<Field>>,
        version: Option<Text<Version>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        read::bytes(self, py, name, field, version)
    }

    /// The same as `str`.
    ///
    /// Raises what `get` raises; `ShapeError` if the bytes are not UTF-8.
    ///
    ///     >>> client.get_text("db", "/ports/0")
    ///     '5432'
    #[pyo3(signature = (name, field=None, *, version=None))]
    fn get_text<'py>(
        &self,
        py: Python<'py>,
        name: Text<Name>,
        field: Option<Text<Field>>,
        version: Option<Text<Version>>,
    ) -> PyResult<Bound<'py, PyString>> {
        read::text(self, py, name, field, version)
    }

    /// A secret that is JSON, as `json.loads` gives it.
    ///
    /// Raises what `get` raises; `ShapeError` if it is not JSON, has a field twice in
    /// one object, or is nested deeper than 64 levels.
    ///
    ///     >>> client.get_json("db")
    ///     {'password': 'hunter2', 'ports': [5432, 5433]}
    #[pyo3(signature = (name, *, version=None))]
    fn get_json<'py>(
        &self,
        py: Python<'py>,
        name: Text<Name>,
        version: Option<Text<Version>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        read::json(self, py, name, version)
    }

    /// Stores a secret, and returns its version.
    ///
    /// Where the store keeps none, that is the record's etag; None if it tells neither.
    ///
    /// `str` is stored as UTF-8. With `if_absent`, a name that exists is a conflict;
    /// with `if_version`, so is any current version but that one.
    ///
    /// Raises `TypeError` for anything but bytes and str, `ConflictError`, `UsageError`
    /// if it is too large or no wrapping key is configured, and what `get` raises.
    ///
    ///     >>> client.put("db", '{"password": "hunter2"}')
    ///     '3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY'
    #[pyo3(signature = (name, data, *, if_absent=Flag::from(false), if_version=None), text_signature = "(self, name, data, *, if_absent=False, if_version=None)")]
    fn put(
        &self,
        py: Python<'_>,
        name: Text<Name>,
        data: &Bound<'_, PyAny>,
        if_absent: Flag<IfAbsent>,
        if_version: Option<Text<IfVersion>>,
    ) -> PyResult<Option<String>> {
        write::put(self, py, name, data, (if_absent, if_version))
    }

    /// Sets one field of a JSON secret, and returns the new version.
    ///
    /// The rest stays byte for byte, and no other change made meanwhile is lost.
    /// `value` becomes a JSON string; `json` may be any JSON value, None too. Exactly
    /// one of them is given.
    ///
    /// Raises what `put` raises; `MissingError` if there is no such secret, and
    /// `ShapeError` if it is no JSON object or the field cannot be in it; `TypeError` or
    /// `ValueError` if `json` is nothing that JSON can hold.
    ///
    ///     >>> client.set("db", "password", "hunter2")
    ///     >>> client.set("db", "/ports/-", json=5433)
    #[pyo3(signature = (name, field, value=Given(None), *, json=Given(None)))]
    fn set(
        &self,
        py: Python<'_>,
        name: Text<Name>,
        field: Text<Field>,
        value: Given<'_>,
        json: Given<'_>,
    ) -> PyResult<Option<String>> {
        write::set(self, py, (name, field), value.0, json.0)
    }

    /// Removes one field from a JSON secret, and returns the new version.
    ///
    /// Raises what `set` raises; `MissingFieldError` if there is no such field.
    ///
    ///     >>> client.unset("db", "password")
    #[pyo3(signature = (name, field))]
    fn unset(
        &self,
        py: Python<'_>,
        name: Text<Name>,
        field: Text<Field>,
    ) -> PyResult<Option<String>> {
        write::unset(self, py, name, field)
    }

    /// The names that start with a prefix, sorted; all for an empty one.
    ///
    /// Raises `AwsError`, `IoError`, `TimedOutError`, or `UsageError` for a prefix that no
    /// name can have.
    ///
    ///     >>> client.list("web/")
    ///     ['web/dev', 'web/prod']
    #[pyo3(signature = (prefix=Text::from("")), text_signature = "(self, prefix='')")]
    fn list(&self, py: Python<'_>, prefix: Text<Prefix>) -> PyResult<Vec<String>> {
        read::list(self, py, prefix)
    }

    /// The versions of a secret, the newest first.
    ///
    /// Each is a dict: `version`, `modified` (RFC 3339, UTC), `size` of the record in
    /// bytes, `deleted` for a removal, and `current`.
    ///
    /// Raises `MissingError` if there never was such a secret, and what `list` raises.
    ///
    ///     >>> client.history("db")[0]["modified"]
    ///     '2026-08-20T12:34:56Z'
    #[pyo3(signature = (name))]
    fn history<'py>(&self, py: Python<'py>, name: Text<Name>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        read::history(self, py, name)
    }

    /// Stores an old version again as the newest, and returns that one.
    ///
    /// Without `version`, undoes the last write or removal.
    ///
    /// Raises `NoVersionError` if there is none, and what `put` raises.
    ///
    ///     >>> client.rollback("db")
    #[pyo3(signature = (name, version=None))]
    fn rollback(
        &self,
        py: Python<'_>,
        name: Text<Name>,
        version: Option<Text<Version>>,
    ) -> PyResult<Option<String>> {
        write::rollback(self, py, name, version)
    }

    /// Removes a secret, and returns the version to restore; None if it is lost.
    ///
    /// With `if_version`, any current version but that one is a conflict.
    ///
    /// Raises `MissingError`, `ConflictError`, and what `list` raises.
    ///
    ///     >>> version = client.delete("db")
    ///     >>> client.rollback("db", version)
    #[pyo3(signature = (name, *, if_version=None))]
    fn delete(
        &self,
        py: Python<'_>,
        name: Text<Name>,
        if_version: Option<Text<IfVersion>>,
    ) -> PyResult<Option<String>> {
        write::delete(self, py, name, if_version)
    }

    /// The variables of references, by name, as `lazycred export` gives them.
    ///
    /// A reference is `NAME[@VERSION][#FIELD]`, `VAR=REFERENCE` or `PREFIX+=REFERENCE`;
    /// later ones override earlier ones. A field's variable is `prefix` and the field's
    /// name, those of fields in it joined by `separator`, in upper or lower `case`, or
    /// `keep`. `arrays`: one variable of `json`, or one for each `index`. `null`: `omit`
    /// it, leave its variable `empty`, or refuse it as `error`. `format`: of secrets:
    /// `json`, `dotenv`, `text`, or `auto` for JSON and else text. `only` and `exclude`
    /// are shell patterns of names; `allow` passes names that are refused, such as
    /// `LD_PRELOAD`. Bytes that are not UTF-8 become surrogates, as in `os.environ`.
    ///
    /// Raises what `get` raises; `UsageError` for a wrong reference, pattern or word;
    /// `ShapeError` or `VariablesError` if a secret cannot become variables, and
    /// `SeveralError` if several references fail.
    ///
    ///     >>> client.load("db", prefix="DB_")
    ///     {'DB_PASSWORD': 'hunter2', 'DB_PORTS': '[5432, 5433]'}
    #[pyo3(
        signature = (*references, **rules),
        text_signature = "(self, *references, prefix='', separator='_', case='upper', arrays='json', null='omit', format='auto', only=(), exclude=(), allow=())"
    )]
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 gives references so")]
    fn load<'py>(
        &self,
        py: Python<'py>,
        references: Vec<Text<References>>,
        rules: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        variables::load(self, py, &references, rules)
    }

    /// This process's environment with the variables of references in it, as
    /// `lazycred exec` gives it to a command.
    ///
    /// The rules are those of `load`. With `no_override`, variables that are set
    /// already win over the secrets'. `os.environ` stays as it is.
    ///
    /// Raises what `load` raises; `VariablesError` too if Linux would not pass on so
    /// much.
    ///
    ///     >>> subprocess.run(["./server"], env=client.environ("db"))
    #[pyo3(
        signature = (*references, **rules),
        text_signature = "(self, *references, prefix='', separator='_', case='upper', arrays='json', null='omit', format='auto', only=(), exclude=(), allow=(), no_override=False)"
    )]
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 gives references so")]
    fn environ<'py>(
        &self,
        py: Python<'py>,
        references: Vec<Text<References>>,
        rules: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        variables::environ(self, py, &references, rules)
    }

    /// Closes the client's connections; the next call opens new ones.
    ///
    /// Leaving a `with` block does the same, and so does the end of the client.
    ///
    ///     >>> client.close()
    fn close(&self) {
        // The lock is free before the connections are closed.
        let live = self.locked().take();
        drop(live);
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __exit__(
        &self,
        kind: &Bound<'_, PyAny>,
        error: &Bound<'_, PyAny>,
        traceback: &Bound<'_, PyAny>,
    ) {
        let _ = (kind, error, traceback);
        self.close();
    }

    /// What comes before each name in the bucket, for the three functions of 0.2.3;
    /// `None` for a folder.
    #[getter(_prefix)]
    fn prefix(&self) -> Option<&str> {
        let StoreAddress::S3 { prefix, .. } = self.config.store() else {
            return None;
        };
        Some(prefix)
    }

    fn __repr__(&self) -> &str {
        &self.shown
    }

    #[expect(clippy::unused_self, reason = "Python calls it as a method")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err(
            "cannot pickle or copy 'lazycred.Client' object: make one where it is used",
        ))
    }
}

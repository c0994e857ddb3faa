//! The class `Client`: the arguments of its methods, and their help.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use lazycred::{Config, Result};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::arguments::{Given, Seconds, Size, Text, Texts};
use crate::config::Arguments;
use crate::live::Live;
use crate::variables::Naming;
use crate::wait::wait;
use crate::{errors, panics, read, variables, write};

/// Reads and stores secrets.
#[pyclass(module = "lazycred", frozen, weakref)]
pub(crate) struct Client {
    config: Config,
    shown: String,
    /// Locked only with the GIL held, so that no fork finds it locked.
    live: Mutex<Option<Arc<Live>>>,
}

impl Client {
    /// Runs a call in this process's runtime, and waits without the GIL.
    pub(crate) fn call<T: Send, F>(
        &self,
        py: Python<'_>,
        call: impl FnOnce(Arc<Live>) -> F,
    ) -> PyResult<T>
    where
        F: Future<Output = Result<T>> + Send,
    {
        let live = self.live(py)?;
        wait(py, &live, call(Arc::clone(&live)))
    }

    /// This process's runtime. Making it reads variables, which Python may change
    /// only with the GIL.
    fn live(&self, py: Python<'_>) -> PyResult<Arc<Live>> {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(live) = live.as_ref().filter(|live| live.is_ours()) {
            return Ok(Arc::clone(live));
        }
        let started = panics::caught(|| Live::start(self.config.clone()))
            .map_err(|panicked| errors::internal(py, &panicked))?;
        let started = Arc::new(started.map_err(|error| errors::raised(py, &error))?);
        *live = Some(Arc::clone(&started));
        Ok(started)
    }
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(
        signature = (*, s3_path=None, key_alias=None, region=None, profile=None, bucket_region=None, account=None, format=None, min_format=None, max_age=None, sse=None, keys=None, key_accounts=None, pin_key=None, cache=None, config=None, environment=None, timeout=Seconds::default(), max_size=Size::default(), verify=true, stale_if_error=false),
        text_signature = "(*, s3_path=None, key_alias=None, region=None, profile=None, bucket_region=None, account=None, format=None, min_format=None, max_age=None, sse=None, keys=None, key_accounts=None, pin_key=None, cache=None, config=None, environment=None, timeout=30.0, max_size=67108864, verify=True, stale_if_error=False)"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a keyword")]
    fn new(
        py: Python<'_>,
        s3_path: Option<Text>,
        key_alias: Option<Text>,
        region: Option<Text>,
        profile: Option<Text>,
        bucket_region: Option<Text>,
        account: Option<Text>,
        format: Option<i64>,
        min_format: Option<i64>,
        max_age: Option<Text>,
        sse: Option<Text>,
        keys: Option<Texts>,
        key_accounts: Option<Texts>,
        pin_key: Option<bool>,
        cache: Option<bool>,
        config: Option<PathBuf>,
        environment: Option<Text>,
        timeout: Seconds,
        max_size: Size,
        verify: bool,
        stale_if_error: bool,
    ) -> PyResult<Self> {
        let text = |text: Option<Text>| text.map(|text| text.0);
        let more = [
            ("bucket_region", bucket_region.is_some()),
            ("account", account.is_some()),
            ("format", format.is_some()),
            ("min_format", min_format.is_some()),
            ("max_age", max_age.is_some()),
            ("sse", sse.is_some()),
            ("keys", keys.is_some()),
            ("key_accounts", key_accounts.is_some()),
            ("pin_key", pin_key.is_some()),
            ("cache", cache.is_some()),
        ];
        let arguments = Arguments {
            s3_path: text(s3_path),
            key_alias: text(key_alias),
            region: text(region),
            profile: text(profile),
            config,
            environment: text(environment),
            more: more.iter().filter(|more| more.1).map(|more| more.0).collect(),
            timeout,
            max_size,
            verify,
            stale_if_error,
        };
        let config = arguments.config();
        Ok(Self {
            config: config.map_err(|error| errors::raised(py, &error))?,
            shown: arguments.shown(),
            live: Mutex::default(),
        })
    }

    /// The secret's bytes.
    #[pyo3(signature = (name, field=None, *, version=None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        name: Text,
        field: Option<Text>,
        version: Option<Text>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        read::bytes(self, py, name, field, version)
    }

    /// The secret as text.
    #[pyo3(signature = (name, field=None, *, version=None))]
    fn get_text<'py>(
        &self,
        py: Python<'py>,
        name: Text,
        field: Option<Text>,
        version: Option<Text>,
    ) -> PyResult<Bound<'py, PyString>> {
        read::text(self, py, name, field, version)
    }

    /// The secret as JSON.
    #[pyo3(signature = (name, *, version=None))]
    fn get_json<'py>(
        &self,
        py: Python<'py>,
        name: Text,
        version: Option<Text>,
    ) -> PyResult<Bound<'py, PyAny>> {
        read::json(self, py, name, version)
    }

    /// Stores a secret.
    #[pyo3(signature = (name, data, *, if_absent=false, if_version=None))]
    fn put(
        &self,
        py: Python<'_>,
        name: Text,
        data: &Bound<'_, PyAny>,
        if_absent: bool,
        if_version: Option<Text>,
    ) -> PyResult<Option<String>> {
        write::put(self, py, name, data, (if_absent, if_version))
    }

    /// Sets one field.
    #[pyo3(signature = (name, field, value=Given(None), *, json=Given(None)))]
    fn set(
        &self,
        py: Python<'_>,
        name: Text,
        field: Text,
        value: Given<'_>,
        json: Given<'_>,
    ) -> PyResult<Option<String>> {
        write::set(self, py, (name, field), value.0, json.0)
    }

    /// Removes one field.
    fn unset(&self, py: Python<'_>, name: Text, field: Text) -> PyResult<Option<String>> {
        write::unset(self, py, name, field)
    }

    /// The names.
    #[pyo3(signature = (prefix=Text::from("")), text_signature = "(self, prefix='')")]
    fn list(&self, py: Python<'_>, prefix: Text) -> PyResult<Vec<String>> {
        read::list(self, py, prefix)
    }

    /// The versions.
    fn history<'py>(&self, py: Python<'py>, name: Text) -> PyResult<Vec<Bound<'py, PyDict>>> {
        read::history(self, py, name)
    }

    /// Restores a version.
    #[pyo3(signature = (name, version=None))]
    fn rollback(
        &self,
        py: Python<'_>,
        name: Text,
        version: Option<Text>,
    ) -> PyResult<Option<String>> {
        write::rollback(self, py, name, version)
    }

    /// Removes a secret.
    #[pyo3(signature = (name, *, if_version=None))]
    fn delete(
        &self,
        py: Python<'_>,
        name: Text,
        if_version: Option<Text>,
    ) -> PyResult<Option<String>> {
        write::delete(self, py, name, if_version)
    }

    /// Variables.
    #[pyo3(
        signature = (*references, prefix=Text::from(""), separator=Text::from("_"), case=Text::from("upper"), arrays=Text::from("json"), null=Text::from("omit"), format=Text::from("auto"), only=Texts::default(), exclude=Texts::default(), allow=Texts::default()),
        text_signature = "(self, *references, prefix='', separator='_', case='upper', arrays='json', null='omit', format='auto', only=(), exclude=(), allow=())"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a keyword")]
    fn load<'py>(
        &self,
        py: Python<'py>,
        references: Vec<Text>,
        prefix: Text,
        separator: Text,
        case: Text,
        arrays: Text,
        null: Text,
        format: Text,
        only: Texts,
        exclude: Texts,
        allow: Texts,
    ) -> PyResult<Bound<'py, PyDict>> {
        let naming = Naming {
            prefix,
            separator,
            case,
            arrays,
            null,
            format,
            only,
            exclude,
            allow,
        };
        variables::load(self, py, &references, &naming)
    }

    /// Closes connections.
    fn close(&self) {
        let live = self
            .live
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(live);
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (kind, error, traceback))]
    fn __exit__(
        &self,
        kind: &Bound<'_, PyAny>,
        error: &Bound<'_, PyAny>,
        traceback: &Bound<'_, PyAny>,
    ) {
        let _ = (kind, error, traceback);
        self.close();
    }

    fn __repr__(&self) -> &str {
        &self.shown
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err(
            "cannot pickle or copy 'lazycred.Client': make one where it is used",
        ))
    }
}

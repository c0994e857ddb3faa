//! How AWS is reached, and as whom: what is known before anything is asked.

use super::in_aws::Setup;
use crate::base::Result;

impl Setup {
    /// Where the credentials come from, in words; `None` if nothing gives any. Nobody
    /// is asked for them.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// let source = setup.credentials_source();
    /// assert_eq!(source, Some("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn credentials_source(&self) -> Option<&str> {
        self.aws.credentials_source()
    }

    /// The services that are asked for credentials: `STS`, `SSO`, `SSO OIDC`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// if setup.credential_services().contains(&"SSO") {
    ///     println!("{:?}", setup.endpoint("SSO"));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn credential_services(&self) -> &'static [&'static str] {
        self.aws.credential_services()
    }

    /// The proxy and the variable that names it, in words, without its user name and
    /// password.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// assert_eq!(setup.proxy().as_deref(), Some("`http://proxy:3128`, from HTTPS_PROXY"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn proxy(&self) -> Option<String> {
        self.aws.proxy()
    }

    /// The certificates to trust and what names them, in words; `None` if nothing does.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`](crate::Error::Usage) if they cannot be read, or none is usable.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(setup: lazycred::setup::Setup) -> lazycred::Result<()> {
    /// assert_eq!(setup.certificates()?.as_deref(), Some("`ca.pem`, from AWS_CA_BUNDLE"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn certificates(&self) -> Result<Option<String>> {
        self.aws.certificates()
    }
}

//! The profile's own source of credentials, and the roles on the way to it.
//!
//! The rules are those of AWS's own command line, except that nothing is passed over:
//! what cannot be used is an error that names profile and file.
//!
//! Source: `botocore.credentials` and `aws_config::profile::credentials::repr`.

use aws_credential_types::Credentials;

use super::instance;
use super::plan::{Base, Plan, Role, TokenOf, session_name};
use super::profile::{Members, Profiles};
use super::variables::{CONTAINER, ID, SECRET, has_keys, names_a_container};
use crate::base::{Error, OneLine, Result, shell_word};

impl Profiles {
    /// The chosen profile's source of credentials; `None` if it has none.
    pub(super) fn plan(&self) -> Result<Option<Plan>> {
        let mut roles = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        let mut name = self.name();
        loop {
            let Some(profile) = self.members(name) else {
                return match seen.last() {
                    None => Ok(None),
                    Some(by) => Err(self.no_source(by, name)),
                };
            };
            seen.push(name);
            if seen.len() > 1
                && profile.pair()?.is_some()
                && let Some(base) = profile.pair_or_process(self)?
            {
                return Ok(Some(Plan::in_turn(base, roles)));
            }
            let role = profile.get("role_arn");
            let role = role.filter(|_| profile.get("web_identity_token_file").is_none());
            let Some(arn) = role else {
                let base = profile.base(self)?;
                return match base {
                    None if seen.len() > 1 => Err(Error::usage_hint(
                        format!(
                            "{profile}, the `source_profile` of `{}`, holds no credentials",
                            OneLine(seen[seen.len() - 2])
                        ),
                        "give it credentials, or name another `source_profile`",
                    )),
                    None => Ok(None),
                    Some(base) => Ok(Some(Plan::in_turn(base, roles))),
                };
            };
            profile.check_role()?;
            roles.push(Role {
                profile: name.to_owned(),
                arn: arn.to_owned(),
                external_id: profile.get("external_id").map(str::to_owned),
                session_name: profile.get("role_session_name").map(str::to_owned),
            });
            match profile.get("source_profile") {
                Some(source) if source != name => {
                    if seen.contains(&source) {
                        return Err(circle(&seen, source));
                    }
                    name = source;
                }
                _ => {
                    return match profile.base(self)? {
                        Some(base) => Ok(Some(Plan::in_turn(base, roles))),
                        None => Err(Error::usage_hint(
                            format!(
                                "{profile}, is its own `source_profile`, but holds no credentials"
                            ),
                            "give it credentials, or name another `source_profile`",
                        )),
                    };
                }
            }
        }
    }
}

fn circle(seen: &[&str], again: &str) -> Error {
    let names: Vec<String> = seen
        .iter()
        .chain([&again])
        .map(|name| format!("`{}`", OneLine(name)))
        .collect();
    Error::usage_hint(
        format!(
            "`source_profile` of the AWS profiles leads in a circle: {}",
            names.join(" → ")
        ),
        "break the circle: give one of them credentials of its own",
    )
}

impl Members<'_> {
    /// Refuses a role that cannot be assumed.
    fn check_role(&self) -> Result<()> {
        if self.get("mfa_serial").is_some() {
            let name = shell_word(self.name());
            return Err(Error::usage_hint(
                format!(
                    "{self}, has `mfa_serial`: its role needs a code, which lazycred cannot ask for"
                ),
                format!(
                    "use another profile with `credential_process = aws configure export-credentials --profile {name}`, which asks for the code at a terminal, or run `eval \"$(aws configure export-credentials --profile {name} --format env)\"` and unset AWS_PROFILE"
                ),
            ));
        }
        match (self.get("source_profile"), self.get("credential_source")) {
            (Some(_), Some(_)) => Err(Error::usage_hint(
                format!("{self}, has both `source_profile` and `credential_source`"),
                "remove one of them",
            )),
            (None, None) => Err(Error::usage_hint(
                format!("{self}, has `role_arn`, but nothing to assume the role with"),
                "add `source_profile`, `credential_source` or `web_identity_token_file` to it",
            )),
            _ => Ok(()),
        }
    }

    /// Its own source of credentials.
    fn base(&self, profiles: &Profiles) -> Result<Option<Base>> {
        let profile = || self.name().to_owned();
        if let Some(source) = self.get("credential_source") {
            return self.named_source(source, profiles).map(Some);
        }
        if let Some(file) = self.get("web_identity_token_file") {
            let Some(role) = self.get("role_arn") else {
                return Err(Error::usage_hint(
                    format!("{self}, has `web_identity_token_file`, but no `role_arn`"),
                    "add the role that the token is for",
                ));
            };
            let session = self.get("role_session_name").map(str::to_owned);
            return Ok(Some(Base::WebIdentity(TokenOf {
                file: file.into(),
                named_by: format!("`web_identity_token_file` of {}", self.in_short()),
                role: role.to_owned(),
                session_name: session.unwrap_or_else(|| session_name("web-identity-token-profile")),
            })));
        }
        if self.is_of_sso(profiles)? {
            return Ok(Some(Base::Sso { profile: profile() }));
        }
        self.pair_or_process(profiles)
    }

    /// Its pair or its process: a pair in the credentials file comes first, one in the
    /// configuration file last.
    fn pair_or_process(&self, profiles: &Profiles) -> Result<Option<Base>> {
        let profile = || self.name().to_owned();
        if profiles.keeps_keys(self.name()) {
            return self.pair();
        }
        if self.get("login_session").is_some() {
            return Ok(Some(Base::Login { profile: profile() }));
        }
        if let Some(command) = self.get("credential_process") {
            return Ok(Some(Base::Process {
                profile: profile(),
                command: command.to_owned(),
                account: self.get("aws_account_id").map(str::to_owned),
            }));
        }
        self.pair()
    }

    fn named_source(&self, source: &str, profiles: &Profiles) -> Result<Base> {
        let lacks = |what: &str| {
            Error::usage_hint(
                format!(
                    "{self}, has `credential_source = {}`, but {what}",
                    OneLine(source)
                ),
                "set them, or name another `credential_source`",
            )
        };
        match source.to_ascii_lowercase().as_str() {
            "environment" if has_keys()? => Ok(Base::Variables),
            "environment" => Err(lacks(&format!("{ID} and {SECRET} are not set"))),
            "ecscontainer" if names_a_container()? => Ok(Base::Container),
            "ecscontainer" => Err(lacks(&format!("{} are not set", CONTAINER.join(" and ")))),
            "ec2instancemetadata" if instance::is_allowed() => {
                Ok(Base::Instance(instance::metadata(profiles)?))
            }
            "ec2instancemetadata" => Err(Error::usage_hint(
                format!(
                    "{self}, has `credential_source = {}`, but AWS_EC2_METADATA_DISABLED is set",
                    OneLine(source)
                ),
                "unset it, or name another `credential_source`",
            )),
            _ => Err(Error::usage_hint(
                format!("{self}, has an unknown `credential_source`"),
                "it is Environment, EcsContainer or Ec2InstanceMetadata",
            )),
        }
    }

    /// Its pair of keys. Half of one is refused.
    fn pair(&self) -> Result<Option<Base>> {
        let [id, secret] = ["aws_access_key_id", "aws_secret_access_key"];
        let token = self.get("aws_session_token");
        let missing = match (self.get(id), self.get(secret)) {
            (Some(id), Some(secret)) => {
                let mut credentials = Credentials::builder()
                    .access_key_id(id)
                    .secret_access_key(secret)
                    .provider_name("ProfileFile");
                credentials.set_session_token(token.map(str::to_owned));
                let account = self.get("aws_account_id");
                credentials.set_account_id(account.map(Into::into));
                return Ok(Some(Base::Static {
                    of: self.to_string(),
                    credentials: credentials.build(),
                }));
            }
            (None, None) if token.is_none() => return Ok(None),
            (None, _) => id,
            (Some(_), None) => secret,
        };
        Err(Error::usage_hint(
            format!("{self}, has an incomplete key pair: `{missing}` is missing"),
            format!(
                "`aws configure --profile {}` asks for both keys",
                shell_word(self.name())
            ),
        ))
    }

    /// Whether it is of IAM Identity Center. Fails if it lacks something.
    fn is_of_sso(&self, profiles: &Profiles) -> Result<bool> {
        const OWN: [&str; 2] = ["sso_account_id", "sso_role_name"];
        const SHARED: [&str; 2] = ["sso_start_url", "sso_region"];
        let session = self.get("sso_session");
        let has_any = OWN
            .iter()
            .chain(&SHARED)
            .any(|name| self.get(name).is_some());
        if !has_any && session.is_none() {
            return Ok(false);
        }
        let wrong = |what: String| {
            let name = shell_word(self.name());
            Err(Error::usage_hint(
                format!("{self}, {what}"),
                format!("`aws configure sso --profile {name}` sets it up"),
            ))
        };
        if let Some(missing) = OWN.iter().find(|name| self.get(name).is_none()) {
            return wrong(format!("has no `{missing}`"));
        }
        let Some(session) = session else {
            let missing = SHARED.iter().find(|name| self.get(name).is_none());
            return missing.map_or(Ok(true), |missing| wrong(format!("has no `{missing}`")));
        };
        if let Some(beside) = SHARED.iter().find(|name| self.get(name).is_some()) {
            return wrong(format!(
                "has `{beside}`, which belongs into its `sso_session`"
            ));
        }
        let shown = OneLine(session);
        if !profiles.has_session(session) {
            return wrong(format!(
                "names the `sso_session` `{shown}`, which does not exist"
            ));
        }
        let missing = |member: &&&str| profiles.of_session(session, member).is_none();
        let missing = SHARED.iter().find(missing);
        missing.map_or(Ok(true), |missing| {
            wrong(format!(
                "names the `sso_session` `{shown}`, which has no `{missing}`"
            ))
        })
    }
}

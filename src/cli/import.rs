//! `import`: the members of a file become secrets, one each, or all as one.

use std::collections::HashSet;
use std::path::Path;

use super::args::{ImportArgs, ImportFormat};
use super::{Context, input, names};
use crate::client::Client;
use crate::dotenv::{self, Pair};
use crate::error::{Error, Result};
use crate::json::{self, Node};
use crate::name::{OneLine, SecretName};
use crate::seal::check_name;
use crate::secret::Secret;
use crate::write::Precondition;
use crate::yaml;

type Secrets = Vec<(SecretName, Secret)>;

pub(super) fn run(args: &ImportArgs, context: &Context) -> Result<()> {
    let format = args.format.map_or_else(|| by_extension(&args.file), Ok)?;
    let config = context.config()?;
    let given = input::read(&args.file, context.max_size())?;
    if given.len() > context.max_size() {
        return Err(Error::usage("the file is larger than --max-size"));
    }
    let secrets = secrets(args, format, &given)?;
    for (name, _) in &secrets {
        names::check(name.as_str(), args.names.any_name)?;
    }
    let written = config.formats.write;
    Context::with_client(config, async |client| {
        let places = secrets.iter().map(|(name, _)| client.place(name));
        client
            .store
            .check_together(&places.collect::<Result<Vec<_>>>()?)?;
        for (name, _) in &secrets {
            if written == 2 {
                check_name(&client.place(name)?)?;
            }
            if is_there(client, name).await? && !args.replace {
                return Err(Error::Conflict {
                    action: "store",
                    place: client.place(name)?,
                    message: "there is one already, and nothing is imported".into(),
                });
            }
        }
        let precondition = if args.replace {
            Precondition::None
        } else {
            Precondition::Absent
        };
        for (name, secret) in &secrets {
            client.put_if(name, secret, &precondition).await?;
            context.printer.done(&format!("saved {name}"));
        }
        Ok(())
    })
}

/// Whether a name has a record, be it damaged.
async fn is_there(client: &Client, name: &SecretName) -> Result<bool> {
    match client.describe(name, None).await {
        Ok(_) | Err(Error::Damaged { .. }) => Ok(true),
        Err(Error::Missing { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

fn by_extension(file: &Path) -> Result<ImportFormat> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("json") => Ok(ImportFormat::Json),
        Some("env") => Ok(ImportFormat::Dotenv),
        Some("yaml" | "yml") => Ok(ImportFormat::Yaml),
        _ => Err(Error::usage_hint(
            format!("`{}` does not say what form it has", file.display()),
            "--format json, dotenv or yaml does",
        )),
    }
}

fn secrets(args: &ImportArgs, format: ImportFormat, given: &Secret) -> Result<Secrets> {
    let wrong = |what: &str| {
        let file = args.file.display().to_string();
        Error::usage(format!("cannot import `{}`: {what}", OneLine(file)))
    };
    let converted;
    let document = match format {
        ImportFormat::Json => given,
        ImportFormat::Dotenv => {
            let pairs = dotenv::parse(given.as_bytes());
            let pairs = pairs.map_err(|error| wrong(&error.to_string()))?;
            converted = object(&pairs).map_err(|again| {
                wrong(&format!(
                    "line {} has a name that stands before",
                    again.line
                ))
            })?;
            &converted
        }
        ImportFormat::Yaml => {
            let text =
                std::str::from_utf8(given.as_bytes()).map_err(|_| wrong("it is not UTF-8"))?;
            converted = yaml::to_json(text).map_err(|error| wrong(&error.to_string()))?;
            &converted
        }
    };
    let parsed = json::document(document.as_bytes())
        .and_then(|raw| {
            json::compact(raw, "", 0)?;
            json::node(raw, "")
        })
        .map_err(|error| wrong(&error.to_string()))?;
    let Node::Object(members) = parsed else {
        return Err(wrong("it has no members"));
    };
    if let Some(name) = &args.name {
        return Ok(vec![(name.clone(), document.clone())]);
    }
    let secret = |(name, raw): (String, &serde_json::value::RawValue)| {
        let secret = match json::node(raw, "").map_err(|error| wrong(&error.to_string()))? {
            Node::Text(text) => Secret::from(text),
            _ => Secret::from(raw.get()),
        };
        Ok((name.parse()?, secret))
    };
    members.into_iter().map(secret).collect()
}

/// Pairs as a JSON object, or the one whose name is there already.
fn object(pairs: &[Pair]) -> Result<Secret, &Pair> {
    let mut seen = HashSet::new();
    let mut members = Vec::new();
    for pair in pairs {
        if !seen.insert(&pair.name) {
            return Err(pair);
        }
        let value = String::from_utf8_lossy(pair.value.as_bytes());
        members.push(format!(
            "{}: {}",
            json::quoted(&pair.name),
            json::quoted(&value)
        ));
    }
    Ok(Secret::from(format!("{{{}}}", members.join(", "))))
}

//! `put`: stores the contents of a file or of standard input.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use crate::cli::args::PutArgs;
use crate::cli::context::Context;
use crate::cli::input::{self, Given, broken_object};
use crate::cli::output::Label;
use crate::cli::taken;
use crate::text::{OneLine, shell_word};
use crate::{Error, Precondition, ReadBack, Result, SecretName};

pub(in crate::cli) fn run(args: &PutArgs, context: &Context) -> Result<()> {
    args.names.check(args.name.as_str())?;
    let precondition = match &args.if_version {
        _ if args.if_absent => Precondition::Absent,
        Some(version) => Precondition::Version(version.clone()),
        None => Precondition::None,
    };
    precondition.check()?;
    let mut config = context.config()?;
    if args.no_verify {
        config = config.with_read_back(ReadBack::Never);
    }
    match args.file.as_deref() {
        None if io::stdin().is_terminal() => not_a_file(&args.name)?,
        Some(file) if !args.yes && !is_text(file, args, context)? => return Ok(()),
        _ => {}
    }
    let given = Given {
        file: args.file.as_deref(),
        what: &format!("secret `{}`", args.name),
        from_file: &format!("lazycred put {} FILE", args.name.argument()),
        allow_empty: args.allow_empty,
    };
    let remedy = match precondition {
        Precondition::Absent => "without --if-absent, `put` replaces it".to_owned(),
        _ => format!(
            "`lazycred history {}` shows its versions",
            args.name.argument()
        ),
    };
    let hinted = |error| taken::hinted(error, &remedy);
    if given.is_typed() {
        // Nobody types a secret in vain.
        Context::with_client_for(config.clone(), async |client| {
            client.check_names([&args.name])?;
            if args.if_absent && client.exists(&args.name).await? {
                return Err(Error::taken(client.place(&args.name)?, &[]));
            }
            Ok(())
        })
        .map_err(hinted)?;
    }
    let secret = given.read(context.max_size())?;
    let broken = broken_object(&secret);
    let written = Context::with_client_for(config, async |client| {
        client.put_if(&args.name, secret, &precondition).await
    });
    let written = written.map_err(hinted)?;
    context.saved(&args.name, &written);
    if let Some(error) = broken {
        context.warn_of_broken(&args.name, &error);
    }
    Ok(())
}

/// Refuses a name that is a file's: it would be prompted for what is in that file.
fn not_a_file(name: &SecretName) -> Result<()> {
    let Some(file) = input::as_file(name) else {
        return Ok(());
    };
    let word = input::file_argument(file);
    let put = format!("`lazycred put NAME {word}` stores it");
    let hint = if input::is_named_dotenv(file) {
        format!(
            "`lazycred import {word} --as NAME` stores its variables as one secret's fields, {put} as one text"
        )
    } else {
        format!("{put}; a secret of that name is read from a pipe")
    };
    let shown = OneLine(name.as_str());
    let message = format!("`{shown}` is a file, and no name is given for what is in it");
    Err(Error::usage_hint(message, hint))
}

/// Asks at a terminal whether a dotenv file is to be stored as it is: `import` may have
/// been meant, which stores its variables.
fn is_text(file: &Path, args: &PutArgs, context: &Context) -> Result<bool> {
    let printer = context.printer;
    // A name that is no file's may be the secret itself, and is not shown.
    if !input::is_named_dotenv(file) || !file.is_file() || !printer.can_ask() {
        return Ok(true);
    }
    let shown = OneLine(file.to_string_lossy());
    printer.said(&format!("`{shown}` looks like a dotenv file"));
    if printer.ask("store it as one text, not as variables?", false)? {
        return Ok(true);
    }
    let import = format!("lazycred import {}", input::file_argument(file));
    let name = args.name.as_str();
    let joint = if name.starts_with('-') { '=' } else { ' ' };
    let any = if name.contains('=') {
        " --any-name"
    } else {
        ""
    };
    let name = shell_word(name);
    let hint = format!(
        "`{import} --as{joint}{name}{any}` stores its variables as one secret's fields, `{import}` each as a secret; --yes stores the text"
    );
    printer.done("nothing stored");
    printer.message(Label::Hint, &hint);
    Ok(false)
}

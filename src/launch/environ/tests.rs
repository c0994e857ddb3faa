use super::*;

fn environ(inherit: &Inherit, allow: &[&str]) -> Environ {
    let caller = [
        ("A", "1"),
        ("AWS_PROFILE", "p"),
        ("LAZYCRED_LOG", "x"),
        ("PATH", "/bin"),
    ];
    let caller = caller.map(|(name, value)| (name.into(), value.into()));
    let allow = allow.iter().map(|name| name.parse().unwrap()).collect();
    Environ::inherit(caller.into(), inherit, allow)
}

fn listed(environ: &Environ) -> Vec<String> {
    environ
        .entries()
        .map(|entry| String::from_utf8_lossy(&entry[..entry.len() - 1]).into_owned())
        .collect()
}

fn set(environ: &mut Environ, name: &str, value: &str, reference: &str) {
    set_as(environ, name, Some(value), reference, Chosen::BySecret);
}

fn set_as(environ: &mut Environ, name: &str, value: Option<&str>, reference: &str, chosen: Chosen) {
    environ.set(Given {
        name: name.into(),
        value: value.map(Secret::from),
        bytes: value.map(str::len),
        reference: reference.into(),
        path: String::new(),
        chosen,
    });
}

#[test]
fn a_later_source_overrides_an_earlier_one_and_says_so() {
    let mut environ = environ(&Inherit::default(), &[]);
    set(&mut environ, "A", "3", "db");
    set(&mut environ, "A", "4", "web");
    set_as(&mut environ, "PATH", None, "x", Chosen::BySecret);
    let changes: Vec<_> = environ
        .changes()
        .map(|(_, change)| change.overrides.clone().unwrap())
        .collect();
    assert_eq!(changes, ["db", INHERITED]);
    assert_eq!(listed(&environ), ["A=4", "AWS_PROFILE=p", "LAZYCRED_LOG=x"]);
}

#[test]
fn inherited_variables_are_kept_where_that_is_asked_for() {
    let inherit = Inherit {
        no_override: true,
        ..Inherit::default()
    };
    let mut environ = environ(&inherit, &[]);
    set(&mut environ, "A", "3", "db");
    set(&mut environ, "B", "4", "db");
    set(&mut environ, "B", "5", "web");
    let chosen = Chosen::ByEnvironment;
    set_as(&mut environ, "PATH", Some("/x"), "x", chosen);
    assert_eq!(
        listed(&environ),
        ["A=1", "AWS_PROFILE=p", "B=5", "LAZYCRED_LOG=x", "PATH=/x"]
    );
}

#[test]
fn a_refused_name_stops_everything_unless_it_is_allowed_or_typed() {
    let mut refusing = environ(&Inherit::default(), &[]);
    set(&mut refusing, "LD_PRELOAD", "/x", "db");
    let error = refusing.check().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`LD_PRELOAD` of `db` can make another program run code, and is refused"
    );
    let mut allowing = environ(&Inherit::default(), &["LD_PRELOAD"]);
    set(&mut allowing, "LD_PRELOAD", "/x", "db");
    let (typed, chosen) = ("BASH_ENV=db#x", Chosen::ByReference);
    set_as(&mut allowing, "BASH_ENV", Some("/x"), typed, chosen);
    assert!(allowing.check().is_ok());
}

#[test]
fn a_size_that_no_program_can_be_given_names_the_largest_variables() {
    let mut environ = environ(&Inherit::default(), &[]);
    let filler = "x".repeat(LARGEST_ENTRY - 3);
    set(&mut environ, "B", &filler, "db");
    assert!(environ.check().is_ok());
    set(&mut environ, "B", &format!("{filler}x"), "db");
    let message = environ.check().unwrap_err().to_string();
    assert_eq!(
        message,
        "a variable can take 131072 bytes with its name; larger: `B` (131073)"
    );
    let mut environ = self::environ(&Inherit::default(), &[]);
    for name in 0..60 {
        let value = "x".repeat(130_000);
        set(&mut environ, &format!("V{name}"), &value, "db");
    }
    let message = environ.fits((10, 1)).unwrap_err().to_string();
    assert!(
        message.contains("more than the") && message.contains("`V10` (130005)"),
        "{message}"
    );
}

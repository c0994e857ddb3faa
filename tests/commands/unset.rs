//! `unset`.

use crate::support::{FakeAws, Fault, Run, Sandbox};

#[test]
fn a_field_is_taken_out_and_all_else_keeps_its_bytes() {
    let sandbox = Sandbox::local();
    sandbox.put("db", "{ \"a\": 1.10, \"b\": {\"c\": [1, 2]} }\n");
    for (field, expected) in [
        ("/b/c/0", "{ \"a\": 1.10, \"b\": {\"c\": [2]} }\n"),
        ("b", "{ \"a\": 1.10 }\n"),
    ] {
        let unset = sandbox.run(["unset", "db", field]);
        unset.stderr_has("saved db").ok();
        sandbox.run(["get", "db"]).stdout(expected).ok();
    }
}

#[test]
fn a_lost_answer_is_settled_by_a_look_at_what_is_there() {
    for fault in [Fault::Lost, Fault::LostByReset] {
        let fake = FakeAws::start();
        fake.fault("PutObject", fault.once());
        let unset = Run::new(["unset", "db", "a"]).secret("db", r#"{"a": 1}"#);
        unset.aws(&fake).stderr_has("saved db").status(0);
        fake.run(["get", "db"]).stdout("{}").status(0);
    }
}

#[test]
fn a_field_that_may_mean_one_below_leads_to_it() {
    let sandbox = Sandbox::local();
    sandbox.put("db", r#"{"db": {"port": 1}}"#);
    for field in ["db/port", "db.port"] {
        sandbox
            .run(["unset", "db", field])
            .stderr_has("hint: did you mean `/db/port`? the only field of the secret is `db`")
            .status(3);
    }
}

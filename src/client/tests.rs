//! What the calls are, whatever they do.

use super::*;

#[test]
fn calls_can_be_spawned_on_other_threads() {
    fn spawnable<T: Send>(_: &T) {}
    let client = Client::in_memory();
    let name: SecretName = "db".parse().unwrap();
    let (rules, rekey) = (crate::Rules::default(), crate::Rekey::default());
    spawnable(&client.get(&name));
    spawnable(&client.get(String::from("db")));
    spawnable(&client.put("db", "hunter2"));
    spawnable(&client.set("db", "user", Secret::from("app")));
    spawnable(&client.load(["db", "A=db#user"]));
    spawnable(&client.load_with([&name], &rules));
    spawnable(&client.check_put(vec![&name], crate::Replace::Never));
    spawnable(&client.diff((&name, None), ("db", None)));
    spawnable(&client.update(&name, |_| Ok(None)));
    spawnable(&client.rename(&name, "to", crate::Replace::Never));
    spawnable(&client.rekey(&name, &rekey));
    spawnable(&client.delete(name.clone()));
}

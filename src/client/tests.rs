//! What the calls are, whatever they do.

use super::*;

#[test]
fn calls_can_be_spawned_on_other_threads() {
    fn spawnable<T: Send>(_: &T) {}
    let client = Client::in_memory();
    let name: SecretName = "db".parse().unwrap();
    let (secret, rekey) = (Secret::from("hunter2"), crate::Rekey::default());
    spawnable(&client.get(&name));
    spawnable(&client.put(&name, &secret));
    spawnable(&client.update(&name, |_| Ok(None)));
    spawnable(&client.rename(&name, &name, crate::Replace::Never));
    spawnable(&client.rekey(&name, &rekey));
    spawnable(&client.delete(&name));
}

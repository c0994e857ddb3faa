//! Of what starts commands, the names that no secret may give.

#[path = "../../src/launch/refused.rs"]
pub(crate) mod refused;

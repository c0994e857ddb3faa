//! What a secret becomes.

mod byte_order;
mod properties;

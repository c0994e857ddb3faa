//! lazycred as the first process of a container made of two static programs.
//!
//! A container is had in two ways: a root folder in namespaces of its own,
//! which needs `unshare`, and the image of `examples/docker`, which needs
//! podman and runc. Where no engine can run, the first shows the same.

mod image;
mod namespace;
mod volumes;

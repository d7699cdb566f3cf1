//! The service over real sockets, on real databases.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests fail by panicking and start their own tasks"
)]

mod support;

mod conformance;
mod cors;
mod deferred;
mod errors;
mod health;
mod items;
mod limits;
mod openapi;
mod outage;
mod pages;
mod request_ids;
mod servers_list;
mod servers_versions;
mod shutdown;
mod slow_clients;

//! What a user of the settings and of the database URL meets.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests; the lint exempts only the tests themselves"
)]

mod bad_settings;
mod database_url;
mod libpq;
mod precedence;
mod production;
mod reference;
mod secrets;
mod support;
mod trusted;

//! The test kit, on itself.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests are tests; the lint knows only functions marked #[test]"
)]

mod cancel;
mod database;
mod private;
mod proxy;
mod soak;
mod template;

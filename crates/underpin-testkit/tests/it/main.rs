//! The test kit, on itself.

mod cancel;
mod database;
mod private;
mod proxy;

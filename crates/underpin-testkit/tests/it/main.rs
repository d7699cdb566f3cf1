//! The test kit, on itself.

mod cancel;
mod private;
mod proxy;

//! The command line's own error, and how to find kind and hint in the chain of any error.

use std::error::Error as StdError;
use underpin_core::Diagnose;

underpin_core::define_error! {
    /// A mistake the command line itself finds: `Error::new(ErrorKind::Refused, "…").with_hint("…")`.
    pub struct Error;
}

/// The first of our errors in the chain, outermost first.
pub(crate) fn diagnose(error: &anyhow::Error) -> Option<&dyn Diagnose> {
    error.chain().find_map(as_ours)
}

/// The outermost hint of the chain.
pub(crate) fn hint(error: &anyhow::Error) -> Option<&str> {
    error.chain().filter_map(as_ours).find_map(Diagnose::hint)
}

/// `dyn Error` can only be cast to a named type, so every crate's error is tried.
fn as_ours<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a dyn Diagnose> {
    cast::<Error>(error)
        .or_else(|| cast::<underpin_core::config::Error>(error))
        .or_else(|| cast::<underpin_core::config::Error>(error))
        .or_else(|| cast::<underpin_pool::Error>(error))
        .or_else(|| cast::<underpin_local::Error>(error))
        .or_else(|| cast::<underpin_migrate::Error>(error))
        .or_else(|| cast::<underpin_stores::Error>(error))
        .or_else(|| cast::<underpin_server::Error>(error))
}

fn cast<'a, T: Diagnose>(error: &'a (dyn StdError + 'static)) -> Option<&'a dyn Diagnose> {
    error
        .downcast_ref::<T>()
        .map(|error| error as &dyn Diagnose)
}

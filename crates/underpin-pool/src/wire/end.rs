//! Why a connection ended, kept for everyone who asks later.

use crate::Error;
use std::fmt;
use std::sync::Arc;

/// The end of a connection, as a cause of the errors of all its requests.
#[derive(Debug, Clone)]
pub(crate) struct EndCause(pub(super) Arc<Error>);

impl fmt::Display for EndCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for EndCause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

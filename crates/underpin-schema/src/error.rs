//! The crate's error.

underpin_core::define_error! {
    /// Why a schema could not be read.
    pub struct Error;
}

impl From<underpin_pool::Error> for Error {
    fn from(cause: underpin_pool::Error) -> Self {
        Self::caused_by("the catalog could not be read", cause)
    }
}

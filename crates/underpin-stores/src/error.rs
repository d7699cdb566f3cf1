//! The stores' error.

underpin_core::define_error! {
    /// Why a store could not do what it was asked.
    ///
    /// The kinds to act on: `InvalidInput` (a request that cannot be meant: its message names the parameter),
    /// `NotFound`, and whatever the pool reports when the database itself is the trouble.
    pub struct Error;
}

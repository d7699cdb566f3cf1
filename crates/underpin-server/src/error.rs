//! Why the service could not start or had to stop.

underpin_core::define_error! {
    /// Why the service could not start or had to stop.
    ///
    /// What goes wrong inside a request never becomes one of these: it becomes a [`Problem`](crate::Problem).
    pub struct Error;
}

//! A value that never prints itself.

use serde::{Deserialize, Deserializer};
use std::fmt;

/// What is printed in a secret's place.
pub const MASK: &str = "********";

/// A password, token or key: `Debug` and `Display` print a mask, and it does not implement `Serialize`.
///
/// ```
/// use underpin_core::Secret;
/// let password = Secret::new(String::from("hunter2"));
/// assert_eq!(format!("{password} {password:?}"), "******** ********");
/// assert_eq!(password.expose(), "hunter2");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Every call is a place where it could leak: keep them few.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

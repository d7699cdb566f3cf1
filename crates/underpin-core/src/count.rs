//! Numbers with their nouns.

use std::fmt::Display;

/// `0 rows`, `1 row`, `2 rows`: for nouns whose plural ends in `s`.
///
/// ```
/// use underpin_core::counted;
///
/// assert_eq!(counted(1_u64, "other"), "1 other");
/// assert_eq!(counted(0_usize, "other"), "0 others");
/// ```
#[must_use]
pub fn counted<N: Copy + Display + PartialEq + From<bool>>(count: N, noun: &str) -> String {
    let ending = if count == N::from(true) { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

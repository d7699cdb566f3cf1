//! What is done although it destroys something.

use crate::Error;
use crate::lint::{self, Rule};
use std::str::FromStr;

/// The word for drops beside additions that look alike.
pub(super) const UNDECLARED_RENAME: &str = "undeclared-rename";

/// What is done although it destroys something, or although it was not declared.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    /// Everything.
    pub all: bool,
    /// Hazards of these rules.
    pub rules: Vec<&'static Rule>,
    /// Drops beside additions that look like renames.
    pub undeclared_renames: bool,
}

/// One thing that is allowed: a rule by its name or number, or `undeclared-rename`.
///
/// ```
/// use underpin_migrate::diff::{Allowed, Permission};
///
/// let mut allowed = Allowed::default();
/// allowed.extend(["rule30".parse::<Permission>()?, "undeclared-rename".parse()?]);
/// assert!(allowed.undeclared_renames && !allowed.all);
/// assert!("no-such-rule".parse::<Permission>().is_err());
/// # Ok::<(), underpin_migrate::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Permission(What);

#[derive(Debug, Clone)]
enum What {
    Rules(Vec<&'static Rule>),
    UndeclaredRenames,
}

impl FromStr for Permission {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        Ok(Self(match word {
            UNDECLARED_RENAME => What::UndeclaredRenames,
            _ => What::Rules(lint::rule(word)?),
        }))
    }
}

impl Extend<Permission> for Allowed {
    fn extend<T: IntoIterator<Item = Permission>>(&mut self, permissions: T) {
        for Permission(what) in permissions {
            match what {
                What::Rules(rules) => self.rules.extend(rules),
                What::UndeclaredRenames => self.undeclared_renames = true,
            }
        }
    }
}

//! Who may do what with an object.

use serde::Serialize;
use std::collections::BTreeSet;

/// Privileges on an object, as far as they differ from those that it has by default.
///
/// By default the owner may do everything, and everybody may execute functions and use types.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Privileges {
    /// Given beyond the default.
    pub granted: BTreeSet<Grant>,
    /// Taken away from the default.
    pub revoked: BTreeSet<Grant>,
}

/// One privilege of one role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Grant {
    /// Who.
    pub grantee: Grantee,
    /// `SELECT`, `EXECUTE`, `USAGE`, …
    pub privilege: String,
    /// May it be passed on?
    pub grantable: bool,
}

/// Whom a privilege or a policy is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grantee {
    /// Everybody.
    Public,
    /// The owner of the object, whoever that is.
    Owner,
    /// A role.
    Role(String),
}

impl Privileges {
    /// Is everything as it is by default?
    #[must_use]
    pub fn are_default(&self) -> bool {
        self.granted.is_empty() && self.revoked.is_empty()
    }

    /// What has to be granted and revoked where privileges were different before.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let only = |these: &BTreeSet<Grant>, those: &BTreeSet<Grant>| -> BTreeSet<Grant> {
            these.difference(those).cloned().collect()
        };
        let granted = only(&self.granted, &before.granted);
        let revoked = only(&self.revoked, &before.revoked);
        Self {
            granted: &granted | &only(&before.revoked, &self.revoked),
            revoked: &revoked | &only(&before.granted, &self.granted),
        }
    }

    /// The same, with the owner by name.
    pub(crate) fn of_owner(&self, owner: &str) -> Self {
        let named = |grants: &BTreeSet<Grant>| {
            let grants = grants.iter().cloned().map(|grant| match grant.grantee {
                Grantee::Owner => Grant {
                    grantee: Grantee::Role(owner.to_owned()),
                    ..grant
                },
                _ => grant,
            });
            grants.collect()
        };
        Self {
            granted: named(&self.granted),
            revoked: named(&self.revoked),
        }
    }

    /// Gives a role a privilege: `grant("reader", "SELECT")`.
    pub fn grant(&mut self, role: impl Into<String>, privilege: impl Into<String>) {
        self.granted.insert(Grant {
            grantee: Grantee::Role(role.into()),
            privilege: privilege.into(),
            grantable: false,
        });
    }
}

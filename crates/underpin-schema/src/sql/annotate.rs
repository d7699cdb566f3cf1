//! Comments and privileges.

use super::list::joined;
use crate::{
    DefaultPrivileges, ExtensionTie, Grant, Grantee, Object, Privileges, quote_identifier,
    quote_literal,
};
use std::collections::{BTreeMap, BTreeSet};

/// `COMMENT ON TABLE public.notes IS '…'`; None takes the comment away.
#[must_use]
pub fn comment_on(object: &str, comment: Option<&str>) -> String {
    let text = comment.map_or_else(|| "NULL".to_owned(), quote_literal);
    format!("COMMENT ON {object} IS {text}")
}

/// The statements that bring privileges on an object from the default to these. `column` narrows them to one column.
///
/// The owner is whoever runs them.
#[must_use]
pub fn grants(object: &str, column: Option<&str>, privileges: &Privileges) -> Vec<String> {
    let column = column
        .map(|name| format!(" ({})", quote_identifier(name)))
        .unwrap_or_default();
    let Privileges { granted, revoked } = privileges;
    let revokes = by_grantee(revoked).map(|((grantee, _), privileges)| {
        let privileges = joined(privileges.iter().map(|name| format!("{name}{column}")));
        format!("REVOKE {privileges} ON {object} FROM {}", role(grantee))
    });
    let grants = by_grantee(granted).map(|((grantee, grantable), privileges)| {
        let privileges = joined(privileges.iter().map(|name| format!("{name}{column}")));
        let option = if grantable { " WITH GRANT OPTION" } else { "" };
        format!(
            "GRANT {privileges} ON {object} TO {}{option}",
            role(grantee)
        )
    });
    revokes.chain(grants).collect()
}

/// The statements that set default privileges.
#[must_use]
pub fn grant_default(entry: &DefaultPrivileges) -> Vec<String> {
    let DefaultPrivileges { key, privileges } = entry;
    let mut prefix = "ALTER DEFAULT PRIVILEGES".to_owned();
    if let Some(role) = &key.role {
        prefix.push_str(&format!(" FOR ROLE {}", quote_identifier(role)));
    }
    if let Some(schema) = &key.schema {
        prefix.push_str(&format!(" IN SCHEMA {}", quote_identifier(schema)));
    }
    let statements = grants(key.objects.sql(), None, privileges).into_iter();
    statements
        .map(|statement| format!("{prefix} {statement}"))
        .collect()
}

/// `ALTER … DEPENDS ON EXTENSION`, or with NO; None for what cannot depend on one.
#[must_use]
pub fn depend_on_extension(tie: &ExtensionTie, depends: bool) -> Option<String> {
    let (object, extension) = &tie.tie;
    let target = match object {
        Object::Function(signature) => format!("ROUTINE {signature}"),
        Object::Index(name) => format!("INDEX {name}"),
        Object::Constraint(part) => format!("INDEX {}", part.of.sibling(&part.name)),
        Object::MaterialisedView(name) => format!("MATERIALIZED VIEW {name}"),
        Object::Trigger(part) => format!("TRIGGER {} ON {}", quote_identifier(&part.name), part.of),
        _ => return None,
    };
    let no = if depends { "" } else { "NO " };
    let extension = quote_identifier(extension);
    Some(format!(
        "ALTER {target} {no}DEPENDS ON EXTENSION {extension}"
    ))
}

/// How a role is named in GRANT, REVOKE and policies.
pub(super) fn role(grantee: &Grantee) -> String {
    match grantee {
        Grantee::Public => "PUBLIC".to_owned(),
        Grantee::Owner => "CURRENT_USER".to_owned(),
        Grantee::Role(name) => quote_identifier(name).into_owned(),
    }
}

/// What each role has, that may be passed on or not.
fn by_grantee(
    grants: &BTreeSet<Grant>,
) -> impl Iterator<Item = ((&Grantee, bool), BTreeSet<&str>)> {
    let mut all: BTreeMap<(&Grantee, bool), BTreeSet<&str>> = BTreeMap::new();
    for grant in grants {
        let privileges = all.entry((&grant.grantee, grant.grantable)).or_default();
        privileges.insert(&grant.privilege);
    }
    all.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_of_one_role_share_a_statement() {
        let mut privileges = Privileges::default();
        privileges.grant("reader", "SELECT");
        privileges.grant("reader", "INSERT");
        privileges.revoked.insert(Grant {
            grantee: Grantee::Public,
            privilege: "EXECUTE".to_owned(),
            grantable: false,
        });
        let expected = [
            "REVOKE EXECUTE ON t FROM PUBLIC",
            "GRANT INSERT, SELECT ON t TO reader",
        ];
        assert_eq!(grants("t", None, &privileges), expected);
    }
}

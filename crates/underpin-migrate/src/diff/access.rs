//! Who may read or write what, before a change and after it.

use std::collections::{BTreeMap, BTreeSet};
use underpin_schema::{
    Catalog, Change, ChangeKind, DefaultPrivileges, Grantee, Namespace, Object, Part, Policy,
    PolicyCommand, Privileges, QualifiedName, Table, sql,
};

/// A change of what somebody may do: the lint rule that tells about it, and who could do what before and after.
///
/// None for what is new with this plan, and for what is only made again as it was.
pub(super) fn change(
    change: &Change,
    sides: (&Catalog, &Catalog),
) -> Option<(&'static str, String)> {
    let statement = change.statements.first()?;
    if change.kind == ChangeKind::Create {
        return made_again(&change.object, sides);
    }
    let told = match &change.object {
        Object::Policy(part) => return policy(part, sides),
        _ if statement.contains(" ROW LEVEL SECURITY") => row_security(&change.object, sides),
        _ if statement.contains(" OWNER TO ") => owner(&change.object, sides),
        Object::DefaultPrivileges => default_privileges(change, sides),
        _ if statement.starts_with("GRANT ") || statement.starts_with("REVOKE ") => {
            match &change.object {
                Object::Extension(name) => member(name, change, sides),
                object => privileges(object, sides),
            }
        }
        object => rights_of(object, sides),
    }?;
    Some((rule(statement), told))
}

/// What is dropped and made again may come back with other rights.
fn made_again(object: &Object, sides: (&Catalog, &Catalog)) -> Option<(&'static str, String)> {
    let (from, to) = sides;
    if let Some(told) = rights_of(object, sides) {
        let rule = match object {
            Object::View(_) => "ban-alter-view-options",
            _ => "ban-alter-function-options",
        };
        return Some((rule, told));
    }
    if let Some(told) = row_security(object, sides) {
        return Some(("ban-alter-row-level-security", told));
    }
    if let Some(told) = owner(object, sides) {
        return Some(("ban-revoke", told));
    }
    let change = held(object, to)?.since(&held(object, from)?);
    let rule = match change.revoked.is_empty() {
        true => "grant",
        false => "ban-revoke",
    };
    Some((rule, privileges(object, sides)?))
}

/// The rule that tells about a statement.
fn rule(statement: &str) -> &'static str {
    if statement.contains(" ROW LEVEL SECURITY") {
        return "ban-alter-row-level-security";
    }
    let words: Vec<&str> = statement.split_whitespace().collect();
    match words.as_slice() {
        ["GRANT", ..] => "grant",
        ["ALTER", "DEFAULT", ..] if words.contains(&"GRANT") => "grant",
        ["ALTER" | "CREATE", ..] if words.contains(&"VIEW") && !words.contains(&"OWNER") => {
            "ban-alter-view-options"
        }
        ["CREATE", ..] => "ban-alter-function-options",
        _ => "ban-revoke",
    }
}

fn policy(part: &Part, (from, to): (&Catalog, &Catalog)) -> Option<(&'static str, String)> {
    // A table that is new has no reader yet, and one that goes has none any more.
    let (old, new) = (
        from.schema.tables.get(&part.of)?,
        to.schema.tables.get(&part.of)?,
    );
    let plain = |table: &Table| {
        let policy = table.policies.get(&part.name).cloned();
        policy.map(|it| Policy {
            comment: None,
            ..it
        })
    };
    let (before, after) = (plain(old), plain(new));
    if before == after {
        return None;
    }
    let rule = match (&before, &after) {
        (_, None) => "ban-drop-policy",
        (None, Some(_)) => "ban-create-policy",
        (Some(before), Some(after)) if before.roles != after.roles => "ban-alter-policy-roles",
        _ => "ban-alter-policy-condition",
    };
    let told = format!(
        "rows of {} by policy {}: before {}; after {}",
        part.of,
        part.name,
        policy_text(before.as_ref()),
        policy_text(after.as_ref())
    );
    Some((rule, told))
}

fn policy_text(policy: Option<&Policy>) -> String {
    let Some(policy) = policy else {
        return String::from("none");
    };
    let command = match policy.command {
        PolicyCommand::All => "everything",
        other => other.sql(),
    };
    let kind = if policy.permissive {
        "allows"
    } else {
        "restricts"
    };
    let roles: Vec<String> = policy.roles.iter().map(|it| name(it, None)).collect();
    let mut text = format!("{kind} {command} for {}", roles.join(", "));
    if let Some(using) = &policy.using {
        text.push_str(&format!(" on rows with {using}"));
    }
    if let Some(check) = &policy.with_check {
        text.push_str(&format!(", to be written with {check}"));
    }
    text
}

fn row_security(object: &Object, (from, to): (&Catalog, &Catalog)) -> Option<String> {
    let Object::Table(table) = object else {
        return None;
    };
    let (before, after) = (from.schema.tables.get(table)?, to.schema.tables.get(table)?);
    if before.row_security == after.row_security {
        return None;
    }
    Some(format!(
        "rows of {table}: before {}; after {}",
        rows_text(before),
        rows_text(after)
    ))
}

fn rows_text(table: &Table) -> String {
    let security = table.row_security;
    if !security.enabled {
        return String::from("all, for whoever has privileges on it");
    }
    let policies: Vec<String> = table
        .policies
        .iter()
        .map(|policy| {
            let roles: Vec<String> = policy.roles.iter().map(|it| name(it, None)).collect();
            format!("{} for {}", policy.name, roles.join(", "))
        })
        .collect();
    let policies = match policies.is_empty() {
        true => String::from("none, as there is no policy"),
        false => format!("by policies {}", policies.join("; ")),
    };
    let owner = match security.forced {
        true => "for its owner, too",
        false => "all for its owner",
    };
    format!("{policies} ({owner})")
}

fn owner(object: &Object, (from, to): (&Catalog, &Catalog)) -> Option<String> {
    let (before, after) = (from.owners.of(object)?, to.owners.of(object)?);
    if before == after {
        return None;
    }
    let runs_as_owner = match object {
        Object::View(name) => to
            .schema
            .views
            .get(name)
            .is_some_and(|it| it.runs_as_owner()),
        Object::Function(it) => {
            let function = to.schema.functions.get(it);
            function.is_some_and(|it| it.runs_as_owner())
        }
        Object::MaterialisedView(_) => true,
        _ => false,
    };
    let means = match runs_as_owner {
        true => ", with whose rights it reads and writes",
        false => "",
    };
    Some(format!(
        "owner of {object}{means}: before {before}; after {after}"
    ))
}

/// `SECURITY DEFINER` of a function, `security_invoker` of a view.
fn rights_of(object: &Object, (from, to): (&Catalog, &Catalog)) -> Option<String> {
    let runs_as_owner = |catalog: &Catalog| match object {
        Object::View(name) => Some(catalog.schema.views.get(name)?.runs_as_owner()),
        Object::Function(it) => Some(catalog.schema.functions.get(it)?.runs_as_owner()),
        _ => None,
    };
    let (before, after) = (runs_as_owner(from)?, runs_as_owner(to)?);
    if before == after {
        return None;
    }
    let text = |as_owner: bool, catalog: &Catalog| match (as_owner, catalog.owners.of(object)) {
        (true, Some(owner)) => format!("those of its owner {owner}"),
        (true, None) => String::from("those of its owner"),
        (false, _) => String::from("those of whoever uses it"),
    };
    Some(format!(
        "rights with which {object} reads and writes: before {}; after {}",
        text(before, from),
        text(after, to)
    ))
}

fn default_privileges(change: &Change, (from, to): (&Catalog, &Catalog)) -> Option<String> {
    let entries = |catalog: &Catalog| catalog.schema.default_privileges.clone();
    let (before, after) = (entries(from), entries(to));
    let keys = before.iter().chain(&after).map(|it| &it.key);
    let empty = Privileges::default();
    let of = |privileges: Option<&DefaultPrivileges>| {
        privileges.map_or_else(|| empty.clone(), |it| it.privileges.clone())
    };
    let (key, old, new) = keys
        .map(|key| (key, of(before.get(key)), of(after.get(key))))
        .find(|(key, old, new)| {
            let changed = |privileges| {
                sql::grant_default(&DefaultPrivileges {
                    key: (*key).clone(),
                    privileges,
                })
            };
            old != new && changed(new.since(old)) == change.statements
        })?;
    let owner = key.role.as_deref();
    let maker = owner.unwrap_or("the role that runs this");
    let place = key.schema.as_ref();
    let place = place.map_or_else(String::new, |schema| format!(" in schema {schema}"));
    let what = format!("{} that {maker} makes later{place}", key.objects.sql());
    holders_text(&what, (&old, owner), (&new, owner), false)
}

fn member(extension: &str, change: &Change, (from, to): (&Catalog, &Catalog)) -> Option<String> {
    let is_there = |catalog: &Catalog| catalog.schema.extensions.contains(extension);
    if !is_there(from) || !is_there(to) {
        return None;
    }
    let done = change.statements.join("; ");
    Some(format!(
        "privileges on a member of extension {extension}: {done}"
    ))
}

fn privileges(object: &Object, (from, to): (&Catalog, &Catalog)) -> Option<String> {
    let owner_of = match object {
        Object::Column(part) => Object::Table(part.of.clone()),
        _ => object.clone(),
    };
    let (before, after) = (held(object, from)?, held(object, to)?);
    let public = matches!(object, Object::Function(_) | Object::Type(_));
    let told = holders_text(
        &object.to_string(),
        (&before, from.owners.of(&owner_of)),
        (&after, to.owners.of(&owner_of)),
        public,
    );
    // The columns of a view are told with it.
    told.or_else(|| {
        let columns = columns(object, from)?.into_iter();
        let after = columns_of(object, to);
        let told = columns.filter_map(|(column, before)| {
            let now = after.get(&column)?;
            let owners = (from.owners.of(&owner_of), to.owners.of(&owner_of));
            let what = format!("column {column} of {object}");
            holders_text(&what, (&before, owners.0), (now, owners.1), false)
        });
        Some(told.collect::<Vec<_>>().join("; ")).filter(|it| !it.is_empty())
    })
}

fn columns(object: &Object, catalog: &Catalog) -> Option<BTreeMap<String, Privileges>> {
    let schema = &catalog.schema;
    let columns = match object {
        Object::View(name) => &schema.views.get(name)?.columns,
        Object::MaterialisedView(name) => &schema.materialised_views.get(name)?.columns,
        _ => return None,
    };
    let columns = columns.iter();
    let all = columns.map(|it| (it.name.clone(), it.privileges.clone()));
    Some(all.collect())
}

fn columns_of(object: &Object, catalog: &Catalog) -> BTreeMap<String, Privileges> {
    columns(object, catalog).unwrap_or_default()
}

/// The privileges on an object; None when it is not there.
fn held(object: &Object, catalog: &Catalog) -> Option<Privileges> {
    let schema = &catalog.schema;
    Some(match object {
        Object::Namespace(name) if name == Namespace::PUBLIC => {
            let listed = schema.namespaces.get(name);
            listed.map_or_else(Privileges::default, |it| it.privileges.clone())
        }
        Object::Namespace(name) => schema.namespaces.get(name)?.privileges.clone(),
        Object::Type(name) => type_privileges(name, catalog)?,
        Object::Sequence(name) => schema.sequences.get(name)?.privileges.clone(),
        Object::Function(it) => schema.functions.get(it)?.privileges.clone(),
        Object::Table(name) => schema.tables.get(name)?.privileges.clone(),
        Object::Column(part) => {
            let table = schema.tables.get(&part.of)?;
            table.columns.get(&part.name)?.privileges.clone()
        }
        Object::View(name) => schema.views.get(name)?.privileges.clone(),
        Object::MaterialisedView(name) => schema.materialised_views.get(name)?.privileges.clone(),
        _ => return None,
    })
}

fn type_privileges(name: &QualifiedName, catalog: &Catalog) -> Option<Privileges> {
    let schema = &catalog.schema;
    let enums = schema.enums.get(name).map(|it| &it.privileges);
    let domains = || schema.domains.get(name).map(|it| &it.privileges);
    let composites = || schema.composites.get(name).map(|it| &it.privileges);
    let ranges = || schema.ranges.get(name).map(|it| &it.privileges);
    let found = enums.or_else(domains).or_else(composites).or_else(ranges);
    found.cloned()
}

/// Who has each privilege that somebody gets or loses.
fn holders_text(
    what: &str,
    (before, owner): (&Privileges, Option<&str>),
    (after, new_owner): (&Privileges, Option<&str>),
    public: bool,
) -> Option<String> {
    let all = |it: &Privileges| {
        it.granted
            .union(&it.revoked)
            .cloned()
            .collect::<BTreeSet<_>>()
    };
    let names: BTreeSet<String> = all(before)
        .union(&all(after))
        .map(|grant| grant.privilege.clone())
        .collect();
    let lines: Vec<String> = names
        .iter()
        .filter_map(|privilege| {
            let old = holders(before, privilege, owner, public);
            let new = holders(after, privilege, new_owner, public);
            (old != new).then(|| {
                let (old, new) = (listed(&old), listed(&new));
                format!("{privilege} on {what}: before {old}; after {new}")
            })
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}

fn listed(names: &BTreeSet<String>) -> String {
    match names.is_empty() {
        true => String::from("nobody"),
        false => names.iter().cloned().collect::<Vec<_>>().join(", "),
    }
}

/// The owner has all, and everybody may execute and use, unless that was taken away.
fn holders(
    privileges: &Privileges,
    privilege: &str,
    owner: Option<&str>,
    public: bool,
) -> BTreeSet<String> {
    let is_it = |it: &&underpin_schema::Grant| it.privilege == privilege;
    let revoked = privileges.revoked.iter().filter(is_it);
    let revoked: BTreeSet<&Grantee> = revoked.map(|it| &it.grantee).collect();
    let granted = privileges.granted.iter().filter(is_it);
    let mut holders: BTreeSet<String> = granted
        .map(|it| {
            let option = if it.grantable {
                " (may pass it on)"
            } else {
                ""
            };
            name(&it.grantee, owner) + option
        })
        .collect();
    let usual = [(Grantee::Owner, true), (Grantee::Public, public)];
    for (grantee, has) in usual {
        if has && !revoked.contains(&grantee) {
            holders.insert(name(&grantee, owner));
        }
    }
    holders
}

fn name(grantee: &Grantee, owner: Option<&str>) -> String {
    match grantee {
        Grantee::Public => String::from("PUBLIC"),
        Grantee::Owner => {
            owner.map_or_else(|| String::from("its owner"), |it| format!("its owner {it}"))
        }
        Grantee::Role(name) => name.clone(),
    }
}

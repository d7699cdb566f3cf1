//! The two roles of a cluster: the service's, which owns the databases and no more, and a superuser for what is left.
//!
//! Whoever gets SQL of his own into a superuser's session runs programs as the server's account (`COPY … TO PROGRAM`). So the
//! service logs in as `underpin`, which is none; `underpin_admin`, the bootstrap superuser, is for people: extensions that
//! are not trusted, settings that only superusers may change.
//!
//! A cluster of before had `underpin` as its bootstrap superuser. At its first start that role becomes `underpin_admin`,
//! and everything it owned in databases goes to the new `underpin`. It is done in single-user mode, before the server
//! starts; whatever interrupts it, the next start does it again, as long as there is no file with the password of the admin.

use crate::create::single_user;
use crate::password::{self, Role};
use crate::start::Chosen;
use crate::{Error, postmaster};
use underpin_core::Secret;

/// Makes the roles and sets their passwords. Without a blank line: that ends a statement in single-user mode.
const ROLES: &str = include_str!("sql/roles.sql");

/// Gives all that the bootstrap superuser owns in a database to the service's role.
const OWNER: &str = include_str!("sql/owner.sql");

/// The databases that a service may have made.
const DATABASES: &str = "SELECT datname FROM pg_database WHERE NOT datistemplate AND datallowconn AND datname <> 'postgres'";

/// From this major version on the owner of a database owns its schema `public`.
const PUBLIC_IS_THE_OWNERS_SINCE: u32 = 15;

/// The passwords of both.
#[derive(Debug, Clone)]
pub(crate) struct Passwords {
    pub(crate) service: Secret<String>,
    /// None where it is not known: of a server that was made elsewhere, or before there were two roles.
    pub(crate) admin: Option<Secret<String>>,
}

impl Passwords {
    pub(crate) fn generate() -> Self {
        Self {
            service: password::generate(),
            admin: Some(password::generate()),
        }
    }

    /// The statement that makes both roles, or gives them these passwords.
    pub(crate) fn statement(&self) -> String {
        let admin = self.admin.as_ref().map_or("", |admin| admin.expose());
        ROLES
            .replace("{password}", self.service.expose())
            .replace("{admin_password}", admin)
    }
}

/// What a new database needs on old versions.
pub(crate) fn settle_new_database(
    chosen: &Chosen<'_>,
    data: &std::path::Path,
    name: &str,
) -> Result<(), Error> {
    if chosen.binaries.major() < PUBLIC_IS_THE_OWNERS_SINCE {
        single_user(chosen, data, name, &[OWNER])?;
    }
    Ok(())
}

/// The passwords of an existing cluster that does not run. What is lost is set anew; a cluster of before gets its roles.
pub(crate) fn settle(chosen: &Chosen<'_>) -> Result<Passwords, Error> {
    let layout = chosen.layout;
    let (service, admin) = (
        password::read(layout, Role::Service)?,
        password::read(layout, Role::Admin)?,
    );
    if let (Some(service), true) = (&service, admin.is_some() || layout.is_standby()?) {
        let service = service.clone();
        return Ok(Passwords { service, admin });
    }
    let is_lost = service.is_none();
    tracing::warn!(data_dir = %layout.root().display(), "setting the passwords of the cluster's roles anew: a file with one is missing");
    let passwords = Passwords {
        service: service.unwrap_or_else(password::generate),
        admin: Some(password::generate()),
    };
    // Single-user mode, too, refuses a folder whose last server's number belongs to somebody else by now.
    postmaster::disown_stale_file(layout)?;
    let data = layout.data();
    single_user(chosen, &data, "template1", &[&passwords.statement()])?;
    if admin.is_none() {
        let listed = single_user(chosen, &data, "template1", &[DATABASES])?;
        for database in values(&listed) {
            single_user(chosen, &data, database, &[OWNER])?;
        }
    }
    // Afterwards: as long as a file is missing, the next start does all of this again.
    if is_lost {
        password::write(layout, Role::Service, &passwords.service)?;
    }
    if let Some(admin) = &passwords.admin {
        password::write(layout, Role::Admin, admin)?;
    }
    Ok(passwords)
}

/// The values that single-user mode prints of a query: `\t 1: datname = "underpin"\t(typeid = 19, …)`.
fn values(printed: &str) -> impl Iterator<Item = &str> {
    printed.lines().filter_map(|line| {
        let (_, rest) = line.split_once(" = \"")?;
        let (value, _) = rest.rsplit_once("\"\t(typeid")?;
        Some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_from_what_single_user_mode_prints() {
        let printed = "\t 1: datname\t(typeid = 19, len = 64, typmod = -1, byval = f)\n\t----\n\
            \t 1: datname = \"underpin\"\t(typeid = 19, len = 64, typmod = -1, byval = f)\n\
            \t 1: datname = \"a \"b\" = c\"\t(typeid = 19, len = 64, typmod = -1, byval = f)\n";
        assert_eq!(
            values(printed).collect::<Vec<_>>(),
            ["underpin", "a \"b\" = c"]
        );
    }

    #[test]
    fn no_statement_has_an_end_within_it() {
        for statement in [ROLES, OWNER, DATABASES] {
            assert!(!statement.contains(";\n\n"), "{statement}");
        }
    }
}

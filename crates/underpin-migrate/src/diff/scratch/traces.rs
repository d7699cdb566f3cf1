//! What scripts leave on a server beside databases.

use super::failed;
use crate::Error;
use std::collections::BTreeSet;
use underpin_pool::{Options, Session, quote_identifier};

/// The names of what lives beside databases.
#[derive(Debug, Default)]
pub(super) struct Traces {
    roles: BTreeSet<String>,
    tablespaces: BTreeSet<String>,
}

impl Traces {
    pub(super) async fn read(admin: &Session) -> Result<Self, Error> {
        Ok(Self {
            roles: names(admin, "SELECT rolname::text FROM pg_roles").await?,
            tablespaces: names(admin, "SELECT spcname::text FROM pg_tablespace").await?,
        })
    }

    /// What is here and was not there before, as far as `ours` takes it for ours: others may work on the server, too.
    pub(super) fn since(&self, before: &Self, ours: impl Fn(&str) -> bool) -> Self {
        let new = |now: &BTreeSet<String>, before: &BTreeSet<String>| {
            let new = now.difference(before).filter(|name| ours(name));
            new.cloned().collect()
        };
        Self {
            roles: new(&self.roles, &before.roles),
            tablespaces: new(&self.tablespaces, &before.tablespaces),
        }
    }

    /// What drops it.
    pub(super) fn drop_sql(&self) -> Vec<String> {
        let drop =
            |kind: &str, name: &String| format!("DROP {kind} IF EXISTS {}", quote_identifier(name));
        let tablespaces = self.tablespaces.iter().map(|it| drop("TABLESPACE", it));
        let roles = self.roles.iter().map(|it| drop("ROLE", it));
        tablespaces.chain(roles).collect()
    }
}

async fn names(admin: &Session, sql: &str) -> Result<BTreeSet<String>, Error> {
    let rows = admin.query(sql, &[]).await.map_err(failed)?;
    let names = rows.iter().map(|row| row.get(0));
    names.collect::<Result<_, _>>().map_err(failed)
}

/// Drops the subscriptions of a database, which would keep it from being dropped. Their publishers are not asked.
pub(super) async fn drop_subscriptions(database: &Options) -> Result<(), Error> {
    let session = Session::connect(database).await.map_err(failed)?;
    let sql = "SELECT subname::text FROM pg_subscription \
               WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())";
    for name in names(&session, sql).await? {
        let name = quote_identifier(&name);
        for sql in [
            format!("ALTER SUBSCRIPTION {name} DISABLE"),
            format!("ALTER SUBSCRIPTION {name} SET (slot_name = NONE)"),
            format!("DROP SUBSCRIPTION {name}"),
        ] {
            session.batch(&sql).await.map_err(failed)?;
        }
    }
    Ok(())
}

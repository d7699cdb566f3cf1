//! Tables, without what they are made of.

use super::options::parameters;
use crate::diff::change::{Change, ChangeKind};
use crate::{Object, ReplicaIdentity, Table, quote_identifier};

pub(super) fn table(from: &Table, to: &Table) -> Option<Vec<Change>> {
    if from.kind != to.kind {
        return None;
    }
    let object = Object::Table(to.name.clone());
    let alter = |action: &str| format!("ALTER TABLE {} {action}", to.name);
    let mut rewrites = Vec::new();
    if from.unlogged != to.unlogged {
        rewrites.push(alter(if to.unlogged {
            "SET UNLOGGED"
        } else {
            "SET LOGGED"
        }));
    }
    if from.access_method != to.access_method {
        let method = to.access_method.as_deref().unwrap_or("heap");
        rewrites.push(alter(&format!(
            "SET ACCESS METHOD {}",
            quote_identifier(method)
        )));
    }
    if from.tablespace != to.tablespace {
        let tablespace = to.tablespace.as_deref().unwrap_or("pg_default");
        rewrites.push(alter(&format!(
            "SET TABLESPACE {}",
            quote_identifier(tablespace)
        )));
    }
    let rewrites = rewrites.into_iter();
    let rewrites = rewrites.map(|sql| Change::new(object.clone(), ChangeKind::Rewrite, vec![sql]));
    let parameters = parameters(&from.parameters, &to.parameters).into_iter();
    let parameters = parameters.map(|action| Change::alter(object.clone(), alter(&action)));
    Some(rewrites.chain(parameters).collect())
}

/// Row-level security, replica identity, and the index that `CLUSTER` is to follow.
pub(super) fn settings(from: &Table, to: &Table) -> Vec<Change> {
    let object = Object::Table(to.name.clone());
    let mut changes = Vec::new();
    let (old, new) = (from.row_security, to.row_security);
    let mut access = |action: &str| {
        let sql = format!("ALTER TABLE {} {action} ROW LEVEL SECURITY", to.name);
        changes.push(Change::new(object.clone(), ChangeKind::Access, vec![sql]));
    };
    if old.enabled != new.enabled {
        access(if new.enabled { "ENABLE" } else { "DISABLE" });
    }
    if old.forced != new.forced {
        access(if new.forced { "FORCE" } else { "NO FORCE" });
    }
    if from.replica_identity != to.replica_identity {
        changes.push(replica_identity(to));
    }
    let clusters = |table: &Table| {
        table.clustered_on.is_some() || table.indexes.iter().any(|index| index.clustered)
    };
    if from.clustered_on != to.clustered_on && to.clustered_on.is_some() {
        changes.push(cluster_on(to));
    } else if clusters(from) && !clusters(to) {
        let sql = format!("ALTER TABLE {} SET WITHOUT CLUSTER", to.name);
        changes.push(Change::alter(object, sql));
    }
    changes
}

/// What has to be said again when an index was made anew.
pub(in crate::diff) fn settings_for_index(to: &Table, index: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    if to.replica_identity == ReplicaIdentity::Index(index.to_owned()) {
        changes.push(replica_identity(to));
    }
    if to.clustered_on.as_deref() == Some(index) {
        changes.push(cluster_on(to));
    }
    changes
}

fn replica_identity(to: &Table) -> Change {
    let identity = match &to.replica_identity {
        ReplicaIdentity::Default => "DEFAULT".to_owned(),
        ReplicaIdentity::Nothing => "NOTHING".to_owned(),
        ReplicaIdentity::Full => "FULL".to_owned(),
        ReplicaIdentity::Index(index) => format!("USING INDEX {}", quote_identifier(index)),
    };
    let sql = format!("ALTER TABLE ONLY {} REPLICA IDENTITY {identity}", to.name);
    Change::alter(Object::Table(to.name.clone()), sql)
}

fn cluster_on(to: &Table) -> Change {
    let index = quote_identifier(to.clustered_on.as_deref().unwrap_or_default());
    let sql = format!("ALTER TABLE {} CLUSTER ON {index}", to.name);
    Change::alter(Object::Table(to.name.clone()), sql)
}

//! The objects of a database by their names: what is gone after a statement that drops.

use crate::Error;
use crate::files::Repeatable;
use crate::sql::{TokenKind, tokens};
use std::collections::{BTreeMap, BTreeSet};
use underpin_pool::{Row, Transaction};

/// Everything that depends on something, which is what CASCADE takes along, and who has privileges on what. Parts of an
/// object that come and go with it are left out, and so is what belongs to an extension.
const OBJECTS: &str = "\
SELECT o.type || ' ' || o.identity AS title, n.names[cardinality(n.names)] AS name, false AS is_privilege
FROM (SELECT DISTINCT d.classid, d.objid, d.objsubid
      FROM pg_depend AS d
      WHERE d.deptype IN ('n', 'a') AND d.objid >= 16384 AND NOT EXISTS (
          SELECT FROM pg_depend AS i
          WHERE i.classid = d.classid AND i.objid = d.objid AND i.objsubid = d.objsubid AND i.deptype IN ('i', 'e'))) AS d,
     pg_identify_object(d.classid, d.objid, d.objsubid) AS o,
     pg_identify_object_as_address(d.classid, d.objid, d.objsubid) AS n(type, names, args)
WHERE o.identity IS NOT NULL
UNION ALL
SELECT 'privileges of ' || r.rolname || ' on ' || o.type || ' ' || o.identity, n.names[cardinality(n.names)], true
FROM pg_shdepend AS s
JOIN pg_roles AS r ON r.oid = s.refobjid,
     pg_identify_object(s.classid, s.objid, s.objsubid) AS o,
     pg_identify_object_as_address(s.classid, s.objid, s.objsubid) AS n(type, names, args)
WHERE s.deptype = 'a' AND s.refclassid = 'pg_authid'::regclass AND o.identity IS NOT NULL
  AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// The objects that are there, by their titles.
#[derive(Debug, Clone, Default)]
pub(super) struct Objects(BTreeMap<String, Object>);

#[derive(Debug, Clone)]
struct Object {
    name: String,
    is_privilege: bool,
}

/// Why an object is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gone {
    /// The file names it where it drops.
    Named,
    /// A privilege on an object that the file names where it drops.
    Privilege,
    /// It was taken along.
    TakenAlong,
}

impl Objects {
    pub(super) async fn read(tx: &Transaction<'_>) -> Result<Self, Error> {
        let failed = |error| Error::caused_by("could not read which objects there are", error);
        let rows = tx.query(OBJECTS, &[]).await.map_err(failed)?;
        let read = |row: &Row| {
            let name: Option<String> = row.get("name")?;
            let object = Object {
                name: bare(&name.unwrap_or_default()),
                is_privilege: row.get("is_privilege")?,
            };
            Ok((row.get("title")?, object))
        };
        let objects: Result<_, underpin_pool::Error> = rows.iter().map(read).collect();
        Ok(Self(objects.map_err(failed)?))
    }

    pub(super) fn has(&self, title: &str) -> bool {
        self.0.contains_key(title)
    }

    /// What was here and is not there after a file, with the reason.
    pub(super) fn gone(&self, after: &Self, file: &Repeatable) -> Vec<(String, Gone)> {
        let gone: Vec<_> = self
            .0
            .iter()
            .filter(|(title, _)| !after.has(title))
            .collect();
        if gone.is_empty() {
            return Vec::new();
        }
        let named = dropped_names(file);
        let reason = |object: &Object| match (named.contains(&object.name), object.is_privilege) {
            (false, _) => Gone::TakenAlong,
            (true, false) => Gone::Named,
            (true, true) => Gone::Privilege,
        };
        gone.into_iter()
            .map(|(title, object)| (title.clone(), reason(object)))
            .collect()
    }
}

/// The last part of a name, without quotes: of types PostgreSQL tells `schema.name` as one.
fn bare(name: &str) -> String {
    name.rsplit('.')
        .next()
        .unwrap_or_default()
        .trim_matches('"')
        .to_owned()
}

/// All words of the statements in which a file drops.
fn dropped_names(file: &Repeatable) -> BTreeSet<String> {
    let statements = file.script.statements().unwrap_or_default();
    let mut names = BTreeSet::new();
    for statement in statements.iter().filter(|it| it.drops()) {
        let text = statement.text();
        for token in tokens(text) {
            let word = &text[token.start..token.end];
            match token.kind {
                TokenKind::Word => names.insert(word.to_lowercase()),
                TokenKind::QuotedWord => names.insert(word.trim_matches('"').replace("\"\"", "\"")),
                TokenKind::Literal => {
                    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
                    names.extend(word.split(|it| !is_part(it)).map(str::to_lowercase));
                    continue;
                }
                _ => continue,
            };
        }
    }
    names
}

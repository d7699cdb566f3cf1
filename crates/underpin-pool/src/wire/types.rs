//! The database's own types: enums, domains, composites, ranges, extensions' types. Looked up once a pool.

use super::Wire;
use crate::{Error, Row};
use postgres_types::{Field, Kind, Oid, Type};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// Everything about some types and about the types they are made of.
const LOOK_UP: &str = "
WITH RECURSIVE wanted(oid) AS (
    SELECT unnest($1)
    UNION
    SELECT part.oid
    FROM wanted
    JOIN pg_catalog.pg_type t ON t.oid = wanted.oid
    CROSS JOIN LATERAL (
        SELECT t.typelem
        UNION ALL SELECT t.typbasetype
        UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)
        UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ) part(oid)
    WHERE part.oid <> 0
)
SELECT t.oid, t.typname::text, n.nspname::text, t.typtype::text,
    CASE WHEN t.typlen = -1 THEN t.typelem ELSE 0 END,
    t.typbasetype,
    coalesce((SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)), 0),
    ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
    ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
    ARRAY(SELECT a.atttypid FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)
FROM wanted
JOIN pg_catalog.pg_type t ON t.oid = wanted.oid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace";

/// The types that are not PostgreSQL's own and were met so far; shared by the connections of one pool.
#[derive(Debug, Default)]
pub(crate) struct Types(RwLock<HashMap<Oid, Type>>);

impl Types {
    fn known(&self, oid: Oid) -> Option<Type> {
        Type::from_oid(oid).or_else(|| {
            let types = self.0.read().unwrap_or_else(PoisonError::into_inner);
            types.get(&oid).cloned()
        })
    }

    fn learn(&self, new: HashMap<Oid, Type>) {
        let mut types = self.0.write().unwrap_or_else(PoisonError::into_inner);
        types.extend(new);
    }

    /// Forgets all, since one was changed.
    pub(super) fn clear(&self) {
        let mut types = self.0.write().unwrap_or_else(PoisonError::into_inner);
        types.clear();
    }

    /// Forgets some, and those that they are made of.
    pub(super) fn forget<'a>(&self, gone: impl IntoIterator<Item = &'a Type>) {
        let mut types = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let mut left: Vec<&Type> = gone.into_iter().collect();
        while let Some(gone) = left.pop() {
            types.remove(&gone.oid());
            match gone.kind() {
                Kind::Array(part)
                | Kind::Domain(part)
                | Kind::Range(part)
                | Kind::Multirange(part) => left.push(part),
                Kind::Composite(fields) => left.extend(fields.iter().map(Field::type_)),
                _ => {}
            }
        }
    }
}

impl Wire {
    /// The types with these numbers; asks the server for those that were not met before.
    pub(super) async fn types_of(&self, oids: &[Oid]) -> Result<Vec<Type>, Error> {
        let known = || oids.iter().map(|oid| self.types.known(*oid)).collect();
        if let Some(all) = known() {
            return Ok(all);
        }
        Box::pin(self.look_up(oids)).await?;
        // What the catalogue does not show is read as bytes of an unknown type.
        Ok(oids
            .iter()
            .map(|oid| self.types.known(*oid).unwrap_or(Type::UNKNOWN))
            .collect())
    }

    async fn look_up(&self, oids: &[Oid]) -> Result<(), Error> {
        let missing: Vec<Oid> = oids
            .iter()
            .copied()
            .filter(|oid| self.types.known(*oid).is_none())
            .collect();
        let rows = self
            .query_once(LOOK_UP, &[(&missing, Type::OID_ARRAY)])
            .await?;
        let entries = rows.iter().map(Entry::read);
        let entries: HashMap<Oid, Entry> = entries.collect::<Result<_, _>>()?;
        let mut built = HashMap::new();
        for oid in entries.keys() {
            build(*oid, &entries, &mut built);
        }
        self.types.learn(built);
        Ok(())
    }
}

/// One row of `pg_type` with what belongs to it.
struct Entry {
    name: String,
    schema: String,
    kind: String,
    item: Oid,
    base: Oid,
    range_of: Oid,
    labels: Vec<String>,
    field_names: Vec<String>,
    field_types: Vec<Oid>,
}

impl Entry {
    fn read(row: &Row) -> Result<(Oid, Self), Error> {
        let entry = Self {
            name: row.get(1)?,
            schema: row.get(2)?,
            kind: row.get(3)?,
            item: row.get(4)?,
            base: row.get(5)?,
            range_of: row.get(6)?,
            labels: row.get(7)?,
            field_names: row.get(8)?,
            field_types: row.get(9)?,
        };
        Ok((row.get(0)?, entry))
    }
}

/// Builds a type from its parts. PostgreSQL lets no type contain itself.
fn build(oid: Oid, entries: &HashMap<Oid, Entry>, built: &mut HashMap<Oid, Type>) -> Type {
    if let Some(known) = Type::from_oid(oid).or_else(|| built.get(&oid).cloned()) {
        return known;
    }
    let Some(entry) = entries.get(&oid) else {
        return Type::UNKNOWN;
    };
    let mut part = |oid| build(oid, entries, built);
    let kind = match entry.kind.as_str() {
        "e" => Kind::Enum(entry.labels.clone()),
        "d" => Kind::Domain(part(entry.base)),
        "r" => Kind::Range(part(entry.range_of)),
        "m" => Kind::Multirange(part(entry.range_of)),
        "p" => Kind::Pseudo,
        "c" => {
            let fields = entry.field_names.iter().zip(&entry.field_types);
            let fields = fields.map(|(name, oid)| Field::new(name.clone(), part(*oid)));
            Kind::Composite(fields.collect())
        }
        _ if entry.item != 0 => Kind::Array(part(entry.item)),
        _ => Kind::Simple,
    };
    let new = Type::new(entry.name.clone(), oid, kind, entry.schema.clone());
    built.insert(oid, new.clone());
    new
}

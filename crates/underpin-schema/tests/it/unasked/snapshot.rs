//! Everything in the catalog, as lines of text that do not depend on numbers.

use std::collections::HashMap;
use underpin_pool::{Database, Options, Session};

/// Statistics, rows of large objects, and what belongs to the whole cluster.
const LEFT_OUT: &[&str] = &[
    "pg_statistic",
    "pg_statistic_ext_data",
    "pg_largeobject",
    "pg_largeobject_metadata",
];

/// Where rows lie, how many there are, and what was counted.
const COLUMNS_LEFT_OUT: &[&str] = &[
    "relfilenode",
    "relpages",
    "reltuples",
    "relallvisible",
    "relallfrozen",
    "reltoastrelid",
    "attcacheoff",
    "indcheckxmin",
];

/// Expressions, which hold numbers of objects, as PostgreSQL writes them.
const TREES: &[(&str, &str)] = &[
    ("adbin", "pg_get_expr(adbin, adrelid)"),
    ("conbin", "pg_get_expr(conbin, conrelid)"),
    ("relpartbound", "pg_get_expr(relpartbound, oid)"),
    ("indexprs", "pg_get_indexdef(indexrelid)"),
    ("indpred", "pg_get_expr(indpred, indrelid)"),
    ("partexprs", "pg_get_partkeydef(partrelid)"),
    ("polqual", "pg_get_expr(polqual, polrelid)"),
    ("polwithcheck", "pg_get_expr(polwithcheck, polrelid)"),
    ("proargdefaults", "pg_get_function_arguments(oid)"),
    ("prosqlbody", "pg_get_function_sqlbody(oid)"),
    ("ev_qual", "pg_get_ruledef(oid)"),
    ("ev_action", "pg_get_ruledef(oid)"),
    ("stxexprs", "pg_get_statisticsobjdef(oid)"),
    ("tgqual", "pg_get_triggerdef(oid)"),
    ("typdefaultbin", "pg_get_expr(typdefaultbin, 0)"),
    ("prqual", "pg_get_expr(prqual, prrelid)"),
];

/// Columns that name an object together with the table that it is in.
const OBJECTS: &[(&str, &str)] = &[
    ("objid", "classid, objid, objsubid"),
    ("refobjid", "refclassid, refobjid, refobjsubid"),
    ("objoid", "classoid, objoid, objsubid"),
];

const DESCRIBE: &str = "
    CREATE FUNCTION pg_temp.described(class oid, object oid, part int) RETURNS text LANGUAGE plpgsql AS $$
    BEGIN
        IF object = 0 THEN
            RETURN '-';
        END IF;
        RETURN pg_describe_object(class, object, part);
    EXCEPTION WHEN OTHERS THEN
        RETURN 'something';
    END $$";

/// All rows about objects that somebody made.
pub(super) async fn snapshot(database: &Database) -> Vec<String> {
    let session = Session::connect(&Options::new(database.url().clone())).await;
    let session = session.expect("a session");
    session
        .batch(DESCRIBE)
        .await
        .expect("a function for a while");
    let references = references(&session).await;
    let sql = "SELECT c.oid::regclass::text,
                      ARRAY(SELECT a.attname::text FROM pg_attribute a
                            WHERE a.attrelid = c.oid AND a.attnum > 0 ORDER BY a.attnum),
                      ARRAY(SELECT format_type(a.atttypid, NULL) FROM pg_attribute a
                            WHERE a.attrelid = c.oid AND a.attnum > 0 ORDER BY a.attnum)
               FROM pg_class c
               WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r'
                 AND (NOT c.relisshared OR c.relname = 'pg_shdepend')";
    let mut lines = Vec::new();
    for row in session.query(sql, &[]).await.expect("the catalogs") {
        let table: String = row.get(0).expect("a name");
        let names: Vec<String> = row.get(1).expect("names");
        let types: Vec<String> = row.get(2).expect("types");
        if LEFT_OUT.contains(&table.as_str()) {
            continue;
        }
        let Some(number) = names.iter().zip(&types).find(|(name, of)| {
            ["oid", "regproc"].contains(&of.as_str())
                && !["dbid", "classid", "classoid"].contains(&name.as_str())
        }) else {
            continue;
        };
        let columns = names.iter().zip(&types);
        let columns = columns.filter_map(|(name, of)| told(&table, name, of, &references));
        let columns: Vec<String> = columns.collect();
        let here = match table.as_str() {
            "pg_shdepend" => {
                " AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
            }
            _ => "",
        };
        let sql = format!(
            "SELECT concat_ws(' ', '{table}:', {}) FROM {table} WHERE {}::oid >= 16384{here}",
            columns.join(", "),
            number.0
        );
        let rows = session.query(&sql, &[]).await;
        let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
        for row in rows {
            let line: String = row.get(0).expect("a text");
            if !line.contains("pg_toast") && !line.contains("pg_temp") {
                lines.push(line);
            }
        }
    }
    lines.sort();
    lines
}

/// Which table a column refers to, and whether it holds several.
async fn references(session: &Session) -> HashMap<(String, String), (String, bool)> {
    let sql = "SELECT fktable::text, fkcols[1], pktable::text, is_array
               FROM pg_get_catalog_foreign_keys() WHERE cardinality(fkcols) = 1";
    let rows = session.query(sql, &[]).await.expect("the references");
    let pair = |row: &underpin_pool::Row| -> Result<_, underpin_pool::Error> {
        Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?)))
    };
    rows.iter().map(|row| pair(row).expect("texts")).collect()
}

/// A column as text; None for what may differ between equal objects.
fn told(
    table: &str,
    name: &str,
    of: &str,
    references: &HashMap<(String, String), (String, bool)>,
) -> Option<String> {
    if COLUMNS_LEFT_OUT.contains(&name) || of == "xid" {
        return None;
    }
    let tree = TREES.iter().find(|(column, _)| *column == name);
    let object = OBJECTS.iter().find(|(column, _)| *column == name);
    let reference = references.get(&(table.to_owned(), name.to_owned()));
    // The roles of a policy have no order.
    let place = if name == "polroles" {
        "u.object"
    } else {
        "u.place"
    };
    let text = match (tree, object, reference) {
        (Some((_, text)), ..) => format!("CASE WHEN {name} IS NOT NULL THEN {text} END"),
        (_, Some((_, object)), _) if table == "pg_shdepend" && name == "refobjid" => {
            format!("pg_temp.described({}, 0)", object.trim_end_matches(", refobjsubid"))
        }
        (_, Some((_, object)), _) => format!("pg_temp.described({object})"),
        (.., Some((other, true))) => format!(
            "(SELECT string_agg(pg_temp.described('{other}'::regclass, u.object, 0), ', ' ORDER BY {place})
              FROM unnest({name}::oid[]) WITH ORDINALITY AS u (object, place))"
        ),
        (.., Some((other, false))) => {
            format!("pg_temp.described('{other}'::regclass, {name}::oid, 0)")
        }
        _ if name == "oid" => format!("pg_temp.described('{table}'::regclass, oid, 0)"),
        _ if of == "aclitem[]" => {
            format!("(SELECT string_agg(u::text, ',' ORDER BY u::text) FROM unnest({name}) AS u)")
        }
        // Triggers of foreign keys are named by their numbers.
        _ => format!("regexp_replace({name}::text, '(RI_ConstraintTrigger_[ac]_)\\d+', '\\1')"),
    };
    let text =
        format!("regexp_replace(({text})::text, '(RI_ConstraintTrigger_[ac]_)\\d+', '\\1', 'g')");
    Some(format!("'{name}=' || coalesce({text}, '-')"))
}

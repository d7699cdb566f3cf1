//! What a statement destroys: rows, columns, types. Names are SQL text as written, quotes included.

mod rows;

use super::tree::{ask, source};
use squawk_syntax::SyntaxKind;
use squawk_syntax::ast::{AlterColumnOption, AlterTable, AlterTableAction, AstNode, Stmt};

/// Something that a statement takes away, or renames so that a later one takes it away under another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destroys {
    /// `DROP TABLE`, `TRUNCATE`: all its rows.
    Table { table: String },
    /// `DROP COLUMN`.
    Column { table: String, column: String },
    /// `ALTER COLUMN … TYPE`: the values that do not fit, or come back as others.
    Type {
        table: String,
        column: String,
        to: String,
        using: Option<String>,
    },
    /// `DROP SCHEMA … CASCADE`: the rows of its tables.
    Schema { schema: String },
    /// `DROP TYPE … CASCADE`: the columns of that type.
    TypeCascade { r#type: String },
    /// `DELETE`, `UPDATE`: the rows that this query counts; of an UPDATE those with a value in one of its columns.
    Rows {
        table: String,
        columns: Vec<String>,
        count: String,
    },
    /// `ALTER TABLE … RENAME TO`, `SET SCHEMA`: nothing, but later statements use the new name.
    Renames { from: String, to: String },
    /// Nobody can tell before it has run: `DO`, `CALL`, `DROP OWNED`, changes of rows inside other statements, and what
    /// the grammar does not understand.
    Unknown,
}

/// What a statement destroys, in order.
pub(super) fn of(text: &str) -> Vec<Destroys> {
    ask(text, destroys).unwrap_or_else(|| vec![Destroys::Unknown])
}

fn destroys(statement: &Stmt) -> Vec<Destroys> {
    let table = |table| Destroys::Table { table };
    match statement {
        _ if changes_inside(statement) => vec![Destroys::Unknown],
        Stmt::DropTable(it) => {
            let names = it.table_name_refs();
            names.filter_map(|it| source(Some(it))).map(table).collect()
        }
        Stmt::Truncate(it) => {
            let names = it
                .table_list()
                .into_iter()
                .flat_map(|it| it.table_relation_names());
            let names = names.filter_map(|it| source(it.table_name_ref()));
            names.map(table).collect()
        }
        Stmt::DropSchema(it) if it.drop_behavior().is_some() => {
            let names = it.schema_refs().filter_map(|it| source(Some(it)));
            names.map(|schema| Destroys::Schema { schema }).collect()
        }
        Stmt::DropType(it) if it.drop_behavior().is_some() => {
            let names = it.type_name_refs().filter_map(|it| source(Some(it)));
            names
                .map(|r#type| Destroys::TypeCascade { r#type })
                .collect()
        }
        Stmt::DropDomain(it) if it.drop_behavior().is_some() => {
            let names = it.domain_refs().filter_map(|it| source(Some(it)));
            names
                .map(|r#type| Destroys::TypeCascade { r#type })
                .collect()
        }
        Stmt::AlterTable(it) => altered(it),
        Stmt::Delete(it) => vec![rows::deleted(it).unwrap_or(Destroys::Unknown)],
        Stmt::Update(it) => vec![rows::updated(it).unwrap_or(Destroys::Unknown)],
        Stmt::Do(_)
        | Stmt::Call(_)
        | Stmt::DropOwned(_)
        | Stmt::Execute(_)
        | Stmt::DropDatabase(_) => {
            vec![Destroys::Unknown]
        }
        _ => Vec::new(),
    }
}

/// Does it change rows that were there, somewhere inside: `MERGE`, `ON CONFLICT DO UPDATE`, `WITH x AS (DELETE …)`?
fn changes_inside(statement: &Stmt) -> bool {
    if matches!(
        statement,
        Stmt::CreateFunction(_) | Stmt::CreateProcedure(_) | Stmt::CreateRule(_)
    ) {
        return false;
    }
    let whole = statement.syntax();
    let mut inside = whole.descendants().filter(|it| it != whole);
    matches!(statement, Stmt::Merge(_))
        || inside.any(|it| {
            matches!(
                it.kind(),
                SyntaxKind::DELETE
                    | SyntaxKind::UPDATE
                    | SyntaxKind::MERGE
                    | SyntaxKind::CONFLICT_DO_UPDATE_SET
            )
        })
}

fn altered(alter: &AlterTable) -> Vec<Destroys> {
    let relation = alter
        .table_relation_name()
        .and_then(|it| it.table_name_ref());
    let Some(table) = source(relation) else {
        return vec![Destroys::Unknown];
    };
    let action = |action| {
        let table = table.clone();
        match action {
            AlterTableAction::DropColumn(it) => Some(Destroys::Column {
                table,
                column: source(it.column_name_ref())?,
            }),
            AlterTableAction::AlterColumn(it) => match it.option()? {
                AlterColumnOption::SetType(set) => Some(Destroys::Type {
                    table,
                    column: source(it.column_name_ref())?,
                    to: source(set.ty())?,
                    using: set.using_expr().and_then(|it| source(it.expr())),
                }),
                _ => None,
            },
            AlterTableAction::TableRenameTo(it) => {
                let name = source(it.table_name())?;
                let to = match table.rsplit_once('.') {
                    Some((schema, _)) => format!("{schema}.{name}"),
                    None => name,
                };
                Some(Destroys::Renames { from: table, to })
            }
            AlterTableAction::SetSchema(it) => {
                let name = table.rsplit('.').next().unwrap_or(&table);
                let to = format!("{}.{name}", source(it.schema_ref())?);
                Some(Destroys::Renames { from: table, to })
            }
            _ => None,
        }
    };
    alter.actions().filter_map(action).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_destroyed_is_found() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<_> = of(text).iter().map(|it| format!("{it:?}")).collect();
            assert_eq!(found, expected, "{text}");
        };
        check(
            "DROP TABLE a, app.\"B\"",
            &[r#"Table { table: "a" }"#, r#"Table { table: "app.\"B\"" }"#],
        );
        check("TRUNCATE a", &[r#"Table { table: "a" }"#]);
        check(
            "ALTER TABLE ONLY app.t DROP COLUMN IF EXISTS a CASCADE, ALTER b TYPE int USING length(b)",
            &[
                r#"Column { table: "app.t", column: "a" }"#,
                r#"Type { table: "app.t", column: "b", to: "int", using: Some("length(b)") }"#,
            ],
        );
        check(
            "ALTER TABLE app.t RENAME TO u",
            &[r#"Renames { from: "app.t", to: "app.u" }"#],
        );
        check(
            "ALTER TABLE t SET SCHEMA old",
            &[r#"Renames { from: "t", to: "old.t" }"#],
        );
        check("DROP SCHEMA s CASCADE", &[r#"Schema { schema: "s" }"#]);
        check("DROP SCHEMA s", &[]);
        check(
            "DROP TYPE mood CASCADE",
            &[r#"TypeCascade { type: "mood" }"#],
        );
        let rows = |table: &str, columns: &[&str], count: &str| {
            format!("Rows {{ table: {table:?}, columns: {columns:?}, count: {count:?} }}")
        };
        let counted = |text: &str, table: &str, columns: &[&str], count: &str| {
            let count = format!("SELECT count(DISTINCT {count}");
            check(text, &[&rows(table, columns, &count)]);
        };
        counted(
            "DELETE FROM ONLY app.t WHERE a = 1 OR b",
            "app.t",
            &[],
            "(app.t.tableoid, app.t.ctid)) FROM ONLY app.t WHERE (a = 1 OR b)",
        );
        counted(
            "DELETE FROM t WHERE(a)",
            "t",
            &[],
            "(t.tableoid, t.ctid)) FROM t WHERE ((a))",
        );
        counted(
            "DELETE FROM t AS x USING u, v WHERE x.id = u.id RETURNING *",
            "t",
            &[],
            "(x.tableoid, x.ctid)) FROM t AS x, u, v WHERE (x.id = u.id)",
        );
        counted(
            "UPDATE t SET a = 1, (b, \"C d\") = (SELECT 1, 2)",
            "t",
            &["a", "b", "\"C d\""],
            "(t.tableoid, t.ctid)) FROM t WHERE (t.a IS NOT NULL OR t.b IS NOT NULL OR t.\"C d\" IS NOT NULL)",
        );
        check(
            "WITH y AS (SELECT 1 AS id) UPDATE t x SET a = NULL FROM y JOIN z USING (id) WHERE x.id = y.id",
            &[&rows(
                "t",
                &["a"],
                "WITH y AS (SELECT 1 AS id) SELECT count(DISTINCT (x.tableoid, x.ctid)) FROM t x, y JOIN z USING (id) \
                 WHERE (x.id = y.id) AND (x.a IS NOT NULL)",
            )],
        );
        check("DELETE FROM t WHERE CURRENT OF c", &["Unknown"]);
        check(
            "WITH x AS (DELETE FROM t RETURNING a) SELECT a FROM x",
            &["Unknown"],
        );
        check(
            "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 1",
            &["Unknown"],
        );
        check("INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", &[]);
        check(
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC DELETE FROM t; SELECT 1; END",
            &[],
        );
        for changes_no_row in [
            "CREATE TRIGGER t AFTER DELETE OR UPDATE OF a ON x FOR EACH ROW EXECUTE FUNCTION f()",
            "CREATE POLICY p ON t FOR UPDATE USING (true)",
            "GRANT UPDATE, DELETE ON t TO r",
            "SELECT a FROM t FOR UPDATE",
            "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u ON DELETE CASCADE ON UPDATE SET NULL",
        ] {
            check(changes_no_row, &[]);
        }
        check("DROP INDEX i", &[]);
        check("DROP VIEW v", &[]);
        check("DO $$ BEGIN END $$", &["Unknown"]);
        check("nonsense", &["Unknown"]);
    }
}

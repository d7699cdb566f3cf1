//! Views, and what is told to happen on tables and views.

use crate::random::Dice;

pub(super) fn statement(dice: &mut Dice) -> String {
    match dice.below(12) {
        0..5 => views(dice),
        5..7 => materialised(dice),
        7 | 8 => triggers(dice),
        9 | 10 => policies(dice),
        _ => statistics(dice),
    }
}

fn views(dice: &mut Dice) -> String {
    let name = dice.among("v", 4);
    let query = query(dice);
    match dice.below(10) {
        0..5 => format!("CREATE VIEW {name} AS {query}"),
        5 => format!("CREATE OR REPLACE VIEW {name} AS {query}"),
        6 => format!("CREATE VIEW {name} WITH (security_barrier) AS {query}"),
        7 => format!("COMMENT ON VIEW {name} IS 'seen'"),
        8 => format!("GRANT SELECT ON {name} TO PUBLIC"),
        _ => format!("DROP VIEW {name} CASCADE"),
    }
}

fn query(dice: &mut Dice) -> String {
    let from = match dice.below(3) {
        0 => dice.among("v", 4),
        _ => dice.a_table(),
    };
    let other = dice.a_table();
    let column = dice.a_column();
    match dice.below(10) {
        0 => format!("SELECT * FROM {from}"),
        1 => format!("SELECT a, {column} FROM {from} WHERE {column} IS NOT NULL"),
        2 => format!("SELECT x.a, y.b FROM {from} x JOIN {other} y ON x.a::text = y.a::text"),
        3 => format!("SELECT a FROM {from} UNION ALL SELECT a FROM {other}"),
        4 => format!("SELECT a, b, count(*) AS n FROM {from} GROUP BY a"),
        5 => format!("SELECT public.f0(a) AS a FROM {from}"),
        6 => format!("SELECT x AS a FROM {from} x"),
        7 => format!(
            "WITH RECURSIVE r(a) AS (SELECT 1 UNION ALL SELECT r.a + 1 FROM r JOIN {from} f ON f.a = r.a) SELECT a FROM r"
        ),
        8 => String::from("SELECT public.f1() AS a, public.f4() AS b"),
        _ => format!("SELECT {column} AS a, 'x'::public.e0 AS b FROM {from}"),
    }
}

fn materialised(dice: &mut Dice) -> String {
    let name = dice.among("m", 2);
    match dice.below(6) {
        0..3 => format!("CREATE MATERIALIZED VIEW {name} AS {}", query(dice)),
        3 => format!("CREATE UNIQUE INDEX mi{} ON {name} (a)", dice.below(2)),
        4 => format!("COMMENT ON MATERIALIZED VIEW {name} IS 'kept'"),
        _ => format!("DROP MATERIALIZED VIEW {name} CASCADE"),
    }
}

fn triggers(dice: &mut Dice) -> String {
    let (table, view, name) = (
        dice.a_table(),
        dice.among("v", 4),
        format!("g{}", dice.below(3)),
    );
    match dice.below(9) {
        0 => format!(
            "CREATE TRIGGER {name} BEFORE UPDATE OF {} ON {table} FOR EACH ROW EXECUTE FUNCTION public.f6()",
            dice.a_column()
        ),
        1 => format!(
            "CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW WHEN (NEW.a > 0) EXECUTE FUNCTION public.f6()"
        ),
        2 => format!(
            "CREATE TRIGGER {name} AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.f6()"
        ),
        3 => format!(
            "CREATE CONSTRAINT TRIGGER {name} AFTER UPDATE ON {table} DEFERRABLE FOR EACH ROW EXECUTE FUNCTION public.f6()"
        ),
        4 => format!(
            "CREATE TRIGGER {name} INSTEAD OF INSERT ON {view} FOR EACH ROW EXECUTE FUNCTION public.f6()"
        ),
        5 => format!(
            "ALTER TABLE {table} {} TRIGGER {name}",
            dice.of(&["DISABLE", "ENABLE ALWAYS", "ENABLE"])
        ),
        6 => format!(
            "CREATE RULE {name} AS ON DELETE TO {} DO INSTEAD NOTHING",
            dice.of(&[&table, &view])
        ),
        7 => format!("DROP TRIGGER {name} ON {table}"),
        _ => format!("DROP RULE {name} ON {}", dice.of(&[&table, &view])),
    }
}

fn policies(dice: &mut Dice) -> String {
    let (table, name) = (dice.a_table(), format!("y{}", dice.below(3)));
    let test = match dice.below(4) {
        0 => format!("{} IS NOT NULL", dice.a_column()),
        1 => format!("EXISTS (SELECT FROM {} x WHERE x.a > 0)", dice.a_table()),
        2 => String::from("public.f0(a) > 0"),
        _ => String::from("b = 'x'"),
    };
    match dice.below(6) {
        0 => format!("CREATE POLICY {name} ON {table} FOR SELECT USING ({test})"),
        1 => format!(
            "CREATE POLICY {name} ON {table} AS RESTRICTIVE USING ({test}) WITH CHECK (a > 1)"
        ),
        2 => format!("CREATE POLICY {name} ON {table} FOR INSERT WITH CHECK ({test})"),
        3 => format!("ALTER POLICY {name} ON {table} USING ({test})"),
        4 => format!("COMMENT ON POLICY {name} ON {table} IS 'ruled'"),
        _ => format!("DROP POLICY {name} ON {table}"),
    }
}

fn statistics(dice: &mut Dice) -> String {
    let name = dice.among("z", 2);
    let (table, column) = (dice.a_table(), dice.a_column());
    match dice.below(5) {
        0 | 1 => format!("CREATE STATISTICS {name} ON a, {column} FROM {table}"),
        2 => format!(
            "CREATE STATISTICS {name} (dependencies) ON a, public.f0(a), ({column}::text) FROM {table}"
        ),
        3 => format!("ALTER STATISTICS {name} SET STATISTICS 100"),
        _ => format!("DROP STATISTICS {name}"),
    }
}

//! Who owns, reads and writes what, before a plan and after it.

use super::support::{Server, all, go, sql};
use underpin_core::{Chain, ErrorKind};
use underpin_migrate::diff::{Allowed, Difference, Permission, Source, difference};
use underpin_pool::Session;

/// A view of a restricted role, over a table whose rows a policy hides from that role.
const HIDDEN: &str = "
    CREATE TABLE pay (id int PRIMARY KEY, amt int, who text);
    ALTER TABLE pay ENABLE ROW LEVEL SECURITY;
    ALTER TABLE pay FORCE ROW LEVEL SECURITY;
    CREATE POLICY own ON pay FOR SELECT TO restricted USING (who = 'restricted');
    GRANT SELECT ON pay TO restricted;
    CREATE VIEW seen AS SELECT amt FROM pay;
    GRANT SELECT ON seen TO reader;
    CREATE MATERIALIZED VIEW stored AS SELECT amt FROM pay WITH NO DATA;
    GRANT SELECT ON stored TO reader;";

async fn prepared(server: &Server, name: &str, script: &str) -> Session {
    for role in ["restricted", "reader", "writer", "deploy"] {
        let make = format!("CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL");
        server.run(&format!("DO $do$ BEGIN {make}; END $do$")).await;
    }
    let session = server.database(name).await;
    let loaded = session.batch(script).await;
    loaded.unwrap_or_else(|error| panic!("{script}: {}", Chain(&error)));
    session
}

async fn between(server: &Server, from: Source, to: Source) -> Difference {
    let scratch = server.scratch().await;
    let found = difference(&scratch, &from, &to, &all()).await;
    scratch
        .close()
        .await
        .expect("scratch databases are dropped");
    found.unwrap_or_else(|error| panic!("there is a way: {}", Chain(&error)))
}

fn live(server: &Server, name: &str) -> Source {
    Source::Database(Box::new(server.options(name)))
}

async fn count(session: &Session, role: &str, from: &str) -> i64 {
    session
        .batch(&format!("SET ROLE {role}"))
        .await
        .expect("a role");
    let row = session
        .query_one(&format!("SELECT count(*) FROM {from}"), &[])
        .await;
    session.batch("RESET ROLE").await.expect("back again");
    row.expect("readable").get(0).expect("a number")
}

async fn owner(session: &Session, relation: &str) -> String {
    let sql = "SELECT relowner::regrole::text FROM pg_class WHERE oid = $1::text::regclass";
    let row = session.query_one(sql, &[&relation]).await.expect("there");
    row.get(0).expect("a name")
}

#[tokio::test]
async fn a_view_shows_the_same_rows_to_the_same_reader_after_it_was_made_again() {
    let server = Server::start().await;
    let work = prepared(&server, "live", HIDDEN).await;
    work.batch(
        "INSERT INTO pay VALUES (1, 10, 'somebody'), (2, 20, 'somebody');
         ALTER VIEW seen OWNER TO restricted;
         ALTER MATERIALIZED VIEW stored OWNER TO restricted;
         REFRESH MATERIALIZED VIEW stored",
    )
    .await
    .expect("rows");
    assert_eq!(count(&work, "reader", "seen").await, 0);
    assert_eq!(count(&work, "reader", "stored").await, 0);
    let wanted = HIDDEN.replace("amt int", "amt bigint");
    let found = between(
        &server,
        live(&server, "live"),
        Source::Several(vec![sql_of(wanted)]),
    )
    .await;
    let text = found.up.to_string();
    go(&work, &found.up)
        .await
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(owner(&work, "seen").await, "restricted", "{text}");
    assert_eq!(owner(&work, "stored").await, "restricted", "{text}");
    assert_eq!(count(&work, "reader", "seen").await, 0, "{text}");
    assert_eq!(count(&work, "reader", "stored").await, 0, "{text}");
    go(&work, &found.down).await.expect("and back");
    assert_eq!(owner(&work, "seen").await, "restricted");
    assert_eq!(count(&work, "reader", "seen").await, 0);
}

fn sql_of(text: String) -> Source {
    Source::Files(vec![underpin_migrate::diff::SqlFile::new("to.sql", text)])
}

#[tokio::test]
async fn an_owner_that_a_file_gives_is_given_again_to_what_is_made_again() {
    let server = Server::start().await;
    let script = format!("{HIDDEN} ALTER VIEW seen OWNER TO restricted;");
    let work = prepared(&server, "live", &script).await;
    let wanted = script.replace("amt int", "amt bigint");
    let found = between(&server, sql_of(script), sql_of(wanted)).await;
    let of_table = owner(&work, "pay").await;
    go(&work, &found.up).await.expect("there");
    assert_eq!(owner(&work, "seen").await, "restricted");
    assert_eq!(owner(&work, "pay").await, of_table);
}

#[tokio::test]
async fn a_plan_of_a_role_that_may_not_give_back_what_it_drops_fails_before_it_drops() {
    let server = Server::start().await;
    let script = "CREATE SCHEMA app AUTHORIZATION deploy;
        CREATE TABLE app.pay (id int PRIMARY KEY, amt int);
        CREATE VIEW app.seen AS SELECT amt FROM app.pay;
        ALTER TABLE app.pay OWNER TO deploy;";
    let work = prepared(&server, "live", script).await;
    work.batch("ALTER VIEW app.seen OWNER TO restricted")
        .await
        .expect("given");
    let wanted = script.replace("amt int", "amt bigint");
    let found = between(&server, live(&server, "live"), sql_of(wanted)).await;
    work.batch("SET ROLE deploy").await.expect("a role");
    let failed = go(&work, &found.up)
        .await
        .expect_err("deploy is no member of restricted");
    assert!(
        failed.contains("deploy may not give view app.seen back to its owner"),
        "{failed}"
    );
    assert!(failed.contains("GRANT restricted TO deploy"), "{failed}");
    work.batch("RESET ROLE; GRANT restricted TO deploy; GRANT CREATE ON SCHEMA app TO restricted; SET ROLE deploy")
        .await
        .expect("granted");
    go(&work, &found.up).await.expect("it may now");
    assert_eq!(owner(&work, "app.seen").await, "restricted");
}

#[tokio::test]
async fn owners_are_compared_where_both_sides_know_them() {
    let server = Server::start().await;
    let script = "CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t;
        CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';";
    let work = prepared(&server, "one", script).await;
    prepared(
        &server,
        "other",
        &format!("{script} ALTER VIEW v OWNER TO restricted; ALTER FUNCTION f() OWNER TO writer;"),
    )
    .await;
    let found = between(&server, live(&server, "one"), live(&server, "other")).await;
    let refused = found
        .up
        .check(&Allowed::default())
        .expect_err("somebody else's rights");
    assert_eq!(refused.kind(), ErrorKind::Refused);
    let told = Chain(&refused).to_string();
    for expected in [
        "owner of view public.v, with whose rights",
        "after restricted",
        "after writer",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    go(&work, &found.up).await.expect("there");
    assert_eq!(owner(&work, "v").await, "restricted");
    let same = between(&server, live(&server, "one"), live(&server, "other")).await;
    assert!(same.is_empty(), "{}", same.up);
    let unknown = between(&server, live(&server, "one"), sql("to.sql", script)).await;
    assert!(unknown.is_empty(), "{}", unknown.up);
}

/// What leads from one to the other is refused until its rule is allowed; what is said contains these.
async fn check(server: &Server, from: &str, to: &str, rule: &str, expected: &[&str]) {
    let found = server.difference(from, to, &all()).await;
    let found = found.unwrap_or_else(|error| panic!("{from}\n{to}\n{}", Chain(&error)));
    let refused = found.up.check(&Allowed::default());
    let refused = refused
        .err()
        .unwrap_or_else(|| panic!("{from}\n{to}\n{}", found.up));
    assert_eq!(refused.kind(), ErrorKind::Refused);
    let told = format!("{}\n{}", Chain(&refused), found.up);
    for expected in expected {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    let mut allowed = Allowed::default();
    allowed.extend([rule.parse::<Permission>().expect("a rule")]);
    let allowed = found.up.check(&allowed);
    assert!(allowed.is_ok(), "{rule}: {told}");
}

#[tokio::test]
async fn a_change_of_access_says_who_could_do_what_before_and_after() {
    let server = Server::start().await;
    let table = "CREATE TABLE t (a int, b int);";
    let with = |rest: &str| format!("{table} {rest}");
    let granted = with("GRANT SELECT ON t TO reader, writer;");
    check(
        &server,
        &granted,
        &with("GRANT SELECT ON t TO writer;"),
        "ban-revoke",
        &["SELECT on table public.t: before its owner, reader, writer; after its owner, writer"],
    )
    .await;
    check(
        &server,
        table,
        &with("GRANT SELECT, UPDATE ON t TO PUBLIC;"),
        "grant",
        &["UPDATE on table public.t: before its owner; after PUBLIC, its owner"],
    )
    .await;
    check(
        &server,
        &with("GRANT SELECT (a) ON t TO reader;"),
        table,
        "ban-revoke",
        &[
            "column public.t.a",
            "before its owner, reader; after its owner",
        ],
    )
    .await;
    let function = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';";
    check(
        &server,
        &format!("{function} REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC;"),
        function,
        "grant",
        &["EXECUTE on function public.f(): before its owner; after PUBLIC, its owner"],
    )
    .await;
    check(
        &server,
        function,
        &function.replace("LANGUAGE sql", "LANGUAGE sql SECURITY DEFINER"),
        "ban-alter-function-options",
        &["before those of whoever uses it; after those of its owner"],
    )
    .await;
    let default = "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader;";
    check(
        &server,
        &with(default),
        table,
        "ban-revoke",
        &["TABLES that", "reader"],
    )
    .await;
    check(
        &server,
        table,
        &with(default),
        "grant",
        &["TABLES that", "reader"],
    )
    .await;
    let view = with("CREATE VIEW v AS SELECT a FROM t;");
    check(
        &server,
        &view,
        &format!("{view} GRANT SELECT ON v TO reader;"),
        "grant",
        &["SELECT on view public.v: before its owner; after its owner, reader"],
    )
    .await;
}

#[tokio::test]
async fn security_invoker_of_a_view_is_a_change_of_access() {
    let server = Server::start().await;
    let version = server.scratch().await;
    if version.server_version().major < 15 {
        return;
    }
    let view = |options: &str| {
        format!("CREATE TABLE t (a int); CREATE VIEW v {options} AS SELECT a FROM t;")
    };
    check(
        &server,
        &view("WITH (security_invoker = true)"),
        &view(""),
        "ban-alter-view-options",
        &["before those of whoever uses it; after those of its owner"],
    )
    .await;
}

#[tokio::test]
async fn a_change_of_row_security_says_who_could_see_which_rows() {
    let server = Server::start().await;
    let secured = "CREATE TABLE t (a int, who text);
        ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY;
        CREATE POLICY own ON t FOR SELECT TO reader USING (who = 'reader');";
    check(
        &server,
        secured,
        &secured.replace(
            "CREATE POLICY own ON t FOR SELECT TO reader USING (who = 'reader');",
            "",
        ),
        "ban-drop-policy",
        &[
            "rows of public.t by policy own: before allows SELECT for reader on rows with",
            "after none",
        ],
    )
    .await;
    check(
        &server,
        secured,
        &secured.replace("who = 'reader'", "true"),
        "ban-alter-policy-condition",
        &["after allows SELECT for reader on rows with true"],
    )
    .await;
    check(
        &server,
        secured,
        &secured.replace("TO reader", "TO PUBLIC"),
        "ban-alter-policy-roles",
        &["after allows SELECT for PUBLIC"],
    )
    .await;
    check(
        &server,
        secured,
        &secured.replace("ALTER TABLE t FORCE ROW LEVEL SECURITY;", ""),
        "ban-alter-row-level-security",
        &[
            "before by policies own for reader (for its owner, too)",
            "after by policies own for reader (all for its owner)",
        ],
    )
    .await;
    check(
        &server,
        secured,
        &secured.replace("ALTER TABLE t ENABLE ROW LEVEL SECURITY;", ""),
        "ban-alter-row-level-security",
        &["after all, for whoever has privileges on it"],
    )
    .await;
}

#[tokio::test]
async fn what_is_new_and_what_is_made_again_as_it_was_is_no_change_of_access() {
    let server = Server::start().await;
    let secured = "CREATE TABLE t (a int, who text);
        ALTER TABLE t ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON t FOR SELECT TO reader USING (a > 1);
        GRANT SELECT ON t TO reader;
        CREATE VIEW v AS SELECT a FROM t;
        GRANT SELECT ON v TO reader;";
    for (from, to) in [
        ("", secured.to_owned()),
        (secured, secured.replace("a int", "a bigint")),
    ] {
        let found = server.difference(from, &to, &all()).await.expect("a way");
        let checked = found.up.check(&Allowed::default());
        assert!(checked.is_ok(), "{}", found.up);
    }
}

//! What a borrower left in a session is gone for the next one, and a session in which nothing was left costs nothing.

use crate::support::{SOON, options, pool_of, unique};
use underpin_pool::{Database, Error, Session, TypedParams};
use underpin_testkit::wait_until;

/// Sees every kind of thing that outlives a transaction, in one text.
const LOOK: &str = "SELECT concat_ws(', ',
    current_setting('search_path'),
    coalesce(current_setting('app.tenant', true), ''),
    session_user, current_user,
    current_setting('default_transaction_isolation'),
    current_setting('default_transaction_read_only'),
    current_setting('statement_timeout'),
    (SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind IN ('r', 'S', 'v')),
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),
    (SELECT count(*) FROM pg_listening_channels()),
    (SELECT count(*) FROM pg_prepared_statements WHERE from_sql),
    (SELECT count(*) FROM pg_cursors))";

/// Things in a schema of their own that leave something when they are used.
struct Things {
    admin: Database,
    name: String,
}

impl Things {
    async fn new() -> Self {
        let admin = Database::connect(options(|_| {}).await)
            .await
            .expect("the server answers");
        let name = unique("traces");
        let sql = "CREATE SCHEMA @;
            CREATE ROLE @;
            CREATE TABLE @.plain (id serial PRIMARY KEY, a int);
            CREATE FUNCTION @.f() RETURNS text LANGUAGE sql STABLE
                AS $$ SELECT set_config('app.tenant', 'left', false) $$;
            CREATE FUNCTION @.fire() RETURNS trigger LANGUAGE plpgsql
                AS $$ BEGIN PERFORM set_config('app.tenant', 'left', false); RETURN NEW; END $$;
            CREATE TABLE @.fires (a int);
            CREATE TRIGGER t BEFORE INSERT ON @.fires FOR EACH ROW EXECUTE FUNCTION @.fire();
            CREATE VIEW @.sees AS SELECT @.f();
            CREATE VIEW @.over AS SELECT * FROM @.sees;
            CREATE TABLE @.fills (a int, b text DEFAULT @.f());
            CREATE TABLE @.checks (a int CHECK (@.f() IS NOT NULL));
            CREATE DOMAIN @.is_checked AS int CHECK (@.f() IS NOT NULL);
            CREATE TABLE @.parent (id int PRIMARY KEY);
            CREATE TABLE @.child (id int REFERENCES @.parent ON DELETE CASCADE);
            CREATE TRIGGER t AFTER DELETE ON @.child FOR EACH ROW EXECUTE FUNCTION @.fire();
            INSERT INTO @.parent VALUES (1), (2); INSERT INTO @.child VALUES (1), (2);
            CREATE FUNCTION @.adds(a int, b text) RETURNS text LANGUAGE sql AS $$ SELECT @.f() $$;
            CREATE OPERATOR @.@@@@ (LEFTARG = int, RIGHTARG = text, FUNCTION = @.adds);"
            .replace("@@@@", "#%#")
            .replace('@', &name)
            .replace("#%#", "@@");
        admin.batch(&sql).await.expect("the server answers");
        Self { admin, name }
    }

    fn sql(&self, text: &str) -> String {
        text.replace('@', &self.name)
    }

    async fn drop(self) {
        let sql = "SET client_min_messages = error; DROP SCHEMA @ CASCADE; DROP ROLE @";
        self.admin
            .batch(&self.sql(sql))
            .await
            .expect("the server answers");
    }
}

async fn look(session: &Session) -> String {
    session
        .query_one(LOOK, &[])
        .await
        .expect("the server answers")
        .get(0)
        .expect("a value")
}

/// Lends the only session of the pool and sees what the next borrower gets.
async fn next_sees(db: &Database) -> String {
    let session = db.checkout().await.expect("the server answers");
    look(&session).await
}

#[tokio::test]
async fn nothing_that_a_borrower_leaves_reaches_the_next() {
    let things = Things::new().await;
    let db = pool_of(1).await;
    let clean = next_sees(&db).await;
    let pid = db.checkout().await.unwrap().backend_pid();
    for text in [
        "SET search_path = nowhere",
        "set /* x */ app.tenant = 'left'",
        "SET ROLE @",
        "SET SESSION AUTHORIZATION @",
        "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY",
        "SET default_transaction_read_only = on",
        "SET statement_timeout = '10s'",
        "CREATE TEMP TABLE left_here (a int)",
        "CREATE TEMP SEQUENCE left_here",
        "CREATE TEMP VIEW left_here AS SELECT 1",
        "LISTEN left_here",
        "PREPARE \"left \"\" here\" AS SELECT 1",
        "BEGIN; DECLARE left_here CURSOR WITH HOLD FOR SELECT 1; COMMIT",
        "DO $$ BEGIN PERFORM set_config('app.tenant', 'left', false); END $$",
        "DO $$ BEGIN PERFORM pg_advisory_lock(4711); END $$",
        "SELECT 1; SET app.tenant = 'left'; SELECT 2",
        "BEGIN; SET LOCAL search_path = nowhere; SET app.tenant = 'left'; COMMIT",
        "SELECT set_config('app.tenant', 'left', false)",
        "SELECT pg_advisory_lock(4711)",
        "SELECT pg_try_advisory_lock_shared(4711, 1)",
        "SELECT 1 AS a INTO TEMP left_here",
        "WITH x AS (SELECT set_config('app.tenant', 'left', false) AS y) SELECT y FROM x",
        "UPDATE pg_settings SET setting = '10s' WHERE name = 'statement_timeout'",
        "SELECT query_to_xml('SELECT set_config(''app.tenant'', ''left'', false)', true, false, '')",
        "SELECT @.f()",
        "SELECT * FROM @.over",
        "INSERT INTO @.fires VALUES (1)",
        "INSERT INTO @.fills (a) VALUES (1)",
        "INSERT INTO @.checks VALUES (1)",
        "SELECT 1::@.is_checked",
        "SELECT 1 OPERATOR(@.@@) 'x'",
    ] {
        let sql = things
            .sql(&text.replace("@@", "\u{1}"))
            .replace('\u{1}', "@@");
        let session = db.checkout().await.unwrap();
        let ran = session.batch(&sql).await;
        if sql.contains("_to_xml")
            && ran
                .as_ref()
                .is_err_and(|error| error.code() == Some("0A000"))
        {
            // This build of PostgreSQL has no XML, so that nothing can be left by it.
            continue;
        }
        ran.unwrap();
        assert_ne!(look(&session).await, clean, "{sql}");
        drop(session);
        assert_eq!(next_sees(&db).await, clean, "{sql}");
    }
    let sql = things.sql("DELETE FROM @.parent WHERE id = $1");
    db.execute(&sql, &[&1]).await.unwrap();
    assert_eq!(next_sees(&db).await, clean, "a trigger behind a cascade");
    assert_eq!(
        db.checkout().await.unwrap().backend_pid(),
        pid,
        "washed, not replaced"
    );
    things.drop().await;
}

#[tokio::test]
async fn nothing_is_left_by_any_way_that_a_statement_can_take() {
    let things = Things::new().await;
    let db = pool_of(1).await;
    let clean = next_sees(&db).await;
    let f = things.sql("SELECT @.f()");

    db.query(&f, &[]).await.unwrap();
    assert_eq!(next_sees(&db).await, clean, "query");
    db.batch(&f).await.unwrap();
    assert_eq!(next_sees(&db).await, clean, "batch");
    let once: TypedParams<'_> = &[];
    db.checkout()
        .await
        .unwrap()
        .query_once(&f, once)
        .await
        .unwrap();
    assert_eq!(next_sees(&db).await, clean, "query_once");
    let mut rows = db.stream(&f, &[]).await.unwrap();
    while rows.next().await.is_some() {}
    drop(rows);
    assert_eq!(next_sees(&db).await, clean, "stream");
    drop(db.stream(&f, &[]).await.unwrap());
    assert_eq!(next_sees(&db).await, clean, "dropped stream");

    let session = db.checkout().await.unwrap();
    let table = things.sql("@.fires");
    let mut copy = session.copy_in(&table, &["a"]).await.unwrap();
    copy.write(&[&1]).await.unwrap();
    copy.finish().await.unwrap();
    assert_ne!(look(&session).await, clean);
    drop(session);
    assert_eq!(next_sees(&db).await, clean, "COPY");

    db.transaction(async |tx| {
        let savepoint = tx.savepoint().await?;
        savepoint.query(&f, &[]).await?;
        savepoint.release().await?;
        Ok::<(), Error>(())
    })
    .await
    .unwrap();
    assert_eq!(next_sees(&db).await, clean, "savepoint");
    let tx = db.begin().await.unwrap();
    tx.batch("SET app.tenant = 'left'").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(next_sees(&db).await, clean, "transaction");
    let mut session = db.checkout().await.unwrap();
    let tx = session.begin();
    tx.query("SELECT set_config('app.tenant', 'left', false)", &[])
        .await
        .unwrap();
    drop(tx);
    session
        .query("SELECT pg_advisory_lock(1)", &[])
        .await
        .unwrap();
    drop(session);
    assert_eq!(next_sees(&db).await, clean, "dropped transaction");
    things.drop().await;
}

/// Runs `sql` until it is known, then tells whether a session in which it ran is idle as soon as it is returned.
async fn costs_nothing(db: &Database, sql: &str) -> bool {
    for _ in 0..3 {
        db.query(sql, &[]).await.expect("the server answers");
        wait_until(SOON, async || db.status().checked_in == 1).await;
    }
    let session = db.checkout().await.expect("the server answers");
    session.query(sql, &[]).await.expect("the server answers");
    drop(session);
    db.status().checked_in == 1
}

#[tokio::test]
async fn session_in_which_nothing_was_left_is_idle_at_once() {
    let things = Things::new().await;
    let db = pool_of(1).await;
    for (text, expected) in [
        ("SELECT 1", true),
        (
            "SELECT id, lower('A') FROM @.plain WHERE a = 1 ORDER BY id LIMIT 1 FOR UPDATE",
            true,
        ),
        ("INSERT INTO @.plain (a) VALUES (1) RETURNING id", true),
        ("SELECT * FROM @.fires", true),
        (
            "WITH x AS (DELETE FROM @.plain RETURNING *) SELECT count(*) FROM x",
            true,
        ),
        ("SELECT set_config('app.tenant', '7', true)", true),
        ("SELECT nextval('@.plain_id_seq')", true),
        ("INSERT INTO @.fires VALUES (1)", false),
        ("SELECT @.f()", false),
    ] {
        let sql = things.sql(text);
        assert_eq!(costs_nothing(&db, &sql).await, expected, "{sql}");
    }
    let tenant = async |tx: underpin_pool::TransactionHandle| {
        tx.batch("SET LOCAL search_path = nowhere, public").await?;
        tx.query("SELECT 1", &[]).await.map(drop)
    };
    db.transaction(tenant).await.unwrap();
    assert_eq!(db.status().checked_in, 1, "SET LOCAL in a transaction");
    things.drop().await;
}

#[tokio::test]
async fn trigger_that_is_made_later_is_noticed() {
    let things = Things::new().await;
    let db = pool_of(1).await;
    let clean = next_sees(&db).await;
    let insert = things.sql("INSERT INTO @.plain (a) VALUES (1)");
    assert!(costs_nothing(&db, &insert).await);
    let sql = "CREATE TRIGGER t AFTER INSERT ON @.plain FOR EACH ROW EXECUTE FUNCTION @.fire()";
    db.batch(&things.sql(sql)).await.unwrap();
    let session = db.checkout().await.unwrap();
    session.execute(&insert, &[]).await.unwrap();
    assert_ne!(look(&session).await, clean);
    drop(session);
    assert_eq!(next_sees(&db).await, clean);
    things.drop().await;
}

#[tokio::test]
async fn statements_of_the_driver_survive_the_washing() {
    let db = pool_of(1).await;
    let sql = "SELECT $1::int + 1";
    let count = "SELECT count(*) FROM pg_prepared_statements WHERE NOT from_sql AND statement = 'SELECT $1::int + 1'";
    db.query(sql, &[&1]).await.unwrap();
    db.batch("PREPARE u0 AS SELECT 1").await.unwrap_err();
    db.batch("PREPARE mine AS SELECT 1; SET app.tenant = 'left'")
        .await
        .unwrap();
    let kept: i64 = db.query_one(count, &[]).await.unwrap().get(0).unwrap();
    assert_eq!(kept, 1);
    let row = db.query_one(sql, &[&1]).await.unwrap();
    assert_eq!(row.get::<i32>(0).unwrap(), 2);
}

#[tokio::test]
async fn session_that_takes_away_the_drivers_statements_can_still_be_used() {
    let db = pool_of(1).await;
    for sql in [
        "DISCARD ALL",
        "DEALLOCATE ALL",
        "DISCARD PLANS; DEALLOCATE ALL",
    ] {
        db.query("SELECT 1", &[]).await.unwrap();
        db.batch(sql).await.unwrap();
        let tx = db.begin().await.unwrap();
        tx.query("SELECT 2 - 1", &[]).await.unwrap();
        tx.query("SELECT 1", &[]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn settings_of_the_pool_outlive_the_washing() {
    let db = Database::connect(
        options(|pool| {
            (pool.size, pool.max_overflow) = (1, 0);
            pool.statement_timeout = Some(std::time::Duration::from_secs(77));
        })
        .await,
    )
    .await
    .unwrap();
    db.batch("SET statement_timeout = '1ms'").await.unwrap();
    wait_until(SOON, async || db.status().checked_in == 1).await;
    let shown = db.query_one("SHOW statement_timeout", &[]).await.unwrap();
    assert_eq!(shown.get::<String>(0).unwrap(), "77s");
}

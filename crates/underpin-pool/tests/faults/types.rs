//! Types and columns that are made anew, or are of another type from now on, under statements that were prepared before.

use crate::support::{SOON, pool};
use bytes::{BufMut, BytesMut};
use futures_util::future::join_all;
use postgres_types::{IsNull, Kind, to_sql_checked};
use std::sync::atomic::{AtomicU32, Ordering};
use underpin_core::ErrorKind;
use underpin_core::config::PoolSettings;
use underpin_pool::{Database, Error, FromSql, Session, ToSql, Type};
use underpin_testkit::{shared_cluster, wait_until};

/// One session, in a schema of the test's own.
struct Place {
    db: Database,
    schema: String,
}

impl Place {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut PoolSettings)) -> Self {
        let schema = format!("s_{}", uuid::Uuid::new_v4().simple());
        let mut url = shared_cluster().await.url("postgres");
        url.options = Some(format!("-c search_path={schema}"));
        let db = pool(url, |pool| {
            (pool.size, pool.max_overflow, pool.lanes) = (1, 0, 0);
            change(pool);
        });
        db.batch(&format!("CREATE SCHEMA {schema}")).await.unwrap();
        Self { db, schema }
    }

    async fn session(&self) -> Session {
        self.db.checkout().await.unwrap()
    }

    /// Another program changes the schema.
    async fn change(&self, sql: &str) {
        let mut url = shared_cluster().await.url("postgres");
        url.options = Some(format!("-c search_path={}", self.schema));
        let other = Session::connect(&underpin_pool::Options::new(url))
            .await
            .unwrap();
        other.batch(sql).await.unwrap();
    }

    async fn end(self) {
        self.change(&format!("DROP SCHEMA {} CASCADE", self.schema))
            .await;
    }
}

/// How a type is made, with what it needs; asked for as `$1::text::thing`, `$1::thing`, `$1::thing[]`.
const MADE: &[(&str, &str)] = &[
    ("enum", "CREATE TYPE thing AS ENUM ('a', 'b')"),
    ("domain", "CREATE DOMAIN thing AS text CHECK (VALUE <> 'c')"),
    ("range", "CREATE TYPE thing AS RANGE (subtype = text)"),
    ("composite", "CREATE TYPE thing AS (a text)"),
    (
        "domain over an enum",
        "CREATE TYPE beneath AS ENUM ('a'); CREATE DOMAIN thing AS beneath",
    ),
];

#[tokio::test]
async fn types_that_are_made_anew_are_no_error_outside_transactions() {
    for (kind, create) in MADE {
        let place = Place::new().await;
        place
            .change(&format!("{create}; CREATE TABLE t (a thing, b thing[])"))
            .await;
        let session = place.session().await;
        let ask = async || {
            let none: Option<&str> = None;
            let nothing: &[&(dyn ToSql + Sync)] = &[&none];
            for sql in [
                "SELECT $1::text::thing",
                "SELECT $1::text::thing[]",
                "SELECT a, b FROM t WHERE $1::text IS NULL",
            ] {
                let rows = session.query(sql, nothing).await;
                rows.unwrap_or_else(|error| panic!("{kind}: {sql}: {error:?}"));
            }
            let nothing: Option<Label> = None;
            for sql in [
                "SELECT $1::thing",
                "SELECT $1::thing[]",
                "INSERT INTO t (a) VALUES ($1)",
                "INSERT INTO t (b) VALUES ($1)",
                "UPDATE t SET a = $1 WHERE false",
            ] {
                let rows = session.query(sql, &[&nothing]).await;
                rows.unwrap_or_else(|error| panic!("{kind}: {sql}: {error:?}"));
                let mut rows = session.stream(sql, &[&nothing]).await.unwrap();
                while let Some(row) = rows.next().await {
                    row.unwrap_or_else(|error| panic!("{kind}: {sql}: {error:?}"));
                }
            }
        };
        ask().await;
        for _ in 0..3 {
            let drop = match *kind {
                "domain" => "DROP DOMAIN thing CASCADE",
                "domain over an enum" => "DROP TYPE beneath CASCADE",
                _ => "DROP TYPE thing CASCADE",
            };
            place
                .change(&format!(
                    "{drop}; {create}; DROP TABLE t; CREATE TABLE t (a thing, b thing[])"
                ))
                .await;
            ask().await;
        }
        drop(session);
        place.end().await;
    }
}

/// The text of an enum's label or of a domain over text, for whatever type the statement asks for.
#[derive(Debug)]
struct Label(&'static str);

impl ToSql for Label {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

#[tokio::test(flavor = "multi_thread")]
async fn types_that_are_made_anew_are_no_error_on_lanes() {
    let place = Place::with(|pool| (pool.size, pool.lanes) = (4, 2)).await;
    let create = "CREATE TYPE mood AS ENUM ('a', 'b')";
    place.change(create).await;
    let sql = "SELECT $1::mood::text";
    let ask = async |tasks: usize| {
        let answers = (0..tasks).map(|_| place.db.query_one(sql, &[&Label("a")]));
        for row in join_all(answers).await {
            assert_eq!(row.unwrap().get::<&str>(0).unwrap(), "a");
        }
    };
    for _ in 0..3 {
        wait_until(SOON, async || {
            ask(64).await;
            place.db.status().lanes == 2
        })
        .await;
        place.change(&format!("DROP TYPE mood; {create}")).await;
        ask(64).await;
    }
    place.end().await;
}

#[tokio::test]
async fn composite_type_that_changes_in_place_is_read_and_written_as_it_is_now() {
    let place = Place::new().await;
    place
        .change(
            "CREATE TYPE pair AS (a int, b text); CREATE TABLE t (p pair, l pair[]);
             INSERT INTO t VALUES ((7, 'x'), ARRAY[(7, 'x')::pair])",
        )
        .await;
    let session = place.session().await;
    let (sql, set) = ("SELECT p, l FROM t", "UPDATE t SET p = $1");
    let read = async |names: &[&str]| {
        let row = session.query_one(sql, &[]).await.unwrap();
        let Attributes(found) = row.get("p").unwrap();
        assert_eq!(found, names);
        let listed: Vec<Attributes> = row.get("l").unwrap();
        assert_eq!(listed[0].0, names);
        let pairs = session
            .query_as::<(Attributes, Vec<Attributes>)>(sql, &[])
            .await
            .unwrap();
        assert_eq!(pairs[0].0.0, names);
        let mut rows = session.stream(sql, &[]).await.unwrap();
        let row = rows.next().await.unwrap().unwrap();
        assert_eq!(row.get::<Attributes>("p").unwrap().0, names);
    };
    read(&["a int4", "b text"]).await;
    session.execute(set, &[&Nulls]).await.unwrap();
    place.change("ALTER TYPE pair ADD ATTRIBUTE c text").await;
    read(&["a int4", "b text", "c text"]).await;
    session.execute(set, &[&Nulls]).await.unwrap();
    place
        .change("ALTER TYPE pair DROP ATTRIBUTE b, ADD ATTRIBUTE d bigint")
        .await;
    session.execute(set, &[&Nulls]).await.unwrap();
    read(&["a int4", "c text", "d int8"]).await;
    drop(session);
    place.end().await;
}

/// A composite value of NULLs, with the attributes that are known here.
#[derive(Debug)]
struct Nulls;

impl ToSql for Nulls {
    fn to_sql(
        &self,
        r#type: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let Kind::Composite(fields) = r#type.kind() else {
            return Err("not a composite type".into());
        };
        out.put_i32(i32::try_from(fields.len())?);
        for field in fields {
            out.put_u32(field.type_().oid());
            out.put_i32(-1);
        }
        Ok(IsNull::No)
    }

    fn accepts(r#type: &Type) -> bool {
        matches!(r#type.kind(), Kind::Composite(_))
    }

    to_sql_checked!();
}

/// The attributes of a composite value, as they are known here.
#[derive(Debug)]
struct Attributes(Vec<String>);

impl<'a> FromSql<'a> for Attributes {
    fn from_sql(
        r#type: &Type,
        _: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        let Kind::Composite(fields) = r#type.kind() else {
            return Err("not a composite type".into());
        };
        let fields = fields.iter();
        Ok(Self(
            fields
                .map(|field| format!("{} {}", field.name(), field.type_()))
                .collect(),
        ))
    }

    fn accepts(r#type: &Type) -> bool {
        matches!(r#type.kind(), Kind::Composite(_))
    }
}

#[tokio::test]
async fn parameters_of_a_changed_column_are_taken_as_they_are_now() {
    let place = Place::new().await;
    place
        .change("CREATE TABLE t (id int, a int); INSERT INTO t VALUES (1, 1)")
        .await;
    let mut session = place.session().await;
    let (find, set) = (
        "SELECT id FROM t WHERE a = $1",
        "UPDATE t SET a = $1 WHERE id = 1",
    );
    assert_eq!(session.query(find, &[&1_i32]).await.unwrap().len(), 1);
    assert_eq!(session.execute(set, &[&1_i32]).await.unwrap(), 1);
    let wrong = session.query(find, &[&"1"]).await.unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::InvalidInput, "{wrong:?}");
    let few = session.query(find, &[]).await.unwrap_err();
    assert_eq!(few.kind(), ErrorKind::InvalidInput, "{few:?}");

    place.change("ALTER TABLE t ALTER a TYPE text").await;
    assert_eq!(session.query(find, &[&"1"]).await.unwrap().len(), 1);
    assert_eq!(session.execute(set, &[&"2"]).await.unwrap(), 1);
    let wrong = session.query(find, &[&1_i32]).await.unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::InvalidInput, "{wrong:?}");

    place
        .change("ALTER TABLE t ALTER a TYPE bigint USING a::bigint")
        .await;
    let mut rows = session.stream(find, &[&2_i64]).await.unwrap();
    assert!(rows.next().await.unwrap().is_ok());
    drop(rows);
    // Neither the first statement nor a later one of a transaction fails, nor does it fail on the server.
    place.change("ALTER TABLE t ALTER a TYPE text").await;
    let tx = session.begin();
    assert_eq!(tx.execute(set, &[&"3"]).await.unwrap(), 1);
    assert_eq!(tx.query(find, &[&"3"]).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
    drop(session);
    place.end().await;
}

#[tokio::test]
async fn parameters_whose_type_still_fits_the_old_plan_are_tried_with_the_new_one() {
    let place = Place::new().await;
    place
        .change("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
        .await;
    let session = place.session().await;
    let find = "SELECT a FROM t WHERE a = $1";
    assert_eq!(session.query(find, &[&Any(1)]).await.unwrap().len(), 1);
    place.change("ALTER TABLE t ALTER a TYPE text").await;
    assert_eq!(session.query(find, &[&Any(1)]).await.unwrap().len(), 1);
    assert_eq!(session.query(find, &[&Any(1)]).await.unwrap().len(), 1);
    // In a transaction it is known to help to run it again.
    place
        .change("ALTER TABLE t ALTER a TYPE int USING a::int")
        .await;
    drop(session);
    let runs = AtomicU32::new(0);
    let found = place.db.transaction(async |tx| {
        runs.fetch_add(1, Ordering::Relaxed);
        tx.execute("SELECT 1", &[]).await?;
        Ok::<_, Error>(tx.query(find, &[&Any(1)]).await?.len())
    });
    assert_eq!(found.await.unwrap(), 1);
    assert_eq!(runs.load(Ordering::Relaxed), 2);
    place.end().await;
}

/// A number that is written as an integer or as text, as the statement asks.
#[derive(Debug)]
struct Any(i32);

impl ToSql for Any {
    fn to_sql(
        &self,
        r#type: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match *r#type {
            Type::INT4 => self.0.to_sql(r#type, out),
            _ => self.0.to_string().to_sql(r#type, out),
        }
    }

    fn accepts(r#type: &Type) -> bool {
        matches!(*r#type, Type::INT4 | Type::TEXT)
    }

    to_sql_checked!();
}

#[tokio::test]
async fn copied_rows_are_of_the_types_that_the_columns_have_now() {
    let place = Place::new().await;
    place.change("CREATE TABLE t (a int)").await;
    let session = place.session().await;
    let copy = async |value: &(dyn ToSql + Sync)| {
        let mut copy = session.copy_in("t", &["a"]).await?;
        copy.write(&[value]).await?;
        copy.finish().await
    };
    copy(&7_i32).await.unwrap();
    // Of the same length, so that the server could not tell.
    place.change("ALTER TABLE t ALTER a TYPE real").await;
    assert_eq!(
        copy(&8_i32).await.unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    copy(&8_f32).await.unwrap();
    let sum = session
        .query_one("SELECT sum(a)::text FROM t", &[])
        .await
        .unwrap();
    assert_eq!(sum.get::<&str>(0).unwrap(), "15");
    drop(session);
    place.end().await;
}

#[tokio::test]
async fn transaction_whose_search_path_leads_to_other_tables_runs_again() {
    let place = Place::with(|pool| pool.size = 8).await;
    let tenants = [format!("{}_a", place.schema), format!("{}_b", place.schema)];
    place
        .change(&format!(
            "CREATE SCHEMA {a}; CREATE TABLE {a}.t (id int, x int); INSERT INTO {a}.t VALUES (1, 2);
             CREATE SCHEMA {b}; CREATE TABLE {b}.t (id text, y text, z text); INSERT INTO {b}.t VALUES ('1', '3', '4')",
            a = tenants[0],
            b = tenants[1]
        ))
        .await;
    let runs = AtomicU32::new(0);
    for round in 0..40 {
        let tenant = &tenants[round % 2];
        let columns = place.db.transaction(async |tx| {
            runs.fetch_add(1, Ordering::Relaxed);
            tx.batch(&format!("SET LOCAL search_path = {tenant}"))
                .await?;
            let rows = tx
                .query("SELECT * FROM t WHERE id::text = $1", &[&"1"])
                .await?;
            let found = tx
                .query("SELECT id FROM t WHERE id = $1", &[&Any(1)])
                .await?;
            assert_eq!(found.len(), 1);
            Ok::<_, Error>(rows[0].len())
        });
        assert_eq!(columns.await.unwrap(), 2 + round % 2);
    }
    // A statement that means other tables all the time is sent whole after a while, which is never out of date.
    let runs = runs.load(Ordering::Relaxed);
    assert!((41..=60).contains(&runs), "{runs}");
    for tenant in &tenants {
        place.change(&format!("DROP SCHEMA {tenant} CASCADE")).await;
    }
    place.end().await;
}

#[tokio::test]
async fn transaction_that_meets_a_changed_schema_on_every_session_commits() {
    let place = Place::with(|pool| pool.size = 12).await;
    place
        .change("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
        .await;
    let mut held = Vec::new();
    for _ in 0..12 {
        let session = place.session().await;
        session.query("SELECT * FROM t", &[]).await.unwrap();
        held.push(session);
    }
    drop(held);
    wait_until(SOON, async || place.db.status().checked_out == 0).await;
    place.change("ALTER TABLE t ADD b int").await;
    let transactions = (0..12).map(|_| {
        place.db.transaction(async |tx| {
            tx.execute("UPDATE t SET b = coalesce(b, 0) + 1", &[])
                .await?;
            Ok::<_, Error>(tx.query_one("SELECT * FROM t", &[]).await?.len())
        })
    });
    for columns in join_all(transactions).await {
        assert_eq!(columns.unwrap(), 2);
    }
    let row = place.db.query_one("SELECT b FROM t", &[]).await.unwrap();
    assert_eq!(row.get::<i32>(0).unwrap(), 12, "each is done once");
    place.end().await;
}

#[tokio::test]
async fn error_from_within_a_running_statement_is_not_taken_for_a_stale_one() {
    let place = Place::new().await;
    place
        .change(
            "CREATE SEQUENCE s;
             CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$
             BEGIN PERFORM nextval('s'); EXECUTE 'SELECT 1 + true'; RETURN 1; END $$",
        )
        .await;
    let session = place.session().await;
    let error = session.query("SELECT f()", &[]).await.unwrap_err();
    assert_eq!(error.code(), Some("42883"), "{error:?}");
    let row = session
        .query_one("SELECT last_value FROM s", &[])
        .await
        .unwrap();
    assert_eq!(row.get::<i64>(0).unwrap(), 1, "it ran once");
    drop(session);
    place.end().await;
}

#[tokio::test]
async fn transaction_does_not_run_again_when_that_cannot_help() {
    let place = Place::new().await;
    place.change("CREATE TYPE pair AS (a int, b text)").await;
    for sql in ["DEALLOCATE nothing", "EXECUTE nothing", "SELECT $1::pair"] {
        for is_known in [false, true] {
            let runs = AtomicU32::new(0);
            let outcome = place.db.transaction(async |tx| {
                runs.fetch_add(1, Ordering::Relaxed);
                let wrong: &[&(dyn ToSql + Sync)] = &[&Wrong];
                let params = if sql.contains('$') { wrong } else { &[] };
                tx.query(sql, params).await.map(drop)
            });
            outcome.await.unwrap_err();
            let runs = runs.load(Ordering::Relaxed);
            assert!(runs <= 1 + u32::from(is_known), "{sql}: {runs}");
        }
        let error = place
            .db
            .query("SELECT $1::pair", &[&Wrong])
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::Sql, Some("42804"))
        );
    }
    place.end().await;
}

/// A composite value with too few attributes.
#[derive(Debug)]
struct Wrong;

impl ToSql for Wrong {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.put_i32(0);
        Ok(IsNull::No)
    }

    fn accepts(r#type: &Type) -> bool {
        matches!(r#type.kind(), Kind::Composite(_))
    }

    to_sql_checked!();
}

//! What is run on a scratch server, and what stays there.

use crate::diff::support::{Server, all, sql};
use crate::support::text;
use std::fs;
use tempfile::TempDir;
use underpin_core::ErrorKind;
use underpin_migrate::diff::{Scratch, ScratchServer, Source, catalog, difference};
use underpin_migrate::verify::verify;
use underpin_migrate::{Chain, Error};

/// Statements that act on more than their database.
const CLUSTER_WIDE: [&str; 16] = [
    "CREATE ROLE scratch_test LOGIN PASSWORD 'x'",
    "CREATE USER scratch_test",
    "DROP ROLE scratch_victim",
    "ALTER ROLE scratch_victim PASSWORD 'x'",
    "ALTER SYSTEM SET work_mem = '7MB'",
    "DROP DATABASE scratch_victim",
    "ALTER DATABASE scratch_victim SET work_mem = '7MB'",
    "GRANT pg_monitor TO scratch_victim",
    "REASSIGN OWNED BY scratch_victim TO CURRENT_USER",
    "COMMENT ON ROLE scratch_victim IS 'x'",
    "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p",
    "COPY (SELECT 1) TO PROGRAM 'cat >/dev/null'",
    "SELECT pg_reload_conf()",
    "DO $$ BEGIN DROP ROLE scratch_victim; END $$",
    "DO $$ DECLARE q text := 'DROP ROLE scratch_'; BEGIN EXECUTE q || 'victim'; END $$",
    "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP ROLE scratch_victim; END $$; SELECT f()",
];

/// A folder with one migration.
fn folder(up: &str, down: &str) -> (TempDir, Chain) {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("written");
    };
    write("20240101000001_a.up.sql", up);
    write("20240101000001_a.down.sql", down);
    let chain = Chain::from_dir("app", folder.path()).expect("a chain");
    (folder, chain)
}

async fn open(server: &Server, whose: ScratchServer) -> Scratch {
    Scratch::open_on(server.options("postgres"), whose)
        .await
        .expect("a server")
}

async fn ask(server: &Server, sql: &str) -> String {
    let admin = server.session("postgres").await;
    let sql = format!("SELECT coalesce(({sql})::text, 'null')");
    let row = admin.query_one(&sql, &[]).await.expect("an answer");
    row.get(0).expect("text")
}

/// What is there beside databases for scratch work.
const THERE: &str = "\
SELECT (SELECT string_agg(rolname || coalesce(rolconfig::text, ''), ',' ORDER BY rolname) FROM pg_roles)
    || (SELECT string_agg(datname, ',' ORDER BY datname) FROM pg_database)
    || (SELECT count(*) FROM pg_auth_members) || (SELECT count(*) FROM pg_db_role_setting)
    || (SELECT count(*) FROM pg_shdescription) || (SELECT count(*) FROM pg_subscription)
    || (SELECT count(*) FROM pg_file_settings WHERE name = 'work_mem')";

#[tokio::test]
async fn nothing_that_acts_on_a_whole_server_runs_on_one_that_is_not_ours() {
    let server = Server::start().await;
    server.run("CREATE ROLE scratch_victim").await;
    server.run("CREATE DATABASE scratch_victim").await;
    let before = ask(&server, THERE).await;
    let scratch = open(&server, ScratchServer::Foreign).await;
    let refused = |error: Error, statement: &str, place: &str| {
        let said = text(&error);
        assert_eq!(error.kind(), ErrorKind::Refused, "{statement}: {said}");
        assert!(said.contains(place), "{statement}: {said}");
        let hint = error.hint().unwrap_or_default();
        assert!(hint.contains("--scratch-cluster-wide"), "{said}\n{hint}");
    };
    for statement in CLUSTER_WIDE {
        let file = format!("CREATE TABLE t (a int);\n{statement};");
        let made = catalog(&scratch, &sql("a.sql", &file)).await;
        refused(made.expect_err(statement), statement, "a.sql:2:");
        let (_folder, chain) = folder(&file, "DROP TABLE t;");
        let replayed = verify(&scratch, &chain).await;
        refused(replayed.expect_err(statement), statement, ".up.sql:2:");
        let back = format!("DROP TABLE t;\n{statement};");
        let (_folder, chain) = folder("CREATE TABLE t (a int);", &back);
        let replayed = verify(&scratch, &chain).await;
        refused(replayed.expect_err(statement), statement, ".down.sql:2:");
    }
    let (_folder, chain) = folder(CLUSTER_WIDE[0], "SELECT 1;");
    let made = catalog(&scratch, &Source::Migrations(chain)).await;
    refused(made.expect_err("a chain"), CLUSTER_WIDE[0], ".up.sql:1:");
    scratch.close().await.expect("closed");
    assert_eq!(ask(&server, THERE).await, before);
}

#[tokio::test]
async fn a_role_that_a_server_of_somebody_lacks_is_named_and_not_made() {
    let server = Server::start().await;
    let text_of = "CREATE TABLE t (a int); GRANT SELECT ON t TO scratch_reader";
    let scratch = open(&server, ScratchServer::Foreign).await;
    let find =
        async || difference(&scratch, &sql("a.sql", ""), &sql("b.sql", text_of), &all()).await;
    let error = find().await.expect_err("there is no such role");
    assert_eq!(error.kind(), ErrorKind::Refused, "{}", text(&error));
    let hint = error.hint().unwrap_or_default();
    assert!(
        hint.contains("CREATE ROLE \"scratch_reader\" NOLOGIN"),
        "{hint}"
    );
    let roles = "SELECT count(*) FROM pg_roles WHERE rolname = 'scratch_reader'";
    assert_eq!(ask(&server, roles).await, "0");
    server.run("CREATE ROLE scratch_reader NOLOGIN").await;
    find().await.expect("with the role");
    scratch.close().await.expect("closed");
    assert_eq!(ask(&server, roles).await, "1", "it is not ours to drop");
}

#[tokio::test]
async fn what_scripts_make_on_a_server_for_such_work_is_gone_afterwards() {
    let server = Server::start().await;
    let before = ask(&server, THERE).await;
    let up = "CREATE ROLE scratch_owner;\n\
              DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'scratch_second') THEN \
              EXECUTE format('CREATE ROLE %I', 'scratch_second'); END IF; END $$;\n\
              GRANT scratch_second TO scratch_owner;\n\
              ALTER ROLE scratch_owner SET work_mem = '7MB';\n\
              ALTER SYSTEM SET work_mem = '7MB';\n\
              CREATE DATABASE scratch_other;\n\
              ALTER DATABASE postgres SET work_mem = '7MB';\n\
              CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p;\n\
              CREATE TABLE t (a int);\n\
              GRANT SELECT ON t TO scratch_owner;\n";
    let down = "DROP TABLE t;\nDROP SUBSCRIPTION s;\nDROP ROLE scratch_owner;\nDROP ROLE scratch_second;\n";
    for whose in [ScratchServer::Disposable, ScratchServer::Own] {
        let (_folder, chain) = folder(up, down);
        let scratch = open(&server, whose).await;
        let replayed = verify(&scratch, &chain)
            .await
            .unwrap_or_else(|error| panic!("{}", text(&error)));
        assert!(replayed[0].fault.is_none(), "{:?}", replayed[0].fault);
        // Nothing goes back here: the roles are there when the scratch server is let go.
        let made = catalog(&scratch, &Source::Migrations(chain)).await;
        made.unwrap_or_else(|error| panic!("{}", text(&error)));
        let notes = scratch.notes().join("\n");
        for left_out in [
            "ALTER SYSTEM",
            "CREATE DATABASE",
            "ALTER DATABASE",
            "CREATE SUBSCRIPTION",
        ] {
            assert!(notes.contains(left_out), "{left_out}: {notes}");
        }
        scratch
            .close()
            .await
            .unwrap_or_else(|error| panic!("{}", text(&error)));
        assert_eq!(ask(&server, THERE).await, before, "{whose:?}");
    }
}

#[tokio::test]
async fn a_migration_that_leads_elsewhere_does_not_leave_its_roles_in_the_way_of_the_next() {
    let server = Server::start().await;
    let (folder, _) = folder(
        "CREATE ROLE scratch_owner; CREATE TABLE t (a int); GRANT SELECT ON t TO scratch_owner;",
        "SELECT 1;",
    );
    let second = folder.path().join("20240101000002_b.up.sql");
    fs::write(second, "CREATE TABLE u (a int);").expect("written");
    let chain = Chain::from_dir("app", folder.path()).expect("a chain");
    let scratch = open(&server, ScratchServer::Disposable).await;
    let replayed = verify(&scratch, &chain)
        .await
        .unwrap_or_else(|error| panic!("{}", text(&error)));
    assert!(replayed[0].fault.is_some() && replayed[1].fault.is_none());
    scratch.close().await.expect("closed");
}

#[tokio::test]
async fn a_scratch_database_with_a_subscription_is_dropped() {
    let server = Server::start().await;
    let subscription = "CREATE PUBLICATION p;\nDO $$ BEGIN EXECUTE 'CREATE SUBSCRIPTION s CONNECTION ''host=127.0.0.1 port=1'' \
                        PUBLICATION p WITH (connect = false, slot_name = ''far_away'')'; END $$;";
    let scratch = open(&server, ScratchServer::Disposable).await;
    let made = catalog(&scratch, &sql("a.sql", subscription)).await;
    made.unwrap_or_else(|error| panic!("{}", text(&error)));
    scratch
        .close()
        .await
        .unwrap_or_else(|error| panic!("{}", text(&error)));
    let left = "SELECT count(*) FROM pg_database WHERE datname LIKE 'underpin\\_scratch%'";
    assert_eq!(ask(&server, left).await, "0");
}

#[tokio::test]
async fn a_database_that_was_left_behind_is_told_from_one_in_use() {
    let server = Server::start().await;
    let now: i64 = ask(
        &server,
        "SELECT extract(epoch FROM clock_timestamp())::bigint",
    )
    .await
    .parse()
    .expect("a number");
    // Whatever the clock of this machine says.
    let (old, used, young) = (
        format!("underpin_scratch_{}_00000001", now - 7200),
        format!("underpin_scratch_{}_00000002", now - 7200),
        format!("underpin_scratch_{now}_00000003"),
    );
    for name in [&old, &used, &young] {
        server.run(&format!("CREATE DATABASE {name}")).await;
    }
    // As another program does that is at work and not connected to it just now.
    let other = server.session("postgres").await;
    let lock = "SELECT pg_advisory_lock_shared(1548385297, oid::bigint::bit(32)::int) FROM pg_database WHERE datname = $1";
    other.execute(lock, &[&used]).await.expect("locked");
    let left = async || {
        let sql = "SELECT string_agg(right(datname, 1), '' ORDER BY datname DESC) FROM pg_database WHERE datname LIKE 'underpin\\_scratch%'";
        ask(&server, sql).await
    };
    open(&server, ScratchServer::Foreign)
        .await
        .close()
        .await
        .expect("closed");
    assert_eq!(left().await, "32");
    drop(other);
    underpin_testkit::wait_until(crate::support::DEADLINE, async || {
        let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'";
        ask(&server, waiting).await == "0"
    })
    .await;
    open(&server, ScratchServer::Foreign)
        .await
        .close()
        .await
        .expect("closed");
    assert_eq!(left().await, "3");
}

#[tokio::test]
async fn what_killed_programs_left_on_a_cluster_of_ours_goes_once_nobody_works_there() {
    let server = Server::start().await;
    server.run("CREATE ROLE scratch_left_behind").await;
    server
        .run("CREATE DATABASE underpin_scratch_1_00000001")
        .await;
    let left = "SELECT (SELECT count(*) FROM pg_roles WHERE rolname = 'scratch_left_behind')
                     + (SELECT count(*) FROM pg_database WHERE datname LIKE 'underpin\\_scratch%')";
    let works = server.session("postgres").await;
    let scratch = open(&server, ScratchServer::Own).await;
    scratch.close().await.expect("closed");
    let role = "SELECT count(*) FROM pg_roles WHERE rolname = 'scratch_left_behind'";
    assert_eq!(ask(&server, role).await, "1", "somebody may use it");
    works.close();
    underpin_testkit::wait_until(crate::support::DEADLINE, async || {
        let others = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'";
        ask(&server, others).await == "1"
    })
    .await;
    // Whoever has asked just now may not have gone yet: an open tries again.
    underpin_testkit::wait_until(crate::support::DEADLINE, async || {
        let scratch = open(&server, ScratchServer::Own).await;
        scratch.close().await.expect("closed");
        ask(&server, left).await == "0"
    })
    .await;
}

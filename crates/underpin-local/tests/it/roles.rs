//! The roles of a cluster: the service's is no superuser, and clusters of before get both.

use crate::support::{Unprivileged, ask, folder, settings};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use underpin_local::{Binaries, Cluster, DATABASE, Settings};

/// One of everything that a service may have made as the superuser it was.
const OBJECTS: &str = "
CREATE TABLE t (id serial PRIMARY KEY, j int);
CREATE VIEW v AS SELECT * FROM t; CREATE MATERIALIZED VIEW mv AS SELECT 1 AS a; CREATE SEQUENCE s;
CREATE TYPE e AS ENUM ('a'); CREATE TYPE c AS (x int); CREATE DOMAIN dom AS int; CREATE TYPE r AS RANGE (subtype = int4);
CREATE FUNCTION f(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1'; CREATE AGGREGATE agg(int) (sfunc = int4pl, stype = int);
CREATE SCHEMA \"Sch A\"; CREATE TABLE \"Sch A\".\"T b\" (x int); CREATE EXTENSION pg_trgm;
CREATE COLLATION col (locale = 'C'); CREATE STATISTICS st ON id, j FROM t;
CREATE OPERATOR === (leftarg = int, rightarg = int, function = int4eq);
CREATE TEXT SEARCH CONFIGURATION tsc (COPY = simple); CREATE PUBLICATION pub FOR TABLE t; SELECT lo_create(4711);
CREATE TABLE part (a int) PARTITION BY RANGE (a); CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (1) TO (2);
INSERT INTO t (j) VALUES (7);";

/// Drops all of that, which only an owner may.
const DROPS: &str = "
DROP PUBLICATION pub; SELECT lo_unlink(4711); DROP TABLE part; DROP EXTENSION pg_trgm; DROP TABLE t CASCADE;
DROP MATERIALIZED VIEW mv; DROP SEQUENCE s; DROP TYPE e; DROP TYPE c; DROP DOMAIN dom; DROP TYPE r; DROP FUNCTION f;
DROP PROCEDURE p; DROP AGGREGATE agg(int); DROP SCHEMA \"Sch A\" CASCADE; DROP COLLATION col;
DROP OPERATOR === (int, int); DROP TEXT SEARCH CONFIGURATION tsc;";

const ROLES: &str = "SELECT string_agg(rolname || '=' || rolsuper || rolcreaterole || rolreplication || rolbypassrls, ' ' ORDER BY rolname) \
     FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%'";

const OWNER: &str =
    "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()";

fn run(program: &Path, arguments: &[&str], input: &str) {
    let mut command = Unprivileged::command(program);
    let mut child = command
        .args(arguments)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("ERROR"), "{said}");
}

/// A cluster as it was made before there were two roles.
fn make_cluster_of_before(settings: &Settings) {
    let binaries = Binaries::find(None).unwrap();
    std::fs::create_dir(&settings.data_dir).unwrap();
    let data = settings.data_dir.join("data");
    std::fs::create_dir(&data).unwrap();
    let password = settings.data_dir.join("password");
    std::fs::write(&password, "secret-of-before").unwrap();
    for path in [&data, &password] {
        Unprivileged::give(path);
    }
    let (data, password) = (data.to_str().unwrap(), password.to_str().unwrap());
    let options = [
        "-D",
        data,
        "-U",
        "underpin",
        "--pwfile",
        password,
        "-A",
        "scram-sha-256",
        "-N",
        "-E",
        "UTF8",
        "--locale=C",
    ];
    run(&binaries.program("initdb"), &options, "");
    let mut own = Command::new("chown");
    let owner = own.args(["--reference", settings.data_dir.to_str().unwrap(), password]);
    assert!(owner.status().unwrap().success());
    let single = |database| ["--single", "-j", "-D", data, "-c", "fsync=off", database];
    let postgres = binaries.program("postgres");
    run(
        &postgres,
        &single("template1"),
        "CREATE DATABASE underpin;\n\n",
    );
    run(
        &postgres,
        &single("underpin"),
        &format!("{}\n\n", OBJECTS.trim()),
    );
}

#[tokio::test]
async fn the_role_of_the_service_owns_its_database_and_is_no_superuser() {
    let folder = folder();
    let cluster = Cluster::start(settings(folder.path())).await.unwrap();
    let (url, admin) = (cluster.url(DATABASE), cluster.admin_url(DATABASE));
    assert_eq!(
        ask(&url, ROLES).unwrap(),
        "underpin=falsefalsefalsefalse underpin_admin=truetruetruetrue"
    );
    assert_eq!(ask(&url, OWNER).unwrap(), "underpin");
    for program in [
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('/etc/passwd')",
        "ALTER SYSTEM SET work_mem = '1MB'",
        "CREATE ROLE other SUPERUSER",
    ] {
        let refused = ask(&url, program).unwrap_err();
        assert!(
            refused.contains("ermission denied") || refused.contains("must be"),
            "{program}: {refused}"
        );
    }
    ask(&url, OBJECTS).unwrap();
    ask(&url, DROPS).unwrap();
    ask(&url, "CREATE DATABASE another").unwrap();
    assert_eq!(
        ask(&admin, "SELECT current_user").unwrap(),
        "underpin_admin"
    );
    let mode = |name: &str| {
        use std::os::unix::fs::MetadataExt;
        cluster.data_dir().join(name).metadata().unwrap().mode() & 0o777
    };
    assert_eq!((mode("password"), mode("admin.password")), (0o600, 0o600));
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_cluster_of_before_keeps_its_password_and_its_data_and_loses_its_superuser() {
    let folder = folder();
    let settings = settings(folder.path());
    make_cluster_of_before(&settings);
    for _ in 0..2 {
        let cluster = Cluster::start(settings.clone()).await.unwrap();
        let url = cluster.url(DATABASE);
        assert_eq!(url.password.as_ref().unwrap().expose(), "secret-of-before");
        assert_eq!(
            ask(&url, ROLES).unwrap(),
            "underpin=falsefalsefalsefalse underpin_admin=truetruetruetrue"
        );
        assert_eq!(ask(&url, OWNER).unwrap(), "underpin");
        assert_eq!(ask(&url, "SELECT j FROM t").unwrap(), "7");
        cluster.stop().await.unwrap();
    }
    let cluster = Cluster::start(settings).await.unwrap();
    ask(&cluster.url(DATABASE), DROPS).unwrap();
    cluster.stop().await.unwrap();
}

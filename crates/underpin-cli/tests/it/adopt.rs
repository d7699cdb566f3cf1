//! `underpin migrate adopt`: what a tool has left, and real tools that go on beside. `cargo xtask tools --all` installs
//! those; a test without its tool says so and passes.

use crate::harness::Sandbox;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A machine with a running cluster and the files of a tool's project, as the tests of the crate have them.
fn machine(project: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("../underpin-migrate/tests/adopt");
    copy(&recorded.join(project), &sandbox.work());
    sandbox.underpin(["db", "start"]).run().is(0, "...", "...");
    // The role of the embedded cluster has the name of the ledger's schema.
    let path = "ALTER ROLE underpin SET search_path = public";
    let psql = ["db", "psql", "--", "-qc", path];
    sandbox.underpin(psql).run().is(0, "", "");
    sandbox
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copied = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            fs::copy(&path, &copied).unwrap();
        }
    }
}

#[test]
fn a_flyway_project_is_shown_taken_over_and_goes_on() {
    let sandbox = machine("flyway");
    let left = ["db", "psql", "--", "-qf", "database.sql"];
    sandbox.underpin(left).run().is(0, "", "");
    let migrate = |arguments: &[&str]| sandbox.underpin([&["migrate"], arguments].concat()).run();
    let taken = "00001000000000 create_users  applied  from V1__create_users.sql\n\
                 00001002000000 add_email  applied  from V1.2__add_email.sql";
    let notes = "...\nnote: R__user_names.sql is repeatable: not taken over; a copy in the folder `repeatable`[..]\n[..]taken over from \
                 flyway (public.flyway_schema_history): 2 applied, 0 pending; sql stays as it is, its copy is migrations";
    let planned = notes.replace(
        "sql stays as it is, its copy is migrations",
        "sql would stay as it is, and copies would go into migrations",
    );
    migrate(&["adopt", "--dry-run"]).is(0, taken, &planned);
    assert!(!sandbox.work().join("migrations").exists());
    migrate(&["adopt"]).is(0, taken, notes);
    migrate(&["status", "--exit-code"]).is(
        0,
        "...",
        "...\nchain app (migrations): 2 applied, 0 pending",
    );
    migrate(&["up"]).is(0, "nothing to do", "...");
    sandbox.file(
        "migrations/20300101000000_notes.up.sql",
        "CREATE TABLE notes (id bigint);\n",
    );
    migrate(&["up"]).is(
        0,
        "applied 20300101000000 notes (1 statement, [..] ms)",
        "...",
    );
    migrate(&["adopt", "--json"]).is(0, "{\n  \"tool\": \"flyway\",\n...", "...");
    let java = "INSERT INTO flyway_schema_history VALUES (9, '3', 'in java', 'JDBC', 'db.migration.V3__in_java', NULL, 'me', now(), 1, true)";
    let psql = |sql| sandbox.underpin(["db", "psql", "--", "-qc", sql]).run();
    psql(java).is(0, "", "");
    migrate(&["adopt"]).is(
        6,
        "",
        "...\nerror: flyway has applied migration 3, and no file is that\n\nhint: Flyway calls its type JDBC: it is a program[..]migrate new[..]",
    );
    psql("DELETE FROM flyway_schema_history WHERE installed_rank = 9").is(0, "", "");
    let dirty = [
        "db",
        "psql",
        "--",
        "-qc",
        "UPDATE flyway_schema_history SET success = false WHERE installed_rank = 2",
    ];
    sandbox.underpin(dirty).run().is(0, "", "");
    migrate(&["adopt"]).is(
        3,
        "",
        "...\nerror: flyway says that migration 1.2 ended half-way\n\nhint: [..]flyway repair[..]",
    );
    fs::remove_file(sandbox.work().join("sql/V1__create_users.sql")).unwrap();
    migrate(&["adopt"]).is(
        6,
        "",
        "...\nerror: flyway has applied migration 1, and no file is that\n\nhint: [..]",
    );
    migrate(&["adopt", "--from", "liquibase"]).is(
        2,
        "",
        "error: [..]liquibase[..]known are sqlx, [..]\n...",
    );
}

#[test]
fn alembic_s_own_settings_say_where_its_revisions_are() {
    let sandbox = machine("alembic");
    let moved = sandbox.work().join("db/schema");
    fs::create_dir_all(moved.parent().unwrap()).unwrap();
    fs::rename(sandbox.work().join("alembic"), &moved).unwrap();
    let ini = "[alembic]\nscript_location = %(here)s/db/schema\n";
    sandbox.file("alembic.ini", ini);
    let left = ["db", "psql", "--", "-qf", "database.sql"];
    sandbox.underpin(left).run().is(0, "", "");
    let adopt = || sandbox.underpin(["migrate", "adopt", "--dry-run"]).run();
    adopt().is(
        0,
        "...",
        "...\nwould be taken over from alembic [..]db/schema/versions would stay as it is[..]",
    );
    sandbox.file("alembic.ini", ini.replace("schema", "gone"));
    adopt().is(
        1,
        "",
        "...\nerror: alembic.ini names the folder db/gone/versions, which is not there\n\nhint: [..]--source",
    );
}

/// In a folder that a tool and we share, what only we have applied is not pending.
#[test]
fn what_our_runner_has_applied_is_not_called_pending_by_the_next_adoption() {
    let sandbox = machine("sqlx");
    let left = ["db", "psql", "--", "-qf", "database.sql"];
    sandbox.underpin(left).run().is(0, "", "");
    let migrate = |arguments: &[&str]| sandbox.underpin([&["migrate"], arguments].concat()).run();
    migrate(&["adopt"]).is(0, "...", "...");
    sandbox.file(
        "migrations/20300101000000_ours.up.sql",
        "CREATE TABLE public.ours ();",
    );
    migrate(&["up"]).is(0, "applied 20300101000000 ours [..]", "...");
    sandbox.file(
        "migrations/20310101000000_open.up.sql",
        "CREATE TABLE public.open ();",
    );
    let told = "...\n20300101000000 ours  applied by underpin, unknown to sqlx  from [..]\n\
                20310101000000 open  pending  from [..]";
    let counted = "...\n[..]: 2 applied, 1 by underpin alone, 1 pending; [..]";
    migrate(&["adopt", "--dry-run"]).is(0, told, counted);
    migrate(&["adopt"]).is(0, told, counted);
}

/// A tool that really runs, in its project.
struct Real<'a> {
    project: &'a str,
    /// Below `target/tools`.
    program: &'a str,
    /// Apply what is pending; `URL` stands for the database.
    arguments: &'a [&'a str],
    /// The tool's folder, where it is not where the tool usually has it.
    source: Option<&'a str>,
    /// Our folder.
    ours: &'a str,
    /// What is taken over at first.
    first: &'a str,
    /// The tool's next migration, which makes the table `notes`: its file, its text, and what is taken over then.
    next: Option<(&'a str, &'a str, &'a str)>,
}

impl Real<'_> {
    /// Lets the tool run, takes over from it, lets it go on, takes over again, and goes on without it.
    #[expect(clippy::print_stdout, reason = "a skipped test says so")]
    fn check(&self) {
        let program = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("../tools")
            .join(self.program);
        if !program.exists() {
            println!(
                "skipped: {} is not there; `cargo xtask tools --all` installs it",
                program.display()
            );
            return;
        }
        let sandbox = machine(self.project);
        let adopt = |expected| {
            let source = self.source.map(|it| format!("--source={it}"));
            let arguments: Vec<&str> = std::iter::once("adopt").chain(source.as_deref()).collect();
            self.migrate(&sandbox, &program, &arguments, expected);
        };
        let is_current = || {
            self.migrate(&sandbox, &program, &["status", "--exit-code"], "...");
            self.migrate(&sandbox, &program, &["up"], "nothing to do");
        };
        self.up(&sandbox, &program);
        adopt(self.first);
        is_current();
        if let Some((file, text, taken)) = self.next {
            sandbox.file(file, text);
            self.up(&sandbox, &program);
            adopt(taken);
            is_current();
        }
        let last = format!("{}/20300101000000_last.up.sql", self.ours);
        let table = if self.next.is_some() {
            "notes"
        } else {
            "users"
        };
        let text = format!("ALTER TABLE public.{table} ADD COLUMN last text;\n");
        sandbox.file(last, text);
        let applied = "applied 20300101000000 last (1 statement, [..] ms)";
        self.migrate(&sandbox, &program, &["up"], applied);
    }

    fn up(&self, sandbox: &Sandbox, program: &Path) {
        let url = sandbox.underpin(["db", "url", "--quiet", "--tcp"]).run();
        let url = format!("{}?sslmode=disable", url.stdout.trim());
        let output = Command::new(program)
            .args(self.arguments.iter().map(|it| it.replace("URL", &url)))
            .current_dir(sandbox.work())
            .env("DATABASE_URL", &url)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {told}", self.program);
    }

    /// `underpin migrate …`, with the tool's program where it is looked for.
    fn migrate(&self, sandbox: &Sandbox, program: &Path, arguments: &[&str], expected: &str) {
        let folder = program.parent().unwrap().display();
        let path = format!("{folder}:/usr/local/bin:/usr/bin:/bin");
        let arguments = [&["migrate", "--dir", self.ours], arguments].concat();
        sandbox
            .underpin(arguments)
            .env("PATH", path)
            .run()
            .is(0, expected, "...");
    }
}

#[test]
fn dbmate_is_taken_over_and_goes_on() {
    Real {
        project: "dbmate",
        program: "npm/node_modules/.bin/dbmate",
        arguments: &["--no-dump-schema", "up"],
        source: None,
        ours: "migrations",
        first: "20240501120000 create_users  applied  [..]\n20240502120000 add_email  applied  [..]\n\
                20240503120000 index_email  applied  [..]",
        next: Some((
            "db/migrations/20240601120000_notes.sql",
            "-- migrate:up\nCREATE TABLE notes (id bigint);\n-- migrate:down\n",
            "...\n20240503120000 index_email  applied, recorded before  [..]\n\
             20240601120000 notes  applied  from 20240601120000_notes.sql",
        )),
    }
    .check();
}

#[test]
fn alembic_is_taken_over_with_the_sql_that_it_prints_and_goes_on() {
    let revision = "\
\"\"\"notes

Create Date: 2024-06-01 12:00:00.000000
\"\"\"
from alembic import op

revision = 'c0ffee000001'
down_revision = '2c7c62500fc3'


def upgrade():
    op.execute('CREATE TABLE notes (id bigint)')


def downgrade():
    op.execute('DROP TABLE notes')
";
    Real {
        project: "alembic",
        program: "python/bin/alembic",
        arguments: &["-x", "url=URL", "upgrade", "head"],
        source: None,
        ours: "migrations",
        first: "20240501120000 create_users  applied  from fa0c9244d754_create_users.py\n\
                20240502120000 add_email  applied  from 2c7c62500fc3_add_email.py",
        next: Some((
            "alembic/versions/c0ffee000001_notes.py",
            revision,
            "...\n20240601120000 notes  applied  from c0ffee000001_notes.py",
        )),
    }
    .check();
}

/// The program of `bench/migrators`, which has all those of crates.io in it.
const MIGRATORS: &str = "migrators/debug/underpin-migrators";

#[test]
fn sqlx_is_taken_over_in_its_own_folder_and_goes_on() {
    Real {
        project: "sqlx",
        program: MIGRATORS,
        arguments: &["sqlx", "URL", "migrations"],
        source: None,
        ours: "migrations",
        first: "20240501120000 create_users  applied  [..]\n20240502120000 add_email  applied  [..]",
        next: Some((
            "migrations/20240601120000_notes.up.sql",
            "CREATE TABLE notes (id bigint);\n",
            "...\n20240601120000 notes  applied  from 20240601120000_notes.up.sql",
        )),
    }
    .check();
}

#[test]
fn refinery_is_taken_over_and_goes_on() {
    Real {
        project: "refinery",
        program: MIGRATORS,
        arguments: &["refinery", "URL", "migrations"],
        source: None,
        ours: "ours",
        first: "00000000000001 create_users  applied  [..]\n00000000000002 add_email  applied  [..]",
        next: Some((
            "migrations/V3__notes.sql",
            "CREATE TABLE notes (id bigint);\n",
            "...\n00000000000003 notes  applied  from V3__notes.sql",
        )),
    }
    .check();
}

#[test]
fn diesel_is_taken_over_and_goes_on() {
    Real {
        project: "diesel",
        program: MIGRATORS,
        arguments: &["diesel", "URL", "migrations"],
        source: None,
        ours: "ours",
        first: "20240501120000 create_users  applied  [..]\n20240502120000 add_email  applied  [..]",
        next: Some((
            "migrations/2024-06-01-120000_notes/up.sql",
            "CREATE TABLE notes (id bigint);\n",
            "...\n20240601120000 notes  applied  from 2024-06-01-120000_notes/up.sql",
        )),
    }
    .check();
}

#[test]
fn sea_orm_is_taken_over() {
    Real {
        // Its migrations are built into the program; the folder is that of the program's source.
        project: "../../../../bench/migrators",
        program: MIGRATORS,
        arguments: &["sea-orm", "URL"],
        source: Some("src/sea_orm"),
        ours: "ours",
        first: "20240502120000 baseline  applied  from m20240502_120000_add_email.rs and all before it",
        next: None,
    }
    .check();
}

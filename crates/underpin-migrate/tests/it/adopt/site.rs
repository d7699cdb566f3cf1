//! A database and a folder in which another tool has worked.

use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use underpin_migrate::adopt::{Adoption, Request, Tool, adopt};
use underpin_migrate::{Chain, Error, Migrator, State, Status, Target};
use underpin_pool::Session;
use underpin_testkit::TestDb;

/// Where a tool has worked, and where its migrations are to go.
pub(super) struct Site {
    pub(super) db: TestDb,
    pub(super) tool: Tool,
    folder: TempDir,
}

impl Site {
    /// As the tool left it.
    pub(super) async fn left_by(tool: Tool) -> Self {
        let site = Self::with_files_of(tool).await;
        let left = recorded(tool).join("database.sql");
        site.sql(&fs::read_to_string(left).expect("recorded")).await;
        site
    }

    /// The tool's files, and an empty database.
    pub(super) async fn with_files_of(tool: Tool) -> Self {
        let site = Self::without_files(tool).await;
        copy(&files_of(tool), &site.tools(""));
        site
    }

    /// An empty folder for the tool's files, and an empty database.
    pub(super) async fn without_files(tool: Tool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("tools")).expect("a folder");
        let db = TestDb::empty().await;
        let site = Self { db, tool, folder };
        site.search("public").await;
        site
    }

    /// Sets the search path of the database: the role of the tests has the name of the ledger's schema.
    pub(super) async fn search(&self, path: &str) {
        let database = self.ask("SELECT quote_ident(current_database())").await;
        self.sql(&format!(
            "ALTER DATABASE {database} SET search_path = {path}"
        ))
        .await;
    }

    /// The tool's folder.
    pub(super) fn tools(&self, file: &str) -> PathBuf {
        self.folder.path().join("tools").join(file)
    }

    /// Ours.
    pub(super) fn ours(&self, file: &str) -> PathBuf {
        self.folder.path().join("ours").join(file)
    }

    pub(super) fn write(&self, file: &str, text: &str) {
        let path = self.tools(file);
        fs::create_dir_all(path.parent().expect("in a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    pub(super) fn request(&self) -> Request {
        Request {
            chain: String::from("app"),
            tool: None,
            source: Some(self.tools("")),
            folder: self.ours(""),
            dry_run: false,
        }
    }

    pub(super) async fn adopt(&self) -> Result<Adoption, Error> {
        adopt(&self.db.options(), &self.request()).await
    }

    /// Adopts and must fail: the kind, the text and the hint.
    pub(super) async fn refusal(&self) -> (underpin_core::ErrorKind, String) {
        let error = self.adopt().await.expect_err("refused");
        let hint = error.hint().expect("a next step").to_owned();
        (
            error.kind(),
            format!("{} | {hint}", underpin_core::Chain(&error)),
        )
    }

    pub(super) fn migrator(&self, folder: &Path) -> Migrator {
        let chain = Chain::from_dir("app", folder).expect("a valid folder");
        Migrator::new(self.db.options(), chain)
    }

    pub(super) async fn status(&self) -> Status {
        self.migrator(&self.ours(""))
            .status()
            .await
            .expect("status")
    }

    pub(super) async fn states(&self) -> Vec<State> {
        self.status()
            .await
            .migrations
            .iter()
            .map(|it| it.state)
            .collect()
    }

    /// How many migrations `up` applies.
    pub(super) async fn up(&self) -> usize {
        let report = self.migrator(&self.ours("")).up(Target::All).await;
        report.expect("applied").migrations.len()
    }

    pub(super) async fn sql(&self, sql: &str) {
        let session = Session::connect(&self.db.options())
            .await
            .expect("a session");
        session.batch(sql).await.expect(sql);
    }

    /// The one value of a query, as text.
    pub(super) async fn ask(&self, sql: &str) -> String {
        let session = Session::connect(&self.db.options())
            .await
            .expect("a session");
        let sql = format!("SELECT coalesce(({sql})::text, 'null')");
        let row = session.query_one(&sql, &[]).await.expect(&sql);
        row.get(0).expect("text")
    }

    /// Every file of the tool's with its text, and every row of its table.
    pub(super) async fn everything_of_the_tool(&self) -> String {
        let mut all = self
            .ask(&format!(
                "SELECT jsonb_agg(t) FROM {} AS t",
                table(self.tool)
            ))
            .await;
        let mut folders = vec![self.tools("")];
        while let Some(folder) = folders.pop() {
            let mut paths: Vec<_> = entries(&folder).collect();
            paths.sort();
            for path in paths {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = fs::read_to_string(&path).expect("text");
                    all.push_str(&format!("\n{}\n{text}", path.display()));
                }
            }
        }
        all
    }
}

/// The table that a tool keeps its history in.
fn table(tool: Tool) -> &'static str {
    match tool {
        Tool::Sqlx => "_sqlx_migrations",
        Tool::Refinery => "refinery_schema_history",
        Tool::Diesel => "__diesel_schema_migrations",
        Tool::SeaOrm => "seaql_migrations",
        Tool::Alembic => "alembic_version",
        Tool::Flyway => "flyway_schema_history",
        _ => "schema_migrations",
    }
}

/// What was recorded of a tool.
fn recorded(tool: Tool) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/adopt")
        .join(tool.as_str())
}

/// The folder of its migrations, below what was recorded.
fn files_of(tool: Tool) -> PathBuf {
    let folder = match tool {
        Tool::Alembic => "alembic/versions",
        Tool::Flyway => "sql",
        Tool::Dbmate => "db/migrations",
        // Those that the program of `bench/migrators` is built with.
        Tool::SeaOrm => "../../../../../bench/migrators/src/sea_orm",
        _ => "migrations",
    };
    recorded(tool).join(folder)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for path in entries(from) {
        let copied = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            fs::copy(&path, &copied).expect("a file");
        }
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("an entry").path())
}

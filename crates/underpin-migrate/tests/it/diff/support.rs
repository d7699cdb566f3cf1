//! A server for scratch work, and databases to go a way on.

use underpin_core::Chain;
use underpin_migrate::Error;
use underpin_migrate::diff::{
    Allowed, Difference, Route, Scratch, ScratchServer, Source, SqlFile, difference,
};
use underpin_pool::{Database, Options, Session};
use underpin_schema::{Catalog, Schema, Scope};
use underpin_testkit::PrivateCluster;

/// Roles are made on it, so it is the test's own.
pub(crate) struct Server {
    cluster: PrivateCluster,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let cluster = underpin_testkit::private_cluster().await;
        Self { cluster }
    }

    pub(crate) async fn scratch(&self) -> Scratch {
        let options = Options::new(self.cluster.url("postgres"));
        Scratch::open_on(options, ScratchServer::Disposable)
            .await
            .expect("a server")
    }

    /// Finds the way between two texts.
    pub(crate) async fn difference(
        &self,
        from: &str,
        to: &str,
        allowed: &Allowed,
    ) -> Result<Difference, Error> {
        let scratch = self.scratch().await;
        let found = difference(
            &scratch,
            &sql("from.sql", from),
            &sql("to.sql", to),
            allowed,
        )
        .await;
        scratch
            .close()
            .await
            .expect("scratch databases are dropped");
        found
    }

    /// An empty database.
    pub(crate) async fn database(&self, name: &str) -> Session {
        self.run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            .await;
        self.run(&format!("CREATE DATABASE {name} TEMPLATE template0"))
            .await;
        self.session(name).await
    }

    pub(crate) fn options(&self, name: &str) -> Options {
        Options::new(self.cluster.url(name))
    }

    pub(crate) async fn session(&self, name: &str) -> Session {
        Session::connect(&self.options(name))
            .await
            .expect("a session")
    }

    pub(crate) async fn run(&self, sql: &str) {
        let admin = self.session("postgres").await;
        admin
            .batch(sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {}", Chain(&error)));
    }

    pub(crate) async fn schema(&self, name: &str) -> Schema {
        let database = Database::lazy(self.cluster.url(name)).expect("an address of ours");
        Catalog::read(&database, &Scope::all())
            .await
            .expect("readable")
            .schema
    }
}

/// Goes a way, statement by statement as psql would.
pub(crate) async fn go(session: &Session, route: &Route) -> Result<(), String> {
    for step in &route.steps {
        let done = session.batch(&step.sql).await;
        done.map_err(|error| format!("{}\n  {}", Chain(&error), step.sql))?;
    }
    Ok(())
}

pub(crate) fn sql(name: &'static str, text: &str) -> Source {
    Source::Files(vec![SqlFile::new(name, text)])
}

pub(crate) fn all() -> Allowed {
    Allowed {
        all: true,
        ..Allowed::default()
    }
}

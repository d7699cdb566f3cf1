//! A service on a free port, stopped when the test ends.

use super::Client;
use axum::Router;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use underpin_migrate::Chain;
use underpin_pool::{Database, DatabaseUrl};
use underpin_server::{App, Server, Settings};

/// A running service.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) client: Client,
    pub(crate) app: App,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
}

impl Service {
    /// Serves a database.
    pub(crate) async fn on(database: Database) -> Self {
        Self::with(database, |_| (), Router::new()).await
    }

    /// Serves without one: nothing listens at its address.
    pub(crate) async fn without_database() -> Self {
        Self::on(nowhere()).await
    }

    /// Serves with other limits and with more routes.
    pub(crate) async fn with(
        database: Database,
        change: impl FnOnce(&mut Settings),
        routes: Router<App>,
    ) -> Self {
        let mut settings = Settings::at("127.0.0.1:0".parse().unwrap());
        change(&mut settings);
        Self::of(
            App::new(database, crate::support::chain(), settings),
            routes,
        )
        .await
    }

    /// Serves a schema of other migrations.
    pub(crate) async fn of_chain(database: Database, chain: Chain) -> Self {
        let settings = Settings::at("127.0.0.1:0".parse().unwrap());
        Self::of(App::new(database, chain, settings), Router::new()).await
    }

    async fn of(app: App, routes: Router<App>) -> Self {
        let bound = Server::with_routes(app.clone(), routes)
            .bind()
            .await
            .unwrap();
        let client = Client {
            address: bound.address(),
        };
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(bound.run(async {
            // A dropped sender stops it, too.
            let _ = stopped.await;
        }));
        Self {
            client,
            app,
            stop: Some(stop),
            running,
        }
    }

    /// Tells it to stop, without waiting.
    pub(crate) fn tell_to_stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits until it has stopped.
    pub(crate) async fn stopped(self) {
        self.running.await.unwrap();
    }
}

/// A database where nothing listens.
pub(crate) fn nowhere() -> Database {
    let url: DatabaseUrl = "postgres://nobody:hunter2@127.0.0.1:1/nothing"
        .parse()
        .unwrap();
    Database::lazy(url).unwrap()
}

//! The service on a socket: accepts, serves, and finishes what is in flight when told to stop.

use crate::app::App;
use crate::connection::{self, Ledger, Paced, Patience};
use crate::error::Error;
use crate::layers::join_slashed_names;
use crate::listen::listen;
use crate::router::router;
use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};
use tower::ServiceExt;
use underpin_core::Chain;

/// The largest head of a request, all headers together.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// How often durations are moved into the histogram when nobody scrapes.
const UPKEEP: Duration = Duration::from_secs(5);

/// How long accepting pauses when the operating system has no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How often another connection is looked for that can be closed, while a new one waits for a place.
const PLACE_PAUSE: Duration = Duration::from_millis(100);

/// The service, not yet listening.
#[derive(Debug)]
pub struct Server {
    app: App,
    router: Router,
}

/// The service with its socket open: the operating system already takes connections, nothing answers them yet.
#[derive(Debug)]
pub struct Bound {
    app: App,
    router: Router,
    /// One for each address of the name that it listens on.
    listeners: Vec<TcpListener>,
    address: SocketAddr,
}

impl Server {
    /// Builds the routes; does no I/O.
    #[must_use]
    pub fn new(app: App) -> Self {
        Self::with_routes(app, Router::new())
    }

    /// Adds routes of the caller's own: behind the same layers, with the same errors, ids and limits.
    ///
    /// # Panics
    /// When one of them has the path of a route that is already there.
    #[must_use]
    pub fn with_routes(app: App, routes: Router<App>) -> Self {
        let router = router(&app, routes);
        Self { app, router }
    }

    /// Opens the socket; one for each address where a name was given, such as `localhost`.
    ///
    /// # Errors
    /// When the address is taken, is not one of this machine's, or may not be used; the hint says what to do.
    pub async fn bind(self) -> Result<Bound, Error> {
        let Self { app, router } = self;
        let (listeners, address) = listen(&app.settings().listen).await?;
        Ok(Bound {
            app,
            router,
            listeners,
            address,
        })
    }
}

impl Bound {
    /// Where it listens; the port that was taken when port 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as a URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until `shutdown` is ready, then finishes the requests in flight, for `shutdown_grace` at most.
    ///
    /// While it finishes, new connections are refused, idle ones closed, and `/readyz` says no.
    ///
    /// # Cancel safety
    /// Dropping the future closes the socket and cuts off every connection.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let Self {
            app,
            router,
            listeners,
            address: _,
        } = self;
        let mut connections = Connections::new(&app, router);
        let mut door = Door {
            listeners,
            places: Arc::new(Semaphore::new(app.settings().connections_max)),
            ledger: connections.ledger.clone(),
            waiting: None,
        };
        let mut upkeep = tokio::time::interval(UPKEEP);
        upkeep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                _ = upkeep.tick() => app.metrics().run_upkeep(),
                ended = connections.tasks.join_next(), if !connections.tasks.is_empty() => report_panic(ended),
                (stream, place) = door.next() => connections.serve(stream, place),
            }
        }
        drop(door);
        app.drain();
        connections.finish(app.settings().shutdown_grace).await;
    }
}

/// The open connections.
struct Connections {
    router: Router,
    http: http1::Builder,
    patience: Patience,
    ledger: Ledger,
    tasks: JoinSet<()>,
    graceful: GracefulShutdown,
}

impl Connections {
    fn new(app: &App, router: Router) -> Self {
        let settings = app.settings();
        let mut http = http1::Builder::new();
        // hyper's deadline for a head begins with the pause before it: `Paced` keeps the two apart.
        // A client that has sent all it will send may close its half, and is answered.
        http.header_read_timeout(None)
            .half_close(true)
            .max_buf_size(HEAD_BYTES_MAX);
        Self {
            router,
            http,
            patience: Patience {
                head: settings.header_timeout,
                idle: settings.keep_alive_timeout,
                stall: settings.stall_timeout,
            },
            ledger: app.ledger().clone(),
            tasks: JoinSet::new(),
            graceful: GracefulShutdown::new(),
        }
    }

    fn serve(&mut self, stream: TcpStream, place: OwnedSemaphorePermit) {
        let account = self.ledger.open();
        let stream = Paced::new(stream, account.clone(), self.patience);
        let router = self.router.clone();
        let own = account.clone();
        let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            let request = connection::received(request.map(Body::new), &own);
            let (router, account) = (router.clone(), own.clone());
            async move {
                let response = answer(router, join_slashed_names(request)).await;
                Ok::<_, Infallible>(connection::answered(response, account))
            }
        });
        let connection = self.http.serve_connection(TokioIo::new(stream), service);
        let connection = self.graceful.watch(connection);
        self.tasks.spawn(async move {
            tokio::select! {
                ended = connection => if let Err(error) = ended {
                    tracing::debug!(error = %Chain(&error), "a connection ended early");
                },
                () = account.until_cut() => tracing::debug!("a connection was closed to make room"),
            }
            drop(place);
        });
    }

    /// Waits for the requests in flight, then cuts off what is left.
    async fn finish(self, grace: Duration) {
        let Self {
            mut tasks,
            graceful,
            ..
        } = self;
        let deadline = Instant::now() + grace;
        let finished = async {
            graceful.shutdown().await;
            while let Some(ended) = tasks.join_next().await {
                report_panic(Some(ended));
            }
        };
        if tokio::time::timeout_at(deadline, finished).await.is_err() {
            tracing::warn!(
                connections = tasks.len(),
                "requests did not finish within the grace period: cut off"
            );
        }
    }
}

/// Runs the router: it cannot fail, and is always ready.
async fn answer(router: Router, request: hyper::Request<Body>) -> axum::response::Response {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Where connections come in.
struct Door {
    listeners: Vec<TcpListener>,
    /// A permit for each connection that may be open.
    places: Arc<Semaphore>,
    ledger: Ledger,
    /// Came in, and has no place yet.
    waiting: Option<TcpStream>,
}

impl Door {
    /// The next connection, once there is a place for it.
    ///
    /// While all places are taken, connections that are idle or slow make room for those that wait.
    ///
    /// # Cancel safety
    /// Nothing is lost: a connection that waits for its place is given out by the next call.
    async fn next(&mut self) -> (TcpStream, OwnedSemaphorePermit) {
        if self.waiting.is_none() {
            self.waiting = Some(accept(&self.listeners).await);
        }
        let place = self.place().await;
        let stream = self
            .waiting
            .take()
            .expect("it was there, or put there just now");
        (stream, place)
    }

    async fn place(&self) -> OwnedSemaphorePermit {
        loop {
            let place = Arc::clone(&self.places).acquire_owned();
            let mut place = std::pin::pin!(place);
            // Polled once before anybody is closed for it.
            tokio::select! {
                biased;
                place = &mut place => return place.expect("the semaphore is never closed"),
                () = std::future::ready(()) => {}
            }
            self.ledger.close_one();
            if let Ok(place) = tokio::time::timeout(PLACE_PAUSE, place).await {
                return place.expect("the semaphore is never closed");
            }
        }
    }
}

/// The next connection. Errors of one connection concern only that one.
async fn accept(listeners: &[TcpListener]) -> TcpStream {
    loop {
        let accepted = poll_fn(|cx| {
            let mut ready = listeners.iter().map(|listener| listener.poll_accept(cx));
            ready.find(Poll::is_ready).unwrap_or(Poll::Pending)
        });
        match accepted.await {
            Ok((stream, _)) => return stream,
            Err(error) if is_about_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "could not accept a connection");
                #[expect(
                    clippy::disallowed_methods,
                    reason = "out of file descriptors: trying at once would spin"
                )]
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_about_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

fn report_panic(ended: Option<Result<(), tokio::task::JoinError>>) {
    if let Some(Err(error)) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a connection's task panicked");
    }
}

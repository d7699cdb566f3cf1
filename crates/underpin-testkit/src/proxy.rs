//! A TCP proxy in front of a server, with faults on demand.

use crate::wait::pause;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use underpin_core::DatabaseUrl;
use underpin_core::url::Host;

/// The largest piece passed on at once.
const CHUNK_BYTES: usize = 16 * 1024;

/// What the proxy does with bytes. It takes effect at once, also for connections that are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Passes everything on.
    Pass,
    /// Passes everything on, each piece this much later.
    Delay(Duration),
    /// Accepts connections and passes nothing on, in neither direction: a firewall that drops packets.
    BlackHole,
    /// Resets open connections and every new one.
    Cut,
    /// Lets the request that contains these bytes through, and resets the connection when its answer comes: the server
    /// did it, the client does not know.
    CutAnswerTo(&'static str),
}

/// A proxy that listens on a loopback port of its own. Dropping it cuts everything.
#[derive(Debug)]
pub struct ChaosProxy {
    address: SocketAddr,
    state: watch::Sender<State>,
    _tasks: JoinSet<()>,
}

/// What every connection watches.
#[derive(Debug, Clone, Copy)]
struct State {
    mode: Mode,
    /// A connection that was opened at a lower count is cut.
    cuts: u64,
}

impl ChaosProxy {
    /// Listens in front of the server that `url` names by its loopback port; see [`Self::url`].
    ///
    /// # Panics
    /// When `url` names a Unix socket: there is nothing to put a TCP proxy in front of.
    pub async fn in_front_of(url: &DatabaseUrl) -> Self {
        let Some(Host::Tcp { name, port }) = url.hosts.first() else {
            panic!("a proxy needs a TCP address, not {url:?}")
        };
        let upstream = (name.clone(), *port);
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a loopback port is free");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let state = watch::Sender::new(State {
            mode: Mode::Pass,
            cuts: 0,
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, upstream, state.subscribe()));
        Self {
            address,
            state,
            _tasks: tasks,
        }
    }

    /// The same database, through the proxy.
    #[must_use]
    pub fn url(&self, url: &DatabaseUrl) -> DatabaseUrl {
        let host = Host::Tcp {
            name: self.address.ip().to_string(),
            port: self.address.port(),
        };
        DatabaseUrl {
            hosts: vec![host],
            ..url.clone()
        }
    }

    /// Changes what happens to bytes from now on.
    pub fn set(&self, mode: Mode) {
        self.state.send_modify(|state| {
            state.mode = mode;
            state.cuts += u64::from(mode == Mode::Cut);
        });
    }

    /// Resets the connections that are open; new ones are treated as before.
    pub fn cut_once(&self) {
        self.state.send_modify(|state| state.cuts += 1);
    }
}

async fn accept(listener: TcpListener, upstream: (String, u16), state: watch::Receiver<State>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                connections.spawn(relay(client, upstream.clone(), state.clone()));
            }
            // Ended connections are taken out; their errors are the faults that were asked for.
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One connection, until both sides have ended or it is cut.
async fn relay(mut client: TcpStream, upstream: (String, u16), state: watch::Receiver<State>) {
    let now = *state.borrow();
    let Ok(mut server) = TcpStream::connect(upstream).await else {
        return reset(&client);
    };
    if now.mode == Mode::Cut {
        return reset(&client);
    }
    let cut = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let doomed = AtomicBool::new(false);
        let both = async {
            let up = pump(
                from_client,
                to_server,
                state.clone(),
                Direction::Up,
                &doomed,
            );
            let down = pump(
                from_server,
                to_client,
                state.clone(),
                Direction::Down,
                &doomed,
            );
            tokio::try_join!(up, down)
        };
        let mut watching = state.clone();
        tokio::select! {
            _ = both => doomed.load(Ordering::Acquire),
            _ = watching.wait_for(|state| state.cuts != now.cuts) => true,
        }
    };
    if cut {
        reset(&client);
        reset(&server);
    }
}

/// Passes bytes one way, as the mode of the moment says, until the sender ends.
async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut state: watch::Receiver<State>,
    direction: Direction,
    doomed: &AtomicBool,
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let length = from.read(&mut chunk).await?;
        let mode = state.borrow().mode;
        match (mode, direction) {
            (Mode::CutAnswerTo(request), Direction::Up) if contains(&chunk[..length], request) => {
                doomed.store(true, Ordering::Release);
            }
            (_, Direction::Down) if doomed.load(Ordering::Acquire) => {
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            _ => {}
        }
        if let Mode::Delay(delay) = mode {
            pause(delay).await;
        }
        // In a black hole what was read waits here: it arrives late, or never.
        if state
            .wait_for(|state| state.mode != Mode::BlackHole)
            .await
            .is_err()
            || length == 0
        {
            return to.shutdown().await;
        }
        to.write_all(&chunk[..length]).await?;
    }
}

/// Which way bytes go.
#[derive(Debug, Clone, Copy)]
enum Direction {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

fn contains(chunk: &[u8], text: &str) -> bool {
    chunk
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

/// Makes the close that follows a reset rather than an orderly end.
fn reset(stream: &TcpStream) {
    // A socket that is gone already needs no reset.
    let _ = stream.set_zero_linger();
}

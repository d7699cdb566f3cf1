//! Opens one connection: the only place that resolves names, dials, negotiates TLS and authenticates.

use crate::driver::Driver;
use crate::handshake::{CancelPacket, Negotiated};
use crate::observe::Traffic;
use crate::options::{
    KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, KEEPALIVE_RETRIES, Options, TCP_USER_TIMEOUT,
};
use crate::pooler::{Pooler, timeouts};
use crate::socket::{Socket, Transport};
use crate::wire::Wire;
use crate::{Error, pooler, tls};
use rand::seq::SliceRandom;
use socket2::{SockRef, TcpKeepalive};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream, lookup_host};
use tokio::time::{Instant, timeout};
use tokio_postgres::config::{SslMode as DriverSslMode, SslNegotiation};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;
use underpin_core::url::{ChannelBinding, Host, SslMode, TargetSessionAttrs};
use underpin_core::{DatabaseUrl, ErrorKind, Secret};

/// The request for TLS: its length, 8, and the code 80877103, both big endian.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// What the driver makes of a start-up.
type Started = Result<(tokio_postgres::Client, Driver, Arc<Traffic>), tokio_postgres::Error>;

/// Opens connections to one database.
pub(crate) struct Connector {
    options: Options,
    tls: Option<MakeRustlsConnect>,
    password: std::sync::RwLock<Option<Secret<String>>>,
    pooler: Pooler,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Connector {
    pub(crate) fn new(options: Options) -> Result<Self, Error> {
        let tls = tls::connector(&options.url.tls)?;
        let password = std::sync::RwLock::new(options.url.password.clone());
        Ok(Self {
            options,
            tls,
            password,
            pooler: Pooler::default(),
        })
    }

    /// Does a pooler, or what else takes our start-up, refuse settings of the session?
    pub(crate) fn refuses_options(&self) -> bool {
        self.pooler.refuses_options()
    }

    /// Says once which settings a pooler keeps from the server.
    pub(crate) fn tell_of_pooler(&self, wire: &Wire) {
        self.pooler.tell(wire, &self.options);
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// Connections made from now on use this password.
    pub(crate) fn set_password(&self, password: Secret<String>) {
        *self
            .password
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(password);
    }

    /// Tries the hosts in order until one lets us in and has the wanted attributes.
    ///
    /// The whole attempt, over all hosts, ends at the create deadline.
    pub(crate) async fn connect(&self) -> Result<Wire, Error> {
        let deadline = Instant::now() + self.options.create_timeout();
        let mut hosts: Vec<&Host> = self.options.url.hosts.iter().collect();
        if self.options.url.load_balance_hosts {
            hosts.shuffle(&mut rand::rng());
        }
        let mut failure: Option<Error> = None;
        for (host, left) in hosts.iter().zip((1..=hosts.len()).rev()) {
            // A host that does not answer leaves the others their share of the time.
            let rest = deadline.saturating_duration_since(Instant::now());
            let share = rest / u32::try_from(left).unwrap_or(u32::MAX);
            let error = match timeout(share, self.connect_to(host)).await {
                Ok(Ok(wire)) => return Ok(wire),
                Ok(Err(error)) => error,
                Err(_) => too_slow(host, share),
            };
            // Why the wanted server is not there says more than that another one is of the wrong kind.
            if failure.is_none() || error.kind() != ErrorKind::ReadOnly {
                failure = Some(error);
            }
        }
        Err(failure
            .unwrap_or_else(|| Error::new(ErrorKind::Config, "the database URL names no host")))
    }

    /// As [`connect`](Self::connect), but waits for a server that is starting up. Bounded by the caller.
    pub(crate) async fn connect_when_up(&self) -> Result<Wire, Error> {
        let mut tick = tokio::time::interval(Duration::from_millis(50));
        loop {
            tick.tick().await;
            match self.connect().await {
                Err(error) if error.kind() == ErrorKind::ServerNotReady => {}
                outcome => return outcome,
            }
        }
    }

    /// Opens a second socket to the server of `wire` and asks it to cancel what runs there.
    ///
    /// Returns when the server has closed that socket, which it does after it has signalled the session: from then on
    /// the cancel can no longer hit the next statement.
    pub(crate) async fn cancel(&self, wire: &Wire) -> Result<(), Error> {
        let mut transport = self.open(wire.host()).await?;
        transport
            .write_all(wire.cancel_packet())
            .await
            .map_err(Error::broken_socket)?;
        transport.flush().await.map_err(Error::broken_socket)?;
        transport
            .read_to_end(&mut Vec::new())
            .await
            .map_err(Error::broken_socket)?;
        Ok(())
    }

    async fn connect_to(&self, host: &Host) -> Result<Wire, Error> {
        let (mut session, is_tls) = self.start_up(host).await?;
        if let Err(cause) = &session
            && self.pooler.is_refusal(cause.as_db_error(), &self.options)
        {
            session = self.start_up(host).await?.0;
        }
        let (client, connection, traffic) = session.map_err(|cause| self.refused(cause, is_tls))?;
        let packet = CancelPacket::of(&client).await?;
        let wire = Wire::new(
            client,
            connection,
            traffic,
            packet,
            host.clone(),
            is_tls,
            &self.options.pool,
        );
        self.check_attributes(&wire).await?;
        self.pooler.look(&wire, &self.options).await?;
        Ok(wire)
    }

    /// Dials, and lets the driver authenticate; also tells whether the connection is encrypted.
    async fn start_up(&self, host: &Host) -> Result<(Started, bool), Error> {
        let transport = self.open(host).await?;
        let is_tls = transport.is_tls();
        let traffic = Arc::new(Traffic::default());
        let handshake = Negotiated(traffic.clone());
        let started = self.driver_config().connect_raw(transport, handshake).await;
        Ok((
            started.map(|(client, driver)| (client, driver, traffic)),
            is_tls,
        ))
    }

    /// Dials and settles whether the connection is encrypted.
    async fn open(&self, host: &Host) -> Result<Transport, Error> {
        let socket = dial(host).await?;
        let Host::Tcp { name, .. } = host else {
            return Ok(Transport::Plain(socket));
        };
        match &self.tls {
            None => Ok(Transport::Plain(socket)),
            Some(tls) => negotiate(socket, tls.clone(), name, self.options.url.tls.mode).await,
        }
    }

    fn driver_config(&self) -> tokio_postgres::Config {
        let DatabaseUrl {
            hosts: _,
            user,
            password: _,
            database,
            tls,
            target_session_attrs: _,
            load_balance_hosts: _,
            application_name,
            options,
            connect_timeout: _,
        } = &self.options.url;
        let mut config = tokio_postgres::Config::new();
        config
            .user(user)
            .dbname(database)
            .application_name(application_name.as_deref().unwrap_or("underpin"))
            // The negotiation is ours and is over when the driver begins: "direct" makes it skip its own.
            .ssl_mode(DriverSslMode::Require)
            .ssl_negotiation(SslNegotiation::Direct)
            .channel_binding(match tls.channel_binding {
                ChannelBinding::Disable => tokio_postgres::config::ChannelBinding::Disable,
                ChannelBinding::Prefer => tokio_postgres::config::ChannelBinding::Prefer,
                ChannelBinding::Require => tokio_postgres::config::ChannelBinding::Require,
            });
        let password = self
            .password
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(password) = password.as_ref() {
            config.password(password.expose());
        }
        let options = self.startup_options(options.as_deref());
        if !options.is_empty() {
            config.options(options);
        }
        config
    }

    /// Session settings travel with the start-up packet, so that they cost no round trip.
    fn startup_options(&self, given: Option<&str>) -> String {
        let ours = if self.pooler.refuses_options() {
            Vec::new()
        } else {
            timeouts(&self.options)
        };
        let ours = ours
            .into_iter()
            .map(|(name, value)| format!("-c {name}={value}"));
        given
            .map(String::from)
            .into_iter()
            .chain(ours)
            .collect::<Vec<_>>()
            .join(" ")
    }

    async fn check_attributes(&self, wire: &Wire) -> Result<(), Error> {
        use TargetSessionAttrs::{Any, PreferStandby, Primary, ReadOnly, ReadWrite, Standby};
        const IS_STANDBY: &str = "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN 'on' END";
        const ONLY_READS: &str = "SHOW transaction_read_only";
        // Servers report both unasked since 14; a pooler in between may not pass them on.
        let told = |name| wire.parameter(name).map(|value| value == "on");
        let standby = told("in_hot_standby");
        let by_default = told("default_transaction_read_only");
        let only_reads = standby.zip(by_default).map(|(one, other)| one || other);
        let (told, question, wanted, it) = match self.options.url.target_session_attrs {
            Any | PreferStandby => return Ok(()),
            ReadWrite => (only_reads, ONLY_READS, false, "only reads"),
            ReadOnly => (only_reads, ONLY_READS, true, "accepts writes"),
            Primary => (standby, IS_STANDBY, false, "is a standby"),
            Standby => (standby, IS_STANDBY, true, "is no standby"),
        };
        let is_so = match told {
            Some(is_so) => is_so,
            None => wire.query_one_simple(question).await?.as_deref() == Some("on"),
        };
        if is_so == wanted {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::ReadOnly,
            format!("the server at {} {it}", place(wire.host())),
        )
        .with_hint("target_session_attrs in the database URL asks for another kind of server"))
    }

    /// The start-up failed: say why in words a person can act on.
    fn refused(&self, cause: tokio_postgres::Error, is_tls: bool) -> Error {
        let wants_tls = !is_tls
            && cause.as_db_error().is_some_and(|report| {
                report.code().code() == "28000" && mentions_plaintext(report.message())
            });
        let url = &self.options.url;
        if cause.is_closed() {
            return Error::new(
                ErrorKind::Disconnected,
                "the server closed the connection during start-up",
            )
            .with_source(cause);
        }
        // With TLS 1.3 the server judges our certificate when the handshake is over for us.
        if let Some(hint) = tls::cause_of(&cause).map(tls::hint) {
            return Error::new(ErrorKind::Tls, "the server ended the TLS connection")
                .with_source(cause)
                .with_hint(hint);
        }
        let wants_options = cause.as_db_error().is_some_and(pooler::is_unsupported);
        let error = Error::from_driver("the server refused the connection", cause);
        if wants_options {
            return Error::new(ErrorKind::Config, "a pooler refuses `options` of the database URL")
                .with_source(error)
                .with_hint(
                    "set them for the role instead (ALTER ROLE … SET …); PgBouncer's `ignore_startup_parameters = \
                     options` only leaves them out",
                );
        }
        if wants_tls {
            return Error::new(
                ErrorKind::TlsRequired,
                "the server accepts only TLS connections",
            )
            .with_source(error)
            .with_hint("add sslmode=require, or better verify-full, to the database URL");
        }
        match error.kind() {
            ErrorKind::UnknownDatabase => {
                let hint = format!(
                    "create it with `createdb {}`, or correct the database URL",
                    url.database
                );
                error.with_hint(hint)
            }
            ErrorKind::Authentication => {
                let hint = self.authentication_hint(&error);
                match hint {
                    Some(hint) => error.with_hint(hint),
                    None => error,
                }
            }
            _ => error,
        }
    }

    /// What to do about a refusal that the code alone does not explain.
    fn authentication_hint(&self, error: &Error) -> Option<&'static str> {
        let url = &self.options.url;
        match error.server().map(|server| server.message.as_str()) {
            Some(said) if said.contains("requires a valid client certificate") => Some(
                "give a certificate that the server's ssl_ca_file signed: sslcert and sslkey in the database URL",
            ),
            Some(said) if said.starts_with("certificate authentication failed") => Some(
                "the certificate's common name must be the role's, or pg_ident.conf must map one to the other",
            ),
            None if url.password.is_some()
                && url.tls.channel_binding == ChannelBinding::Require =>
            {
                Some(
                    "channel_binding=require needs sslmode=require or stronger, and a scram-sha-256 password on the server",
                )
            }
            _ if url.password.is_none() => Some("the database URL has no password"),
            _ => None,
        }
    }
}

fn too_slow(host: &Host, waited: Duration) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("no connection to {} within {waited:.1?}", place(host)),
    )
    .with_hint("the host does not answer: check the address, firewalls and the server's load")
}

impl Error {
    fn broken_socket(cause: io::Error) -> Self {
        Self::new(ErrorKind::Disconnected, "the connection broke").with_source(cause)
    }
}

/// Was a plain connection turned away by `pg_hba.conf`, as "no encryption" (14 and later) tells?
fn mentions_plaintext(message: &str) -> bool {
    message.contains("no encryption") || message.contains("SSL off")
}

/// A host as a person writes it.
pub(crate) fn place(host: &Host) -> String {
    match host {
        Host::Tcp { name, port } if name.contains(':') => format!("[{name}]:{port}"),
        Host::Tcp { name, port } => format!("{name}:{port}"),
        Host::Unix { directory, port } => {
            format!("{}/.s.PGSQL.{port}", directory.display())
        }
    }
}

async fn dial(host: &Host) -> Result<Socket, Error> {
    match host {
        Host::Unix { directory, port } => {
            let path = directory.join(format!(".s.PGSQL.{port}"));
            let stream = UnixStream::connect(&path).await;
            Ok(Socket::Unix(
                stream.map_err(|cause| unreachable_socket(&path, cause))?,
            ))
        }
        Host::Tcp { name, port } => {
            let addresses = lookup_host((name.as_str(), *port)).await.map_err(|cause| {
                Error::new(
                    ErrorKind::UnknownHost,
                    format!("the host name {name} cannot be resolved"),
                )
                .with_source(cause)
                .with_hint("check the host in the database URL and the machine's DNS")
            })?;
            dial_any(host, addresses.collect()).await
        }
    }
}

async fn dial_any(host: &Host, addresses: Vec<SocketAddr>) -> Result<Socket, Error> {
    let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                tune(&stream).map_err(Error::broken_socket)?;
                return Ok(Socket::Tcp(stream));
            }
            Err(cause) => failure = cause,
        }
    }
    Err(Error::new(
        ErrorKind::ConnectionRefused,
        format!("could not connect to {}", place(host)),
    )
    .with_source(failure)
    .with_hint("is PostgreSQL running there, and does listen_addresses include this address?"))
}

fn tune(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_IDLE)
        .with_interval(KEEPALIVE_INTERVAL)
        .with_retries(KEEPALIVE_RETRIES);
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(TCP_USER_TIMEOUT))?;
    Ok(())
}

fn unreachable_socket(path: &Path, cause: io::Error) -> Error {
    Error::new(
        ErrorKind::ConnectionRefused,
        format!("could not connect to {}", path.display()),
    )
    .with_source(cause)
    .with_hint("is PostgreSQL running, and is unix_socket_directories this folder?")
}

async fn negotiate(
    mut socket: Socket,
    mut tls: MakeRustlsConnect,
    name: &str,
    mode: SslMode,
) -> Result<Transport, Error> {
    socket
        .write_all(&SSL_REQUEST)
        .await
        .map_err(Error::broken_socket)?;
    match socket.read_u8().await.map_err(Error::broken_socket)? {
        b'S' => {}
        _ if mode == SslMode::Prefer => return Ok(Transport::Plain(socket)),
        _ => {
            return Err(
                Error::new(ErrorKind::TlsRequired, "the server does not support TLS").with_hint(
                    "switch on ssl in postgresql.conf, or weaken sslmode in the database URL",
                ),
            );
        }
    }
    let Ok(handshake) = MakeTlsConnect::<Socket>::make_tls_connect(&mut tls, name);
    match handshake.connect(socket).await {
        Ok(stream) => Ok(Transport::Tls(Box::new(stream))),
        Err(cause) => Err(tls_failed(name, cause)),
    }
}

fn tls_failed(name: &str, cause: io::Error) -> Error {
    let hint = match tls::cause_of(&cause) {
        Some(cause) => tls::hint(cause),
        None => "the server or something before it ended the handshake: look into the server's log",
    };
    Error::new(ErrorKind::Tls, format!("TLS with {name} failed"))
        .with_source(cause)
        .with_hint(hint)
}

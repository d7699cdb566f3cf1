//! Opens one connection: the only place that resolves names, dials, negotiates TLS and authenticates.

use crate::dial::{addresses, open, place, secured, tuned, unreachable};
use crate::footprint::Names;
use crate::options::Options;
use crate::pooler::{Pooler, timeouts};
use crate::race::{first_of, note};
use crate::socket::Transport;
use crate::wire::{Applicant, Canceller, Types, Wire, start_up};
use crate::{Error, ServerError, pooler, tls};
use rand::seq::SliceRandom;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use underpin_core::url::{Host, SslMode, TargetSessionAttrs};
use underpin_core::{DatabaseUrl, ErrorKind, Secret};

/// Opens connections to one database.
pub(crate) struct Connector {
    options: Options,
    tls: Option<TlsConnector>,
    password: std::sync::RwLock<Option<Secret<String>>>,
    pooler: Pooler,
    types: Arc<Types>,
    names: Arc<Names>,
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
            types: Arc::default(),
            names: Arc::default(),
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

    /// What is known of the names of the database, for all that connect through this.
    pub(crate) fn names(&self) -> &Arc<Names> {
        &self.names
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
        let rounds = self.options.url.target_session_attrs.rounds();
        let attempts: Vec<_> = rounds
            .iter()
            .flat_map(|wanted| hosts.iter().map(move |host| (*wanted, *host)))
            .collect();
        let mut failure: Option<Error> = None;
        for ((wanted, host), left) in attempts.iter().zip((1..=attempts.len()).rev()) {
            // A host that does not answer leaves the others their share of the time.
            let began = Instant::now();
            let rest = deadline.saturating_duration_since(began);
            let share = rest / u32::try_from(left).unwrap_or(u32::MAX);
            let attempt = self.connect_to(host, *wanted, began + share);
            match timeout_at(began + share, attempt).await {
                Ok(Ok(wire)) => return Ok(wire),
                Ok(Err(error)) => note(&mut failure, error),
                Err(_) => note(&mut failure, too_slow(host, share)),
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

    /// Tries the addresses of a host. Bounded by the caller, at the deadline.
    async fn connect_to(
        &self,
        host: &Host,
        wanted: TargetSessionAttrs,
        deadline: Instant,
    ) -> Result<Wire, Error> {
        let Host::Tcp { name, port } = host else {
            return self.enter(host, None, wanted).await;
        };
        let mut addresses = addresses(name, *port, deadline).await?;
        if self.options.url.load_balance_hosts {
            addresses.shuffle(&mut rand::rng());
        }
        self.connect_among(addresses, host, wanted, deadline).await
    }

    async fn connect_among(
        &self,
        addresses: Vec<SocketAddr>,
        host: &Host,
        wanted: TargetSessionAttrs,
        deadline: Instant,
    ) -> Result<Wire, Error> {
        let enter = |stream| self.enter(host, Some(stream), wanted);
        first_of(addresses, deadline, enter, |cause| unreachable(host, cause)).await
    }

    /// Introduces us on a connected socket, or on the Unix socket of the host, and looks whom it led to.
    async fn enter(
        &self,
        host: &Host,
        stream: Option<TcpStream>,
        wanted: TargetSessionAttrs,
    ) -> Result<Wire, Error> {
        let (tls, mode) = (self.tls.as_ref(), self.options.url.tls.mode);
        let peer = stream.as_ref().and_then(|stream| stream.peer_addr().ok());
        let transport = match stream {
            Some(stream) => secured(tuned(stream)?, host, tls, mode).await?,
            None => open(host, None, tls, mode).await?,
        };
        let outcome = match self.start_up(host, transport).await {
            Err(error) if self.pooler.is_refusal(error.server(), &self.options) => {
                let transport = open(host, peer, tls, mode).await?;
                self.start_up(host, transport).await
            }
            outcome => outcome,
        };
        let wire = outcome?;
        self.check_attributes(&wire, wanted).await?;
        let looked = self.pooler.look(&wire, &self.options).await;
        looked.map_err(pooler::explained)?;
        Ok(wire)
    }

    /// Introduces us.
    async fn start_up(&self, host: &Host, transport: Transport) -> Result<Wire, Error> {
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
        let is_tls = transport.is_tls();
        let options = self.startup_options(options.as_deref());
        let mut parameters = vec![
            ("database", database.as_str()),
            (
                "application_name",
                application_name.as_deref().unwrap_or("underpin"),
            ),
        ];
        if !options.is_empty() {
            parameters.push(("options", &options));
        }
        let applicant = Applicant {
            user,
            password: self.password(),
            channel_binding: tls.channel_binding,
            parameters,
        };
        let started = start_up(transport, &applicant).await;
        let started = started.map_err(|error| self.refused(error, host, is_tls))?;
        Ok(Wire::new(
            started,
            host.clone(),
            self.types.clone(),
            self.names.clone(),
            &self.options.pool,
            Canceller::new(self.tls.clone(), tls.mode, self.options.pool.cancel_on_drop),
        ))
    }

    /// The password that is used now.
    pub(crate) fn password(&self) -> Option<Secret<String>> {
        self.password
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
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

    async fn check_attributes(&self, wire: &Wire, wanted: TargetSessionAttrs) -> Result<(), Error> {
        use TargetSessionAttrs::{Any, PreferStandby, Primary, ReadOnly, ReadWrite, Standby};
        const IS_STANDBY: &str = "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN 'on' END";
        const ONLY_READS: &str = "SHOW transaction_read_only";
        // Servers report both unasked since 14; a pooler in between may not pass them on.
        let told = |name| wire.parameter(name).map(|value| value == "on");
        let standby = told("in_hot_standby");
        let by_default = told("default_transaction_read_only");
        let only_reads = standby.zip(by_default).map(|(one, other)| one || other);
        let (told, question, should_be, it) = match wanted {
            // Of a preference only its rounds come here.
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
        if is_so == should_be {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::ReadOnly,
            format!("the server at {} {it}", place(wire.host())),
        )
        .with_hint("target_session_attrs in the database URL asks for another kind of server"))
    }

    /// The start-up failed: say why in words a person can act on.
    fn refused(&self, error: Error, host: &Host, is_tls: bool) -> Error {
        // With TLS 1.3 the server judges our certificate when the handshake is over for us.
        if let Some(hint) = tls::cause_of(&error).map(tls::hint) {
            return Error::new(ErrorKind::Tls, "the server ended the TLS connection")
                .with_source(error)
                .with_hint(hint);
        }
        if error.server().is_some_and(pooler::is_unsupported) {
            return Error::new(ErrorKind::Config, "a pooler refuses `options` of the database URL")
                .with_source(error)
                .with_hint(
                    "set them for the role instead (ALTER ROLE … SET …); PgBouncer's `ignore_startup_parameters = \
                     options` only leaves them out",
                );
        }
        let may_want_tls =
            self.options.url.tls.mode == SslMode::Disable && matches!(host, Host::Tcp { .. });
        if may_want_tls && error.server().is_some_and(is_turned_away) {
            return Error::new(
                ErrorKind::TlsRequired,
                "the server does not let this connection in without TLS",
            )
            .with_source(error)
            .with_hint(
                "add sslmode=require, or better verify-full, to the database URL; if that changes nothing, pg_hba.conf has \
                 no line for this user, database and address",
            );
        }
        let hint = match error.kind() {
            ErrorKind::UnknownDatabase => Some(format!(
                "create it with `createdb {}`, or correct the database URL",
                self.options.url.database
            )),
            ErrorKind::Authentication => {
                let hint = self.authentication_hint(&error, is_tls);
                hint.map(String::from)
            }
            _ => None,
        };
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }

    /// What to do about a refusal that the code alone does not explain.
    fn authentication_hint(&self, error: &Error, is_tls: bool) -> Option<&'static str> {
        let url = &self.options.url;
        let has_certificate = is_tls && url.tls.cert.is_some();
        match error.server() {
            Some(report) if is_tls && is_turned_away(report) => Some(
                "pg_hba.conf asks for a client certificate that the server's ssl_ca_file signed (sslcert and sslkey in the \
                 database URL), or has no line for this user, database and address",
            ),
            // A wrong password has a code of its own.
            Some(report) if has_certificate && report.code == "28000" => Some(
                "the certificate's common name must be the role's, or pg_ident.conf must map one to the other",
            ),
            Some(report) if is_turned_away(report) => None,
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

/// Did `pg_hba.conf` turn the connection away, because no line fits, or for want of a certificate? The message would tell
/// which, but in the server's language.
fn is_turned_away(report: &ServerError) -> bool {
    report.code == "28000" && report.routine.as_deref() == Some("ClientAuthentication")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;
    use underpin_testkit::{BlackHole, shared_cluster};

    /// A connector to the shared cluster, and the address of its port.
    async fn connector() -> (Connector, Host, SocketAddr) {
        let url = shared_cluster().await.tcp_url("postgres");
        let Some(host @ Host::Tcp { port, .. }) = url.hosts.first().cloned() else {
            panic!("a loopback port: {url}")
        };
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        (Connector::new(Options::new(url)).unwrap(), host, address)
    }

    #[tokio::test]
    async fn name_of_which_one_address_is_dead_and_another_hangs_leads_to_the_server() {
        let (connector, host, address) = connector().await;
        let (dead, hangs) = (
            BlackHole::dig().await,
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
        );
        let closed = SocketAddr::from(([127, 0, 0, 1], 1));
        let addresses = vec![dead.address(), closed, hangs.local_addr().unwrap(), address];
        let deadline = Instant::now() + crate::options::CREATE_TIMEOUT;
        let wire = connector
            .connect_among(addresses, &host, TargetSessionAttrs::Any, deadline)
            .await
            .unwrap();
        assert_eq!(wire.peer(), Some(address));
    }

    #[tokio::test]
    async fn address_that_hangs_at_the_start_of_a_session_is_not_given_up_while_the_next_one_is_tried()
     {
        let (connector, host, address) = connector().await;
        // The first takes connections at once and answers late; the others are dead.
        let (slow, dead) = (late(address).await, BlackHole::dig().await);
        let deadline = Instant::now() + Duration::from_secs(20);
        let wire = connector
            .connect_among(
                vec![slow, dead.address()],
                &host,
                TargetSessionAttrs::Any,
                deadline,
            )
            .await
            .unwrap();
        assert_eq!(wire.peer(), Some(slow));
    }

    /// A way to a server on which the first answer takes longer than its share of the time.
    async fn late(server: SocketAddr) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::runtime::Handle::current().spawn(async move {
            while let Ok((mut ours, _)) = listener.accept().await {
                let mut theirs = TcpStream::connect(server).await.unwrap();
                tokio::time::sleep_until(Instant::now() + Duration::from_secs(11)).await;
                let _ = tokio::io::copy_bidirectional(&mut ours, &mut theirs).await;
            }
        });
        address
    }
}

//! TLS against a real server: what each `sslmode` proves, client certificates, channel binding, cancelling.

use crate::support::SOON;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::path::PathBuf;
use std::time::Duration;
use underpin_core::url::{ChannelBinding, Host, SslMode};
use underpin_core::{Chain, Secret};
use underpin_pool::{Database, Error, ErrorKind, Options, Session};
use underpin_testkit::{
    PrivateCluster, TemporaryFolder, private_cluster, temporary_folder, wait_until,
};

/// Everybody over TLS with a password; `plain` also without TLS; `certified` with a certificate and no password.
const RULES: [&str; 3] = [
    "hostssl all certified 127.0.0.1/32 cert",
    "hostssl all all 127.0.0.1/32 scram-sha-256",
    "hostnossl all plain 127.0.0.1/32 scram-sha-256",
];

/// Signs certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
struct Identity {
    certificate: String,
    key: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(
            CertifiedIssuer::self_signed(params, KeyPair::generate().expect("rcgen signs"))
                .expect("rcgen signs"),
        )
    }

    /// A certificate for `names`, which may be addresses, or for a role: its common name is the first of them.
    fn issue(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let names: Vec<_> = names.iter().copied().map(String::from).collect();
        let mut params = CertificateParams::new(names.clone()).expect("the names are valid");
        params
            .distinguished_name
            .push(DnType::CommonName, names[0].as_str());
        change(&mut params);
        let key = KeyPair::generate().expect("rcgen makes keys");
        Identity {
            certificate: params.signed_by(&key, &self.0).expect("rcgen signs").pem(),
            key: key.serialize_pem(),
        }
    }
}

/// A server with TLS, and the files that its clients need.
struct Server {
    cluster: PrivateCluster,
    authority: Authority,
    files: TemporaryFolder,
}

impl Server {
    /// None when this build of PostgreSQL has no TLS; says so, for the test to return.
    #[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
    async fn start(names: &[&str]) -> Option<Self> {
        let mut cluster = private_cluster().await;
        let admin = cluster.admin().await;
        let library = admin.query_one("SHOW ssl_library", &[]).await;
        let library: String = library
            .and_then(|row| row.get(0))
            .expect("every server knows what it was built with");
        if library.is_empty() {
            println!("skipped: this build of PostgreSQL has no TLS");
            return None;
        }
        admin
            .batch("CREATE ROLE plain LOGIN PASSWORD 'p'; CREATE ROLE certified LOGIN")
            .await
            .expect("the roles are new");
        drop(admin);
        cluster.set_access_rules(&RULES);
        for (name, value) in [
            ("ssl", "on"),
            ("ssl_cert_file", "server.crt"),
            ("ssl_key_file", "server.key"),
            ("ssl_ca_file", "clients.crt"),
        ] {
            cluster.set(name, value);
        }
        let authority = Authority::new("ours");
        let mut server = Self {
            cluster,
            files: temporary_folder(),
            authority,
        };
        let identity = server.authority.issue(names, |_| {});
        server.show(&identity).await;
        Some(server)
    }

    /// Restarts with another certificate.
    async fn show(&mut self, identity: &Identity) {
        let _ = self.cluster.place("server.crt", &identity.certificate);
        let _ = self.cluster.place("server.key", &identity.key);
        let _ = self.cluster.place("clients.crt", &self.authority.0.pem());
        self.cluster.restart().await;
    }

    /// A file of the client's.
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.files.path().join(name);
        std::fs::write(&path, text).expect("the folder is ours");
        path
    }

    /// The server's authority, as `sslrootcert` names it.
    fn root(&self) -> PathBuf {
        self.file("root.crt", &self.authority.0.pem())
    }

    /// How to reach it by `host`.
    fn options(&self, host: &str, mode: SslMode) -> Options {
        let mut url = self.cluster.url("postgres");
        url.hosts = vec![Host::Tcp {
            name: String::from(host),
            port: self.cluster.cluster().port(),
        }];
        url.tls.mode = mode;
        Options::new(url)
    }

    /// Options with an authority to verify by.
    fn verified(&self, host: &str, mode: SslMode, root: PathBuf) -> Options {
        let mut options = self.options(host, mode);
        options.url.tls.root_cert = Some(root);
        options
    }
}

/// Connects, and tells whether over TLS.
async fn is_encrypted(options: &Options) -> bool {
    let session = Session::connect(options).await;
    let session = session.unwrap_or_else(|error| panic!("{}", Chain(&error)));
    let row = session
        .query_one(
            "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
            &[],
        )
        .await;
    let seen_by_the_server: bool = row
        .expect("the server knows its own session")
        .get(0)
        .expect("ssl is a boolean");
    assert_eq!(session.is_tls(), seen_by_the_server);
    seen_by_the_server
}

/// Must not connect, for a reason of `kind` whose chain and hint say `cause` and `hint`.
async fn assert_refused(options: &Options, kind: ErrorKind, cause: &str, hint: &str) {
    let error: Error = Session::connect(options)
        .await
        .expect_err("must be refused");
    let text = format!("{}; hint: {:?}", Chain(&error), error.hint());
    assert_eq!(error.kind(), kind, "{text}");
    assert!(
        Chain(&error).to_string().contains(cause),
        "{text} should contain {cause:?}"
    );
    assert!(
        error.hint().is_some_and(|given| given.contains(hint)),
        "{text} should say {hint:?}"
    );
}

#[tokio::test]
async fn each_mode_proves_what_it_says() {
    let Some(server) = Server::start(&["localhost"]).await else {
        return;
    };
    let (right, stranger) = (server.root(), Authority::new("stranger"));
    let wrong = server.file("wrong.crt", &stranger.0.pem());
    let (name, address) = ("localhost", "127.0.0.1");

    let mut plain = server.options(address, SslMode::Disable);
    plain.url.user = String::from("plain");
    plain.url.password = Some(Secret::new(String::from("p")));
    assert!(!is_encrypted(&plain).await);
    assert!(is_encrypted(&server.options(address, SslMode::Prefer)).await);
    assert!(is_encrypted(&server.options(address, SslMode::Require)).await);

    // Given an authority, require verifies it: libpq does so too.
    for mode in [SslMode::Require, SslMode::VerifyCa] {
        assert!(is_encrypted(&server.verified(address, mode, right.clone())).await);
        let options = server.verified(address, mode, wrong.clone());
        assert_refused(&options, ErrorKind::Tls, "UnknownIssuer", "sslrootcert").await;
    }

    let full = |host, root: &PathBuf| server.verified(host, SslMode::VerifyFull, root.clone());
    assert!(is_encrypted(&full(name, &right)).await);
    assert_refused(
        &full(name, &wrong),
        ErrorKind::Tls,
        "UnknownIssuer",
        "sslrootcert",
    )
    .await;
    let other_name = full(address, &right);
    assert_refused(
        &other_name,
        ErrorKind::Tls,
        "not valid for name",
        "subjectAltName",
    )
    .await;
}

#[tokio::test]
async fn an_address_in_the_certificate_is_a_name() {
    let Some(server) = Server::start(&["127.0.0.1"]).await else {
        return;
    };
    let full = |host| server.verified(host, SslMode::VerifyFull, server.root());
    assert!(is_encrypted(&full("127.0.0.1")).await);
    assert_refused(
        &full("localhost"),
        ErrorKind::Tls,
        "not valid for name",
        "subjectAltName",
    )
    .await;
}

#[tokio::test]
async fn expired_certificate_is_refused_by_whoever_verifies() {
    let Some(mut server) = Server::start(&["localhost"]).await else {
        return;
    };
    let expired = server.authority.issue(&["localhost"], |params| {
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    });
    server.show(&expired).await;
    for mode in [SslMode::VerifyCa, SslMode::VerifyFull] {
        let options = server.verified("localhost", mode, server.root());
        assert_refused(&options, ErrorKind::Tls, "expired", "renew").await;
    }
    assert!(is_encrypted(&server.options("localhost", SslMode::Require)).await);
}

/// As PostgreSQL's manual makes one: `openssl req -new -x509`, its own authority, its name only in the subject.
#[tokio::test]
async fn self_signed_certificate_is_its_own_root() {
    let Some(mut server) = Server::start(&["localhost"]).await else {
        return;
    };
    let own = Authority::new("stranger");
    let identity = Identity {
        certificate: own.0.pem(),
        key: own.0.key().serialize_pem(),
    };
    server.show(&identity).await;
    let root = server.file("server.crt", &identity.certificate);
    assert!(is_encrypted(&server.verified("localhost", SslMode::VerifyCa, root.clone())).await);
    let stranger = server.verified("localhost", SslMode::VerifyCa, server.root());
    assert_refused(&stranger, ErrorKind::Tls, "", "sslrootcert").await;
    let full = server.verified("localhost", SslMode::VerifyFull, root);
    assert_refused(
        &full,
        ErrorKind::Tls,
        "not valid for name",
        "subjectAltName",
    )
    .await;
}

#[tokio::test]
async fn client_certificate_takes_the_place_of_a_password() {
    let Some(server) = Server::start(&["localhost"]).await else {
        return;
    };
    let as_certified = |identity: Option<&Identity>| {
        let mut options = server.verified("localhost", SslMode::VerifyFull, server.root());
        options.url.user = String::from("certified");
        options.url.password = None;
        options.url.tls.cert = identity.map(|own| server.file("client.crt", &own.certificate));
        options.url.tls.key = identity.map(|own| server.file("client.key", &own.key));
        options
    };
    let right = server.authority.issue(&["certified"], |_| {});
    assert!(is_encrypted(&as_certified(Some(&right))).await);
    let cause = "requires a valid client certificate";
    assert_refused(
        &as_certified(None),
        ErrorKind::Authentication,
        cause,
        "sslcert",
    )
    .await;
    let other_role = server.authority.issue(&["somebody"], |_| {});
    let cause = "certificate authentication failed";
    assert_refused(
        &as_certified(Some(&other_role)),
        ErrorKind::Authentication,
        cause,
        "common name",
    )
    .await;
    let stranger = Authority::new("stranger").issue(&["certified"], |_| {});
    assert_refused(
        &as_certified(Some(&stranger)),
        ErrorKind::Tls,
        "",
        "ssl_ca_file",
    )
    .await;
}

#[tokio::test]
async fn channel_binding_is_made_over_tls_and_missed_without() {
    let Some(server) = Server::start(&["localhost"]).await else {
        return;
    };
    let mut bound = server.options("localhost", SslMode::Require);
    bound.url.tls.channel_binding = ChannelBinding::Require;
    assert!(is_encrypted(&bound).await);

    let mut plain = server.options("localhost", SslMode::Disable);
    plain.url.user = String::from("plain");
    plain.url.password = Some(Secret::new(String::from("p")));
    plain.url.tls.channel_binding = ChannelBinding::Require;
    let cause = "channel binding";
    assert_refused(&plain, ErrorKind::Authentication, cause, "sslmode").await;
}

#[tokio::test]
async fn server_that_insists_on_tls_is_told() {
    let Some(server) = Server::start(&["localhost"]).await else {
        return;
    };
    let plain = server.options("localhost", SslMode::Disable);
    let cause = "no encryption";
    assert_refused(&plain, ErrorKind::TlsRequired, cause, "sslmode=require").await;
    assert!(is_encrypted(&server.options("localhost", SslMode::Prefer)).await);
}

#[tokio::test]
async fn server_without_tls_is_told_to_whoever_insists() {
    let cluster = private_cluster().await;
    for mode in [SslMode::Require, SslMode::VerifyCa, SslMode::VerifyFull] {
        let mut options = Options::new(cluster.url("postgres"));
        options.url.tls.mode = mode;
        let cause = "does not support TLS";
        assert_refused(&options, ErrorKind::TlsRequired, cause, "postgresql.conf").await;
    }
    let mut options = Options::new(cluster.url("postgres"));
    options.url.tls.mode = SslMode::Prefer;
    assert!(!is_encrypted(&options).await);
}

#[tokio::test]
async fn dropped_query_is_cancelled_over_tls_and_its_session_goes_on() {
    let Some(server) = Server::start(&["localhost"]).await else {
        return;
    };
    let mut options = server.verified("localhost", SslMode::VerifyFull, server.root());
    (
        options.pool.size,
        options.pool.max_overflow,
        options.pool.lanes,
    ) = (1, 0, 0);
    let db = Database::connect(options).await.unwrap();
    let admin = server.cluster.admin().await;
    let is_asleep = async || {
        let query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'";
        admin
            .query_one(query, &[])
            .await
            .unwrap()
            .get::<i64>(0)
            .unwrap()
            == 1
    };
    let sleeper = tokio::spawn({
        let db = db.clone();
        async move { db.query("SELECT pg_sleep(60)", &[]).await.map(drop) }
    });
    wait_until(SOON, is_asleep).await;
    sleeper.abort();
    wait_until(Duration::from_secs(1), async || !is_asleep().await).await;
    let session = db.checkout().await.unwrap();
    assert!(session.is_tls());
    assert_eq!(
        db.status().created,
        1,
        "the session was cleaned, not replaced"
    );
}

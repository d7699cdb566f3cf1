//! Where a peer connects: the server itself, or the delaying proxy in front of it.

use std::process::Command;
use underpin_core::url::Host;
use underpin_pool::DatabaseUrl;

#[derive(Debug, Clone)]
pub struct Address(DatabaseUrl);

impl Address {
    pub fn new(url: DatabaseUrl) -> Self {
        Self(url)
    }

    /// As Underpin takes it.
    pub fn parsed(&self) -> &DatabaseUrl {
        &self.0
    }

    /// As everybody else takes it, with the password.
    pub fn url(&self) -> String {
        self.0.expose()
    }

    /// The port, and the host or the folder of the socket.
    pub fn host(&self) -> (String, u16) {
        match self.0.hosts.first() {
            Some(Host::Tcp { name, port }) => (name.clone(), *port),
            Some(Host::Unix { directory, port }) => (directory.display().to_string(), *port),
            None => (String::from("localhost"), 5432),
        }
    }

    /// The same database, on another loopback port.
    pub fn at_port(&self, port: u16) -> Self {
        let host = Host::Tcp {
            name: String::from("127.0.0.1"),
            port,
        };
        Self(DatabaseUrl {
            hosts: vec![host],
            ..self.0.clone()
        })
    }

    /// Tells a program of PostgreSQL's own where to connect; not on its command line, which everybody can read.
    pub fn tell(&self, command: &mut Command) {
        let (host, port) = self.host();
        let password = self.0.password.as_ref();
        command
            .env("PGHOST", host)
            .env("PGPORT", port.to_string())
            .env("PGUSER", &self.0.user)
            .env("PGDATABASE", &self.0.database)
            .env(
                "PGPASSWORD",
                password.map_or("", |password| password.expose().as_str()),
            );
    }
}

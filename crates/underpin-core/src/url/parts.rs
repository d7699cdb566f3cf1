//! A connection string taken apart but not yet understood: one text a parameter.

use super::tls::Tls;
use super::{DEFAULT_PORT, DatabaseUrl, Host, ParseError, TargetSessionAttrs, parameter};
use crate::{ErrorKind, Secret, counted};
use std::net::Ipv6Addr;
use std::path::PathBuf;
use std::time::Duration;

/// How a URL should look.
pub(super) const EXPECTED: &str = "write it as postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full, \
with special characters percent-encoded (@ is %40, / is %2F)";

const HOSTS_MAX: usize = 64;
const HOST_BYTES_MAX: usize = 255;
const TEXT_BYTES_MAX: usize = 4096;
const APPLICATION_NAME_BYTES_MAX: usize = 63;
const CONNECT_TIMEOUT_SECONDS_MAX: u64 = 86_400;

/// The text of each parameter; an empty one counts as absent, as in libpq.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) hosts: Vec<String>,
    pub(crate) ports: Vec<String>,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) dbname: Option<String>,
    sslmode: Option<String>,
    sslrootcert: Option<String>,
    sslcert: Option<String>,
    sslkey: Option<String>,
    channel_binding: Option<String>,
    target_session_attrs: Option<String>,
    load_balance_hosts: Option<String>,
    application_name: Option<String>,
    options: Option<String>,
    connect_timeout: Option<String>,
}

impl Parts {
    /// Sets a parameter by libpq's name; the last one said counts.
    pub(crate) fn set(&mut self, name: &str, value: String) -> Result<(), ParseError> {
        if value.len() > TEXT_BYTES_MAX {
            return Err(wrong(
                name,
                format!("is longer than {TEXT_BYTES_MAX} bytes"),
            ));
        }
        if value.contains('\0') {
            return Err(wrong(
                name,
                "contains a zero byte, which PostgreSQL cannot take",
            ));
        }
        let list = |value: &str| -> Vec<String> {
            let items = value.split(',').map(str::trim).map(String::from);
            items.filter(|_| !value.is_empty()).collect()
        };
        match name {
            "host" => {
                self.hosts = list(&value);
                self.ports.retain(|port| !port.is_empty());
            }
            "port" => self.ports = list(&value),
            _ => *self.slot(name).ok_or_else(|| parameter::unknown(name))? = Some(value),
        }
        Ok(())
    }

    fn slot(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "user" => &mut self.user,
            "password" => &mut self.password,
            "dbname" => &mut self.dbname,
            "sslmode" => &mut self.sslmode,
            "sslrootcert" => &mut self.sslrootcert,
            "sslcert" => &mut self.sslcert,
            "sslkey" => &mut self.sslkey,
            "channel_binding" => &mut self.channel_binding,
            "target_session_attrs" => &mut self.target_session_attrs,
            "load_balance_hosts" => &mut self.load_balance_hosts,
            "application_name" => &mut self.application_name,
            "options" => &mut self.options,
            "connect_timeout" => &mut self.connect_timeout,
            _ => return None,
        })
    }

    /// Checks every part and fills in what was not said.
    pub(crate) fn resolve(self, default_user: Option<&str>) -> Result<DatabaseUrl, ParseError> {
        let Self {
            hosts,
            ports,
            user,
            password,
            dbname,
            sslmode,
            sslrootcert,
            sslcert,
            sslkey,
            channel_binding,
            target_session_attrs,
            load_balance_hosts,
            application_name,
            options,
            connect_timeout,
        } = self;
        let hosts = resolve_hosts(hosts, &ports)?;
        let user = filled(user)
            .or_else(|| default_user.map(String::from))
            .ok_or_else(|| {
                ParseError::new(ErrorKind::Config, "the database URL names no user")
                    .with_hint(EXPECTED)
            })?;
        let database = filled(dbname).unwrap_or_else(|| user.clone());
        let tls = Tls {
            sslmode,
            sslrootcert,
            sslcert,
            sslkey,
            channel_binding,
        };
        let tls = tls.resolve(hosts.iter().all(Host::is_local))?;
        Ok(DatabaseUrl {
            hosts,
            user: printable("user", user)?,
            password: filled(password).map(Secret::new),
            database: printable("dbname", database)?,
            tls,
            target_session_attrs: match target_session_attrs.as_deref() {
                None => TargetSessionAttrs::default(),
                Some(name) => TargetSessionAttrs::from_name(name)
                    .ok_or_else(|| not_one_of("target_session_attrs", name))?,
            },
            load_balance_hosts: match load_balance_hosts.as_deref() {
                None | Some("disable") => false,
                Some("random") => true,
                Some(other) => return Err(not_one_of("load_balance_hosts", other)),
            },
            application_name: resolve_application_name(application_name)?,
            options: filled(options),
            connect_timeout: resolve_connect_timeout(connect_timeout)?,
        })
    }
}

fn resolve_hosts(mut hosts: Vec<String>, ports: &[String]) -> Result<Vec<Host>, ParseError> {
    if hosts.is_empty() {
        hosts.push(String::new());
    }
    if hosts.len() > HOSTS_MAX {
        return Err(wrong("host", format!("lists more than {HOSTS_MAX} hosts")));
    }
    if ports.len() > 1 && ports.len() != hosts.len() {
        let (ports, hosts) = (ports.len(), hosts.len());
        return Err(ParseError::new(
            ErrorKind::Config,
            format!("{ports} ports are given for {}", counted(hosts, "host")),
        )
        .with_hint("give one port for all hosts, or one each"));
    }
    let resolve = |(index, host): (usize, String)| {
        let port = ports
            .get(index)
            .or(ports.first().filter(|_| ports.len() == 1));
        resolve_host(host, port.map_or("", String::as_str), index + 1)
    };
    hosts.into_iter().enumerate().map(resolve).collect()
}

fn resolve_host(host: String, port: &str, number: usize) -> Result<Host, ParseError> {
    let port = match port {
        "" => DEFAULT_PORT,
        port => port.parse().ok().filter(|port| *port != 0).ok_or_else(|| {
            ParseError::new(
                ErrorKind::Config,
                format!("the port of host {number} is not a number from 1 to 65535"),
            )
            .with_hint(EXPECTED)
        })?,
    };
    if host.starts_with('/') {
        return Ok(Host::Unix {
            directory: PathBuf::from(host),
            port,
        });
    }
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || "@/\\?#%[]'\"".contains(c);
    let not_ipv6 = host.contains(':') && host.parse::<Ipv6Addr>().is_err();
    if host.contains(forbidden) || not_ipv6 || host.len() > HOST_BYTES_MAX {
        return Err(ParseError::new(
            ErrorKind::Config,
            format!("host {number} is neither a name, an address nor an absolute folder"),
        )
        .with_hint(EXPECTED));
    }
    let name = if host.is_empty() {
        String::from("localhost")
    } else {
        host
    };
    Ok(Host::Tcp { name, port })
}

fn resolve_application_name(name: Option<String>) -> Result<Option<String>, ParseError> {
    match filled(name) {
        Some(name) if name.len() > APPLICATION_NAME_BYTES_MAX => Err(wrong(
            "application_name",
            format!("is longer than {APPLICATION_NAME_BYTES_MAX} bytes"),
        )),
        Some(name) => printable("application_name", name).map(Some),
        None => Ok(None),
    }
}

fn resolve_connect_timeout(text: Option<String>) -> Result<Option<Duration>, ParseError> {
    match filled(text).as_deref() {
        None | Some("0") => Ok(None),
        Some(text) => match text.parse() {
            Ok(seconds) if seconds <= CONNECT_TIMEOUT_SECONDS_MAX => {
                Ok(Some(Duration::from_secs(seconds)))
            }
            _ => Err(not_one_of("connect_timeout", text)),
        },
    }
}

fn printable(name: &str, value: String) -> Result<String, ParseError> {
    if value.chars().any(char::is_control) {
        return Err(wrong(name, "contains a control character"));
    }
    Ok(value)
}

pub(super) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

pub(super) fn wrong(name: &str, why: impl std::fmt::Display) -> ParseError {
    let name = shown(name);
    ParseError::new(ErrorKind::Config, format!("parameter {name} {why}")).with_hint(EXPECTED)
}

pub(super) fn not_one_of(name: &'static str, value: &str) -> ParseError {
    let value = shown(value);
    let allowed = parameter::PARAMETERS
        .iter()
        .find(|parameter| parameter.name == name)
        .map_or("", |parameter| parameter.values);
    wrong(name, format_args!("cannot be {value}")).with_hint(format!("allowed: {allowed}"))
}

/// Repeats a word of the input where it can hardly be a piece of a password: short and plain.
pub(super) fn shown(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.+".contains(c);
    if text.len() <= 32 && text.chars().all(plain) {
        format!("{text:?}")
    } else {
        format!("(a text of {})", counted(text.chars().count(), "character"))
    }
}

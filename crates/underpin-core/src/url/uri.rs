//! The URL form: `postgresql://user:password@host:port,host2/database?parameter=value`.
//!
//! A stray `@` or `/` in a password moves every later boundary, so what looks like a host or a port may be a piece
//! of the password: errors here name the part that is wrong and never repeat its text.

use super::percent::decode;
use super::{ParseError, Parts, parts};
use crate::ErrorKind;

const SCHEMES: [&str; 3] = ["postgres", "postgresql", "postgresql+asyncpg"];

/// Is this a URL (with a scheme of ours), or must it be `key=value` words?
pub(super) fn has_scheme(text: &str) -> Result<bool, ParseError> {
    let Some((scheme, _)) = text.split_once("://") else {
        return Ok(false);
    };
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    if !scheme.chars().all(is_scheme) {
        return Ok(false);
    }
    if SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) {
        return Ok(true);
    }
    let shown = parts::shown(scheme);
    Err(ParseError::new(
        ErrorKind::Config,
        format!("the scheme {shown} is not PostgreSQL's"),
    )
    .with_hint(format!(
        "{}; allowed schemes: {}",
        parts::EXPECTED,
        SCHEMES.join(", ")
    )))
}

/// Takes a URL apart, as libpq does: the first `@` before the first `/` ends the credentials.
pub(super) fn parse(text: &str) -> Result<Parts, ParseError> {
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(
            malformed("the URL contains white space or a control character")
                .with_hint("percent-encode it: a space is %20"),
        );
    }
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let mut parts = Parts::default();

    let rest = match rest.split_once('@') {
        Some((credentials, rest)) if !credentials.contains('/') => {
            parse_credentials(credentials, &mut parts)?;
            rest
        }
        _ => rest,
    };
    if rest.contains('@') {
        return Err(misplaced_at_sign());
    }
    let hosts_end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (hosts, rest) = rest.split_at(hosts_end);
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    parse_hosts(hosts, &mut parts)?;
    parse_path(path, &mut parts)?;
    if let Some(query) = query.filter(|query| !query.is_empty()) {
        parse_query(query, &mut parts)?;
    }
    Ok(parts)
}

fn parse_credentials(text: &str, parts: &mut Parts) -> Result<(), ParseError> {
    let (user, password) = match text.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (text, None),
    };
    parts.user = Some(decode(user, "the user")?);
    parts.password = password
        .map(|password| decode(password, "the password"))
        .transpose()?;
    Ok(())
}

fn parse_hosts(text: &str, parts: &mut Parts) -> Result<(), ParseError> {
    if text.is_empty() {
        return Ok(());
    }
    for (index, host) in text.split(',').enumerate() {
        let (name, port) = split_port(host, index + 1)?;
        parts
            .hosts
            .push(decode(name, &format!("host {}", index + 1))?);
        parts.ports.push(String::from(port.unwrap_or_default()));
    }
    Ok(())
}

/// `name`, `name:port`, `[address]` or `[address]:port`.
fn split_port(host: &str, number: usize) -> Result<(&str, Option<&str>), ParseError> {
    let Some(rest) = host.strip_prefix('[') else {
        return Ok(match host.split_once(':') {
            Some((_, port)) if port.contains(':') => {
                return Err(
                    malformed(format!("host {number} contains more than one colon"))
                        .with_hint("write an IPv6 address in brackets: [::1]:5432"),
                );
            }
            Some((name, port)) => (name, Some(port)),
            None => (host, None),
        });
    };
    let broken = || {
        malformed(format!(
            "the brackets of host {number} do not enclose an IPv6 address"
        ))
        .with_hint("write it as [::1] or [::1]:5432")
    };
    let (address, after) = rest.split_once(']').ok_or_else(broken)?;
    if !address.contains(':') {
        return Err(broken());
    }
    match after.strip_prefix(':') {
        Some(port) => Ok((address, Some(port))),
        None if after.is_empty() => Ok((address, None)),
        None => Err(broken()),
    }
}

fn parse_path(path: &str, parts: &mut Parts) -> Result<(), ParseError> {
    let name = path.strip_prefix('/').unwrap_or(path);
    if name.contains('/') {
        return Err(malformed("the database name contains a slash").with_hint(
            "percent-encode it as %2F; a slash in the password must be encoded as well",
        ));
    }
    parts.dbname = Some(decode(name, "the database name")?);
    Ok(())
}

fn parse_query(query: &str, parts: &mut Parts) -> Result<(), ParseError> {
    for pair in query.split('&') {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(
                malformed("a parameter after the question mark has no value")
                    .with_hint("write parameters as name=value, separated by &"),
            );
        };
        let name = decode(name, "the name of a parameter")?;
        let value = decode(value, &format!("parameter {}", parts::shown(&name)))?;
        // SQLAlchemy with asyncpg, and JDBC, say `ssl`.
        match (name.as_str(), value.as_str()) {
            ("ssl", "true") => parts.set("sslmode", String::from("require"))?,
            ("ssl", "false") => parts.set("sslmode", String::from("disable"))?,
            ("ssl", _) => parts.set("sslmode", value)?,
            _ => parts.set(&name, value)?,
        }
    }
    Ok(())
}

fn misplaced_at_sign() -> ParseError {
    malformed("an @ stands where only the end of the password can have one").with_hint(
        "percent-encode special characters, above all in the password: @ is %40, / is %2F",
    )
}

fn malformed(message: impl Into<std::borrow::Cow<'static, str>>) -> ParseError {
    ParseError::new(ErrorKind::Config, message).with_hint(parts::EXPECTED)
}

//! The few HTTP requests that a check makes: one connection each, a deadline, a bounded body, no redirects.

use anyhow::{Context as _, bail};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, HOST, HeaderMap, ORIGIN};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// One request, from the name of the host to the last byte.
const DEADLINE: Duration = Duration::from_secs(15);
/// A page of 100 servers has about 300 KB.
const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Asks one registry.
#[derive(Debug)]
pub(super) struct Client {
    host: String,
    port: u16,
    /// `host` or `host:port`, as the URL has it.
    authority: String,
    prefix: String,
    /// What stood behind the prefix.
    version: String,
    tls: Option<Arc<rustls::ClientConfig>>,
}

/// What it answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    pub(super) fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_slice(&self.body).context("the body is not JSON")
    }

    /// A header's text, empty when it is not there.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

impl Client {
    /// Takes the registry's address, with or without a path in front of `/v0.1`, which may end it.
    pub(super) fn new(url: &str) -> anyhow::Result<Self> {
        let uri: Uri = url.parse().with_context(|| format!("{url} is not a URL"))?;
        let is_https = uri.scheme_str() == Some("https");
        let authority = uri
            .authority()
            .with_context(|| format!("{url} names no host"))?;
        if authority.as_str().contains('@') {
            bail!("the URL must not carry a password");
        }
        Ok(Self {
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority
                .port_u16()
                .unwrap_or(if is_https { 443 } else { 80 }),
            authority: authority.to_string(),
            prefix: base(uri.path()).to_owned(),
            version: uri.path()[base(uri.path()).len()..]
                .trim_end_matches('/')
                .to_owned(),
            tls: if is_https {
                Some(Arc::new(tls()?))
            } else {
                None
            },
        })
    }

    /// What of the address clients add themselves: `/v0.1`.
    pub(super) fn left_out(&self) -> Option<&str> {
        Some(self.version.as_str()).filter(|version| !version.is_empty())
    }

    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(Method::GET, path).await
    }

    pub(super) async fn options(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(Method::OPTIONS, path).await
    }

    async fn send(&self, method: Method, path: &str) -> anyhow::Result<Answer> {
        let what = format!("{method} {}{path}", self.prefix);
        tokio::time::timeout(DEADLINE, self.exchange(method, path))
            .await
            .with_context(|| format!("{what}: no complete answer within {} s", DEADLINE.as_secs()))?
            .with_context(|| format!("{what} failed"))
    }

    async fn exchange(&self, method: Method, path: &str) -> anyhow::Result<Answer> {
        let stream = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .with_context(|| format!("could not connect to {}:{}", self.host, self.port))?;
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.prefix))
            .header(HOST, &self.authority)
            .header(ACCEPT, "application/json")
            // A web page's request: only such a one has to be answered with CORS headers.
            .header(ORIGIN, "https://underpin.example")
            .header("access-control-request-method", "GET")
            .body(Empty::new())
            .context("the path is not valid")?;
        match &self.tls {
            None => talk(stream, request).await,
            Some(config) => {
                let name = ServerName::try_from(self.host.clone())
                    .context("the host's name is not valid")?;
                let connector = TlsConnector::from(config.clone());
                talk(
                    connector
                        .connect(name, stream)
                        .await
                        .context("the TLS handshake failed")?,
                    request,
                )
                .await
            }
        }
    }
}

async fn talk(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Empty<Bytes>>,
) -> anyhow::Result<Answer> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let exchange = async {
        let (parts, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, BODY_BYTES_MAX).collect().await;
        let body = body
            .map_err(anyhow::Error::from_boxed)
            .context("the body could not be read")?
            .to_bytes();
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        })
    };
    tokio::pin!(exchange);
    tokio::select! {
        answer = &mut exchange => answer,
        // The connection ends when the server closes it; the answer may be complete by then.
        ended = connection => {
            ended.context("the connection broke")?;
            exchange.await
        }
    }
}

/// The path that clients are given: they add the version of the API themselves.
pub(super) fn base(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    let ends = ["/v0.1/servers", "/v0.1"];
    let base = ends.into_iter().find_map(|end| path.strip_suffix(end));
    base.unwrap_or(path).trim_end_matches('/')
}

/// Verifies against the system's authorities.
fn tls() -> anyhow::Result<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        bail!("the system has no trusted certificate authorities");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("TLS is not available")?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_the_api_is_no_part_of_the_address() {
        let check = |path, expected| assert_eq!(base(path), expected, "{path}");
        check("/", "");
        check("/v0.1", "");
        check("/v0.1/", "");
        check("/v0.1/servers", "");
        check("/team/v0.1/", "/team");
        check("/team/", "/team");
        check("/v0.1x", "/v0.1x");
    }
}

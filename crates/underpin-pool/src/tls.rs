//! TLS as libpq means it: prefer and require encrypt, verify-ca and verify-full also prove who answers.

use crate::Error;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use sha2::{Digest, Sha256, Sha384, Sha512};
use std::error::Error as StdError;
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsConnector;
use underpin_core::url::{SslMode, TlsSettings};
use underpin_core::{Chain, ErrorKind};
use x509_cert::der::Decode;

/// Builds the connector, or None when TLS is off. Reads certificate files now, so that a bad path fails at start.
pub(crate) fn connector(settings: &TlsSettings) -> Result<Option<TlsConnector>, Error> {
    let TlsSettings {
        mode,
        root_cert,
        cert,
        key,
        channel_binding: _,
    } = settings;
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match mode {
        SslMode::Disable => return Ok(None),
        SslMode::Prefer => Arc::new(Unverified(provider.clone())),
        SslMode::Require if root_cert.is_none() => Arc::new(Unverified(provider.clone())),
        SslMode::Require | SslMode::VerifyCa => {
            Arc::new(Verified::new(root_cert.as_deref(), &provider, false)?)
        }
        SslMode::VerifyFull => Arc::new(Verified::new(root_cert.as_deref(), &provider, true)?),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|cause| Error::new(ErrorKind::Tls, "could not set up TLS").with_source(cause))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let config = match (cert, key) {
        (None, None) => builder.with_no_client_auth(),
        (Some(cert), Some(key)) => builder
            .with_client_auth_cert(read_certificates(cert)?, read_key(key)?)
            .map_err(|cause| {
                Error::new(
                    ErrorKind::Config,
                    "client certificate and key do not fit together",
                )
                .with_source(cause)
            })?,
        _ => {
            return Err(Error::new(
                ErrorKind::Config,
                "sslcert and sslkey must be given together",
            ));
        }
    };
    Ok(Some(TlsConnector::from(Arc::new(config))))
}

/// `tls-server-end-point` of RFC 5929: the digest of a certificate by the algorithm of its signature, SHA-256 at least.
/// None when the signature has no digest of its own, as with Ed25519.
pub(crate) fn end_point(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    use x509_cert::der::oid::db::rfc5912 as algorithm;
    let parsed = x509_cert::Certificate::from_der(certificate).ok()?;
    match parsed.signature_algorithm.oid {
        algorithm::SHA_1_WITH_RSA_ENCRYPTION
        | algorithm::SHA_256_WITH_RSA_ENCRYPTION
        | algorithm::ECDSA_WITH_SHA_256 => Some(Sha256::digest(certificate).to_vec()),
        algorithm::SHA_384_WITH_RSA_ENCRYPTION | algorithm::ECDSA_WITH_SHA_384 => {
            Some(Sha384::digest(certificate).to_vec())
        }
        algorithm::SHA_512_WITH_RSA_ENCRYPTION => Some(Sha512::digest(certificate).to_vec()),
        _ => None,
    }
}

/// What to do about a handshake that failed.
pub(crate) fn hint(cause: &rustls::Error) -> &'static str {
    use rustls::Error as Tls;
    match cause {
        Tls::InvalidCertificate(flaw) => match flaw {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "renew the server's certificate, or look at this machine's clock"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "connect by a name among the certificate's subjectAltName entries, or use sslmode=verify-ca"
            }
            _ => {
                "sslrootcert in the database URL must name the authority that signed the server's certificate"
            }
        },
        Tls::AlertReceived(_) => {
            "the server refuses the client's certificate or protocol: sslcert must be signed by its ssl_ca_file"
        }
        _ => {
            "check sslmode in the database URL, and that a PostgreSQL server with TLS answers there"
        }
    }
}

/// The TLS error under another error, if that is what it is about.
pub(crate) fn cause_of<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    Chain(error)
        .iter()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .find_map(|cause| cause.get_ref()?.downcast_ref())
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let unreadable = |cause| {
        Error::new(
            ErrorKind::Config,
            format!("could not read certificates from {}", path.display()),
        )
        .with_source(cause)
    };
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(unreadable)?
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    if certificates.is_empty() {
        return Err(Error::new(
            ErrorKind::Config,
            format!("{} holds no PEM certificate", path.display()),
        ));
    }
    Ok(certificates)
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    PrivateKeyDer::from_pem_file(path).map_err(|cause| {
        Error::new(
            ErrorKind::Config,
            format!("could not read a private key from {}", path.display()),
        )
        .with_source(cause)
    })
}

/// `prefer` and `require`: encrypts, believes anybody.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

/// `verify-ca` and `verify-full`: the chain must be trusted; for `verify-full` the name must fit too.
///
/// A certificate that `sslrootcert` names itself is trusted as its own authority, as OpenSSL does and PostgreSQL's manual
/// has people make them. The verifier under this one refuses an authority's certificate as a server's, once it has seen
/// that its dates are right.
#[derive(Debug)]
struct Verified {
    chain: Arc<WebPkiServerVerifier>,
    pinned: Vec<CertificateDer<'static>>,
    by_name: bool,
}

impl Verified {
    fn new(
        root_cert: Option<&Path>,
        provider: &Arc<CryptoProvider>,
        by_name: bool,
    ) -> Result<Self, Error> {
        let pinned = match root_cert {
            Some(path) if path != Path::new("system") => read_certificates(path)?,
            _ => Vec::new(),
        };
        let mut roots = RootCertStore::empty();
        if pinned.is_empty() {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        } else {
            roots.add_parsable_certificates(pinned.iter().cloned());
        }
        let chain =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
        let chain = chain.map_err(|cause| {
            Error::new(
                ErrorKind::Config,
                "there is no trusted root certificate to verify the server with",
            )
            .with_source(cause)
            .with_hint("give one with sslrootcert=FILE in the database URL")
        })?;
        Ok(Self {
            chain,
            pinned,
            by_name,
        })
    }
}

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

impl ServerCertVerifier for Verified {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        use CertificateError::{NotValidForName, NotValidForNameContext, Other};
        let verdict =
            self.chain
                .verify_server_cert(end_entity, intermediates, server_name, ocsp, now);
        match verdict {
            Err(rustls::Error::InvalidCertificate(
                NotValidForName | NotValidForNameContext { .. },
            )) if !self.by_name => Ok(ServerCertVerified::assertion()),
            Err(rustls::Error::InvalidCertificate(Other(_)))
                if self.pinned.iter().any(|own| own == end_entity) =>
            {
                if self.by_name {
                    verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                }
                Ok(ServerCertVerified::assertion())
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

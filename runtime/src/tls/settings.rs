//! Who a server is, and whom a client trusts: certificates, keys, and what is spoken.

use plat_abi::layout::ErrorKind;
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, ClientConnection, Error, RootCertStore, ServerConfig, ServerConnection};

use super::{Failure, Session, reasons};
use crate::sync_shim::Arc;

/// What all sessions of a server, or of a client, have in common.
pub enum Settings {
    /// Of a server.
    Server(Arc<ServerConfig>),
    /// Of a client.
    Client(Arc<ClientConfig>),
}

impl Settings {
    /// A server that proves who it is by this chain of certificates, its own first, and the key to that, both in the form PEM.
    pub fn server(certificates: &str, key: &str) -> Result<Self, Failure> {
        let chain = certificates_of(certificates)?;
        let key = key_of(key)?;
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| reasons::of(&error))?;
        let config = builder.with_no_client_auth().with_single_cert(chain, key);
        config.map(|config| Self::Server(Arc::new(config))).map_err(|error| mistake_of_owner(&error))
    }

    /// The same server, asking clients for a certificate that one of these authorities has signed. One without is refused if it is `required`.
    pub fn asking(&self, authorities: &str, required: bool) -> Result<Self, Failure> {
        let Self::Server(config) = self else {
            return Err(wrong("only a server asks who its clients are".into()));
        };
        let mut roots = RootCertStore::empty();
        add(&mut roots, authorities)?;
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
        let verifier = if required { verifier } else { verifier.allow_unauthenticated() };
        let verifier = verifier.build().map_err(|error| wrong(error.to_string()))?;
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| reasons::of(&error))?;
        let resolver = Arc::clone(&config.cert_resolver);
        let mut asking = builder.with_client_cert_verifier(verifier).with_cert_resolver(resolver);
        asking.alpn_protocols.clone_from(&config.alpn_protocols);
        Ok(Self::Server(Arc::new(asking)))
    }

    /// The same client, proving to servers that ask who it is, by a chain of certificates and a key as of [`Settings::server`].
    pub fn showing(&self, certificates: &str, key: &str) -> Result<Self, Failure> {
        let Self::Client(config) = self else {
            return Err(wrong("only a client shows who it is when asked".into()));
        };
        let certified = CertifiedKey::from_der(certificates_of(certificates)?, key_of(key)?, &provider());
        let certified = certified.map_err(|error| mistake_of_owner(&error))?;
        let mut showing = ClientConfig::clone(config);
        showing.client_auth_cert_resolver = Arc::new(SingleCertAndKey::from(certified));
        // Sessions that were begun as nobody in particular are not gone on with.
        showing.resumption = Resumption::default();
        Ok(Self::Client(Arc::new(showing)))
    }

    /// A client that trusts the authorities whose certificates these are, and with `trusts_system` those that the system trusts. Blocks its thread then.
    pub fn client(authorities: &str, trusts_system: bool) -> Result<Self, Failure> {
        let mut roots = RootCertStore::empty();
        if trusts_system {
            add_system(&mut roots)?;
        }
        if !(trusts_system && authorities.is_empty()) {
            add(&mut roots, authorities)?;
        }
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| reasons::of(&error))?;
        Ok(Self::Client(Arc::new(builder.with_root_certificates(roots).with_no_client_auth())))
    }

    /// The same, offering to speak one of these protocols (ALPN), the best first.
    pub fn offering(&self, protocols: &[&str]) -> Self {
        let protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        match self {
            Self::Server(config) => {
                let mut config = ServerConfig::clone(config);
                config.alpn_protocols = protocols;
                Self::Server(Arc::new(config))
            }
            Self::Client(config) => {
                let mut config = ClientConfig::clone(config);
                config.alpn_protocols = protocols;
                Self::Client(Arc::new(config))
            }
        }
    }

    /// Begins a connection. `name` is that of the server that a client wants to talk to, or its number.
    pub fn begin(&self, name: &str) -> Result<Session, Failure> {
        let connection = match self {
            Self::Server(config) => ServerConnection::new(Arc::clone(config)).map(Into::into),
            Self::Client(config) => {
                let name = ServerName::try_from(name.to_owned())
                    .map_err(|_| wrong(format!("`{name}` is not the name of a machine")))?;
                ClientConnection::new(Arc::clone(config), name).map(Into::into)
            }
        };
        connection.map(Session::new).map_err(|error| reasons::of(&error))
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn wrong(reason: String) -> Failure {
    Failure::new(ErrorKind::InvalidInput, reason)
}

/// The certificates in a text of the form PEM: at least one.
fn certificates_of(text: &str) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err(wrong("there is no certificate in it".into())),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(wrong(format!("a certificate is malformed: {error}"))),
    }
}

/// The private key in a text of the form PEM.
fn key_of(text: &str) -> Result<PrivateKeyDer<'static>, Failure> {
    PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|error| match error {
        pem::Error::NoItemsFound => wrong("there is no private key in it".into()),
        error => wrong(format!("the private key is malformed: {error}")),
    })
}

/// Adds the authorities whose certificates are in a text of the form PEM.
fn add(roots: &mut RootCertStore, authorities: &str) -> Result<(), Failure> {
    for authority in certificates_of(authorities)? {
        roots.add(authority).map_err(|_| wrong("a certificate is malformed".into()))?;
    }
    Ok(())
}

/// What is wrong with a certificate and its key.
fn mistake_of_owner(error: &Error) -> Failure {
    match error {
        Error::InconsistentKeys(_) => wrong("the private key does not belong to the certificate".into()),
        Error::General(reason) => wrong(format!("the private key cannot be used: {reason}")),
        Error::InvalidCertificate(_) => wrong("the certificate is malformed".into()),
        error => wrong(reasons::of(error).reason),
    }
}

/// Adds the authorities that the system trusts. Some of them may be of a kind that is not known here.
fn add_system(roots: &mut RootCertStore) -> Result<(), Failure> {
    let found = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added > 0 {
        return Ok(());
    }
    let reason = match found.errors.first() {
        Some(error) => format!("the certificates that this system trusts cannot be read: {error}"),
        None => "there are no certificates that this system trusts".into(),
    };
    Err(Failure::new(ErrorKind::NotFound, reason))
}

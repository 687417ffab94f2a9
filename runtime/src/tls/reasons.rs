//! What is wrong with a connection, in words.

use plat_abi::layout::ErrorKind;
use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};

use super::Failure;

/// What an error of the protocol is to programs and to people.
pub fn of(error: &Error) -> Failure {
    match error {
        Error::InvalidCertificate(error) => Failure::new(ErrorKind::Untrusted, certificate(error)),
        Error::NoCertificatesPresented => {
            Failure::new(ErrorKind::Untrusted, "the other side has shown no certificate")
        }
        Error::AlertReceived(alert) => Failure::new(ErrorKind::InvalidData, refusal(*alert)),
        Error::PeerIncompatible(reason) => {
            let reason = format!("the two sides have nothing in common to speak: {reason:?}");
            Failure::new(ErrorKind::InvalidData, reason)
        }
        Error::NoApplicationProtocol => {
            Failure::new(ErrorKind::InvalidData, "the other side speaks none of the protocols")
        }
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            Failure::new(ErrorKind::InvalidData, "what has come is not TLS")
        }
        Error::InvalidMessage(reason) => {
            Failure::new(ErrorKind::InvalidData, format!("what has come is malformed: {reason:?}"))
        }
        Error::DecryptError => Failure::new(ErrorKind::InvalidData, "what has come was changed on its way"),
        error => Failure::new(ErrorKind::InvalidData, error.to_string()),
    }
}

fn certificate(error: &CertificateError) -> String {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired".into()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet".into()
        }
        CertificateError::UnknownIssuer => "its certificate comes from nobody who is trusted".into(),
        CertificateError::NotValidForName => "its certificate is for another name".into(),
        CertificateError::NotValidForNameContext { expected, presented } => {
            let expected = expected.to_str();
            match presented.as_slice() {
                [] => format!("its certificate is not for `{expected}`, but for no name at all"),
                names => format!("its certificate is not for `{expected}`, but for {}", list(names)),
            }
        }
        CertificateError::Revoked => "its certificate was revoked".into(),
        CertificateError::BadSignature => "its certificate was not signed by who it says".into(),
        CertificateError::BadEncoding => "its certificate is malformed".into(),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "its certificate is for another purpose".into()
        }
        error => format!("its certificate is not valid: {error}"),
    }
}

/// The names in a certificate, which rustls writes as `DnsName("a")` and `IpAddress(127.0.0.1)`.
fn list(names: &[String]) -> String {
    let names: Vec<String> = names
        .iter()
        .map(|name| {
            let inside = name.split_once('(').map_or(name.as_str(), |(_, rest)| rest.trim_end_matches(')'));
            format!("`{}`", inside.trim_matches('"'))
        })
        .collect();
    names.join(", ")
}

/// What the other side has said that it does not like.
fn refusal(alert: AlertDescription) -> String {
    let reason = match alert {
        AlertDescription::UnknownCA => "it does not trust who has signed the certificate",
        AlertDescription::BadCertificate => "it takes the certificate for malformed",
        AlertDescription::CertificateExpired => "it takes the certificate for expired",
        AlertDescription::CertificateRevoked => "the certificate was revoked",
        AlertDescription::CertificateUnknown => "it does not accept the certificate",
        AlertDescription::CertificateRequired => "it wants a certificate",
        AlertDescription::ProtocolVersion => "it does not speak a version that is spoken here",
        AlertDescription::HandshakeFailure => "it does not know any of the ciphers",
        AlertDescription::NoApplicationProtocol => "it speaks none of the protocols",
        AlertDescription::UnrecognisedName => "it does not have that name",
        other => return format!("the other side has refused: {other:?}"),
    };
    format!("the other side has refused: {reason}")
}

//! Whether a certificate is for a host: what `check` asks about the relay's own.

use rustls::{
    client::verify_server_name,
    pki_types::{CertificateDer, ServerName},
    server::ParsedCertificate,
};

/// Whether `certificate` names `host` (RFC 6125); false for what is no certificate or no host name.
pub fn names_host(certificate: &CertificateDer<'_>, host: &str) -> bool {
    let (Ok(parsed), Ok(name)) = (ParsedCertificate::try_from(certificate), ServerName::try_from(host)) else {
        return false;
    };
    verify_server_name(&parsed, &name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Clock, tls::make_self_signed};
    use rustls::pki_types::pem::PemObject;

    #[test]
    fn a_certificate_names_its_own_host_only() {
        let made = make_self_signed("mx.in.example.org", Clock::system().now()).unwrap();
        let certificate = CertificateDer::from_pem_slice(made.certificate_pem.as_bytes()).unwrap();
        assert!(names_host(&certificate, "mx.in.example.org"));
        assert!(!names_host(&certificate, "in.example.org") && !names_host(&certificate, "not a name"));
    }
}

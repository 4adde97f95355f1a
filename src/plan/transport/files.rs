//! Files that a transport names: read and understood before anything starts.

use crate::plan::PlanError;
use crate::plan::file::read_limited;
use crate::plan::given::Given;
use rustls::crypto::ring::sign;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::path::{Path, PathBuf};

/// The largest file of certificates.
const MAX_BYTES: u64 = 16 << 20;

/// A file that holds certificates, and nothing that looks like one and is none.
pub(super) fn certificates(value: &Given) -> Result<PathBuf, PlanError> {
    let (path, bytes) = read(value)?;
    let mut certificates = 0;
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        match certificate {
            Ok(_) => certificates += 1,
            Err(_) => return Err(value.bad("the file's PEM text is damaged")),
        }
    }
    if certificates == 0 {
        return Err(
            value.bad("the file has no certificate in PEM form (-----BEGIN CERTIFICATE-----)")
        );
    }
    Ok(path)
}

/// A file that holds a private key.
pub(super) fn private_key(value: &Given) -> Result<PathBuf, PlanError> {
    let (path, bytes) = read(value)?;
    if !has_private_key(&bytes) {
        return Err(
            value.bad("the file has no private key in PEM form (-----BEGIN PRIVATE KEY-----)")
        );
    }
    Ok(path)
}

/// Whether a file of certificates holds a private key, too. The file has been read before.
pub(super) fn holds_key(path: &Path) -> bool {
    read_limited(path, MAX_BYTES).is_ok_and(|bytes| has_private_key(&bytes))
}

/// What a certificate and a private key are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pair {
    /// The key belongs to the certificate, or nothing says that it does not.
    Fits,
    /// The key belongs to another one.
    Strange,
    /// The key is of a kind that cannot be used.
    Unusable,
}

/// Whether the key in the file `key` belongs to the first certificate in `cert`. Both have been read before.
pub(super) fn pair(cert: &Path, key: &Path) -> Pair {
    let (Ok(cert), Ok(key)) = (read_limited(cert, MAX_BYTES), read_limited(key, MAX_BYTES)) else {
        return Pair::Fits;
    };
    let chain = CertificateDer::pem_slice_iter(&cert);
    let chain: Vec<_> = chain.filter_map(Result::ok).collect();
    let Ok(key) = PrivateKeyDer::from_pem_slice(&key) else {
        return Pair::Unusable;
    };
    let Ok(key) = sign::any_supported_type(&key) else {
        return Pair::Unusable;
    };
    match CertifiedKey::new(chain, key).keys_match() {
        Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch)) => {
            Pair::Strange
        }
        // What is wrong with a certificate is the server's to say.
        _ => Pair::Fits,
    }
}

fn has_private_key(bytes: &[u8]) -> bool {
    PrivateKeyDer::from_pem_slice(bytes).is_ok()
}

fn read(value: &Given) -> Result<(PathBuf, Vec<u8>), PlanError> {
    let path = value.at.resolve(Path::new(&value.line(4_096)?));
    match read_limited(&path, MAX_BYTES) {
        Ok(bytes) => Ok((path, bytes)),
        Err(source) => Err(PlanError::Unreadable {
            setting: value.at.to_string(),
            path: crate::text::printable(&path.to_string_lossy(), 200),
            source,
        }),
    }
}

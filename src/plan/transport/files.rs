//! Files that a transport names: read and understood before anything starts.

use crate::plan::PlanError;
use crate::plan::file::read_limited;
use crate::plan::given::Given;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
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

//! Cipher suites that note when they are taken. They encrypt nothing themselves: each hands out what ring makes, so a
//! connection costs what it costs without them.

use crate::transport::notes;
use rustls::crypto::cipher::{
    AeadKey, Iv, KeyBlockShape, MessageDecrypter, MessageEncrypter, Tls12AeadAlgorithm,
    Tls13AeadAlgorithm, UnsupportedOperationError,
};
use rustls::crypto::{CipherSuiteCommon, CryptoProvider, ring};
use rustls::{
    CipherSuite, ConnectionTrafficSecrets, SupportedCipherSuite, Tls12CipherSuite,
    Tls13CipherSuite, quic,
};
use std::sync::{Arc, OnceLock};

/// ring's algorithms, with suites that note.
pub(super) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    Arc::clone(PROVIDER.get_or_init(|| {
        let mut provider = ring::default_provider();
        // rustls wants suites that live for ever; they are made once, and there are nine.
        for suite in &mut provider.cipher_suites {
            *suite = match suite {
                SupportedCipherSuite::Tls12(suite) => {
                    SupportedCipherSuite::Tls12(Box::leak(Box::new(noting_12(suite))))
                }
                SupportedCipherSuite::Tls13(suite) => {
                    SupportedCipherSuite::Tls13(Box::leak(Box::new(noting_13(suite))))
                }
            };
        }
        Arc::new(provider)
    }))
}

/// An algorithm of a suite, and the suite's name.
struct Noting<A: ?Sized + 'static> {
    suite: CipherSuite,
    inner: &'static A,
}

fn common(of: &CipherSuiteCommon) -> CipherSuiteCommon {
    CipherSuiteCommon {
        suite: of.suite,
        hash_provider: of.hash_provider,
        confidentiality_limit: of.confidentiality_limit,
    }
}

fn noting_13(suite: &Tls13CipherSuite) -> Tls13CipherSuite {
    Tls13CipherSuite {
        common: common(&suite.common),
        hkdf_provider: suite.hkdf_provider,
        aead_alg: Box::leak(Box::new(Noting {
            suite: suite.common.suite,
            inner: suite.aead_alg,
        })),
        quic: suite.quic.map(|inner| {
            let suite = suite.common.suite;
            Box::leak(Box::new(Noting { suite, inner })) as &dyn quic::Algorithm
        }),
    }
}

fn noting_12(suite: &Tls12CipherSuite) -> Tls12CipherSuite {
    Tls12CipherSuite {
        common: common(&suite.common),
        prf_provider: suite.prf_provider,
        kx: suite.kx,
        sign: suite.sign,
        aead_alg: Box::leak(Box::new(Noting {
            suite: suite.common.suite,
            inner: suite.aead_alg,
        })),
    }
}

impl Tls13AeadAlgorithm for Noting<dyn Tls13AeadAlgorithm> {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        notes::note(|notes| notes.suite = Some(("TLS 1.3", self.suite)));
        self.inner.encrypter(key, iv)
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        self.inner.decrypter(key, iv)
    }

    fn key_len(&self) -> usize {
        self.inner.key_len()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: Iv,
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.inner.extract_keys(key, iv)
    }

    fn fips(&self) -> bool {
        self.inner.fips()
    }
}

impl quic::Algorithm for Noting<dyn quic::Algorithm> {
    fn packet_key(&self, key: AeadKey, iv: Iv) -> Box<dyn quic::PacketKey> {
        notes::note(|notes| notes.suite = Some(("TLS 1.3", self.suite)));
        self.inner.packet_key(key, iv)
    }

    fn header_protection_key(&self, key: AeadKey) -> Box<dyn quic::HeaderProtectionKey> {
        self.inner.header_protection_key(key)
    }

    fn aead_key_len(&self) -> usize {
        self.inner.aead_key_len()
    }

    fn fips(&self) -> bool {
        self.inner.fips()
    }
}

impl Tls12AeadAlgorithm for Noting<dyn Tls12AeadAlgorithm> {
    fn encrypter(&self, key: AeadKey, iv: &[u8], extra: &[u8]) -> Box<dyn MessageEncrypter> {
        notes::note(|notes| notes.suite = Some(("TLS 1.2", self.suite)));
        self.inner.encrypter(key, iv, extra)
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn MessageDecrypter> {
        self.inner.decrypter(key, iv)
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        self.inner.key_block_shape()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: &[u8],
        explicit: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.inner.extract_keys(key, iv, explicit)
    }

    fn fips(&self) -> bool {
        self.inner.fips()
    }
}

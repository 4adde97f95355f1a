//! What goes wrong with an answer, and how often.

use super::super::words::{Portion, PortionError};
use crate::text::printable;
use http::StatusCode;
use std::fmt;
use std::str::FromStr;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// An error answer with this status, from 400 to 599.
    Status(StatusCode),
    /// No answer while the client is connected.
    Hang,
    /// The head and half of the body; then the connection is closed.
    Cut,
    /// The connection is closed before any byte of an answer.
    Reset,
}

/// A kind of fault and the share of the requests that meet it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// With which share of the requests.
    pub share: Portion,
}

/// Faults whose shares are at most 1 together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults(Vec<Fault>);

/// A fault that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FaultError {
    /// Not a kind and a share.
    #[error(
        "must be KIND:SHARE with a KIND of hang, cut, reset or a status from 400 to 599, as in 503:1%"
    )]
    Form,
    /// A kind that is not known.
    #[error("`{0}` is not a fault: use hang, cut, reset or a status from 400 to 599, as in 503:1%")]
    Kind(String),
    /// A share that cannot be used.
    #[error(transparent)]
    Share(#[from] PortionError),
    /// More than all requests would fail.
    #[error("the shares of all faults are {0} together: they must not be above 100%")]
    TooMany(String),
}

impl Faults {
    /// One fault more; an error if the shares are more than 1 together.
    pub fn and(mut self, fault: Fault) -> Result<Faults, FaultError> {
        self.0.push(fault);
        let sum: f64 = self.0.iter().map(|fault| fault.share.share()).sum();
        // Shares such as 0.7, 0.2 and 0.1 need not add up to 1 to the last bit.
        if sum > 1.0 + 1e-9 {
            let percent = (sum * 1e4).round() / 1e2;
            return Err(FaultError::TooMany(format!("{percent}%")));
        }
        Ok(self)
    }

    /// The faults, in the order in which they were given.
    pub fn list(&self) -> &[Fault] {
        &self.0
    }

    /// What goes wrong for a `draw` that is uniform in [0, 1).
    pub(super) fn pick(&self, draw: f64) -> Option<FaultKind> {
        let mut below = 0.0;
        self.0.iter().find_map(|fault| {
            below += fault.share.share();
            (draw < below).then_some(fault.kind)
        })
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    /// Reads `503:1%`, `hang:30%`, `cut:0.5%` and `reset:0.01`.
    fn from_str(text: &str) -> Result<Fault, FaultError> {
        let (kind, share) = text.split_once(':').ok_or(FaultError::Form)?;
        Ok(Fault {
            kind: kind.parse()?,
            share: share.parse()?,
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.share)
    }
}

impl FromStr for FaultKind {
    type Err = FaultError;

    /// Reads `hang`, `cut`, `reset` and a status from 400 to 599.
    fn from_str(text: &str) -> Result<FaultKind, FaultError> {
        match text {
            "hang" => Ok(FaultKind::Hang),
            "cut" => Ok(FaultKind::Cut),
            "reset" => Ok(FaultKind::Reset),
            _ => StatusCode::from_bytes(text.as_bytes())
                .ok()
                .filter(|status| (400..600).contains(&status.as_u16()))
                .map(FaultKind::Status)
                .ok_or_else(|| FaultError::Kind(printable(text, 40))),
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FaultKind::Status(status) => f.write_str(status.as_str()),
            FaultKind::Hang => f.write_str("hang"),
            FaultKind::Cut => f.write_str("cut"),
            FaultKind::Reset => f.write_str("reset"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(texts: &[&str]) -> Result<Faults, FaultError> {
        texts
            .iter()
            .try_fold(Faults::default(), |faults, text| faults.and(text.parse()?))
    }

    #[test]
    fn a_draw_falls_into_one_of_the_shares() {
        let faults = faults(&["503:10%", "hang:0.2", "cut:0", "reset:70%"]).unwrap();
        let status = FaultKind::Status(StatusCode::SERVICE_UNAVAILABLE);
        for (draw, kind) in [
            (0.0, status),
            (0.099, status),
            (0.1, FaultKind::Hang),
            (0.299, FaultKind::Hang),
            (0.301, FaultKind::Reset),
            (0.999, FaultKind::Reset),
        ] {
            assert_eq!(faults.pick(draw), Some(kind), "{draw}");
        }
        let half = self::faults(&["cut:50%"]).unwrap();
        assert_eq!(
            (half.pick(0.499), half.pick(0.5)),
            (Some(FaultKind::Cut), None)
        );
        assert_eq!(Faults::default().pick(0.0), None);
    }

    #[test]
    fn faults_are_read_and_written_alike() {
        for text in ["503:1%", "429:100%", "hang:30%", "cut:0.5%", "reset:0%"] {
            let fault = text.parse::<Fault>().map(|fault| fault.to_string());
            assert_eq!(fault, Ok(text.to_owned()));
        }
    }

    #[test]
    fn errors_say_what_would_be_right() {
        for (text, part) in [
            ("", "must be KIND:SHARE"),
            ("503", "as in 503:1%"),
            ("503:", "`` is not a share: write 10% or 0.1"),
            ("503:2", "`2` is not a share"),
            ("503:1:1", "`1:1` is not a share"),
            (
                "200:1%",
                "`200` is not a fault: use hang, cut, reset or a status from 400 to 599",
            ),
            ("600:1%", "`600` is not a fault"),
            ("5000:1%", "`5000` is not a fault"),
            ("freeze:1%", "`freeze` is not a fault"),
        ] {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
        let error = faults(&["503:60%", "hang:0.5"]).unwrap_err().to_string();
        assert_eq!(
            error,
            "the shares of all faults are 110% together: they must not be above 100%"
        );
    }
}

//! What a variant is called, and what it is set to do.

use std::time::Duration;

/// Names of one variant, fixed for a run.
#[derive(Debug, Clone)]
pub struct VariantNames {
    /// The user's label or one made from what differs.
    pub label: String,
    /// The base URL without a password.
    pub url: String,
    /// The transport in one line.
    pub transport: String,
    /// Its connections are meant to be kept for further requests.
    pub keeps_connections: bool,
    /// The transport's own limits on the time of an answer, as they are set: (`timeout` or `read_timeout`, how long).
    pub time_limits: Vec<(&'static str, Duration)>,
    /// The limit on connections where the server chooses the version of HTTP: each then serves one request at a time, whatever
    /// it chose.
    pub one_request_each: Option<usize>,
}

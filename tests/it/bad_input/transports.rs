//! Transports that are refused.

use super::List;

/// Each with what its error must say.
pub(super) const WRONG: List = &[
    (
        &["run", "--a", "http://h", "--transport-a", "htpp=2"],
        &["unknown key \"htpp\"", "did you mean \"http\"?"],
    ),
    (
        &["run", "--a", "http://h", "--transport-a", "http=2"],
        &["for HTTP/2 in clear text give h2c"],
    ),
    (
        &[
            "run",
            "--a",
            "http://h",
            "--transport-a",
            "engine=direct,compression=gzip",
        ],
        &["compression=gzip: is not possible with engine=direct"],
    ),
    (
        &[
            "run",
            "--a",
            "http://h",
            "--transport-a",
            "proxy=ftp://u:sesame@h",
        ],
        &["proxies are http://, https://, socks5://"],
    ),
    (
        &[
            "run",
            "--a",
            "http://h",
            "--transport-a",
            "max_connections=2",
            "--threads",
            "3",
        ],
        &["--threads 3: the threads share out max_connections, which is 2"],
    ),
    (
        &[
            "run",
            "--a",
            "https://h",
            "--transport-a",
            "http=1.1,sni=other.example,proxy=http://u:sesame@p:1",
        ],
        &["sni=other.example: another name is not possible with proxy"],
    ),
    (
        &[
            "run",
            "--a",
            "http://h",
            "--transport-a",
            "http=h2c,keep_alive=false,streams=4",
        ],
        &["streams=4: with keep_alive=false each request has a connection of its own"],
    ),
    (
        &["run", "--a", "http://h", "--transport-a", "http=h2c,pool=3"],
        &["pool=3: has no effect with http=h2c and no max_connections"],
    ),
    (
        &[
            "run",
            "--a",
            "http://h",
            "--transport-a",
            "http=h2c,streams=1000000,max_connections=2",
        ],
        &["streams=1000000: with max_connections=2 more than 1,000,000 requests at once"],
    ),
    (
        &[
            "run",
            "--a",
            "http://h",
            "--transport-a",
            "dns=cached,proxy=socks5h://127.0.0.1:1",
        ],
        &["dns=cached: has no effect with proxy"],
    ),
    (
        &[
            "run",
            "--a",
            "http://h",
            "--transport-a",
            "proxy=http://u:sesame@p:1/path",
        ],
        &["a proxy's URL ends with its port"],
    ),
    (
        &[
            "run",
            "--a",
            "http://h",
            "--transport-a",
            "local_address=::1,proxy=http://127.0.0.1:1",
        ],
        &["local_address=::1: cannot reach the proxy at 127.0.0.1"],
    ),
    (
        &[
            "run",
            "--a",
            "http://h",
            "--header",
            "Accept-Encoding: sesame",
            "--transport-a",
            "compression=gzip",
        ],
        &["--transport-a compression=gzip: asks with accept-encoding, a header"],
    ),
    (
        &["run", "--a", "http://h", "--transport-b", "http=1.1"],
        &["--transport-b: A and B are the same"],
    ),
];

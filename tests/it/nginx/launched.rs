//! nginx as a plain reverse proxy, launched by a plan: one upstream connection for each request against kept ones.

use crate::launch::{Stage, assert_free, assert_gone, pids};

/// A proxy before the variant's own endpoint; `KEEP` and `HEADER` say what becomes of upstream connections.
const CONFIG: &str = "
daemon off;
worker_processes 1;
pid {{files}}/pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path {{files}}/body;
  proxy_temp_path {{files}}/proxy;
  fastcgi_temp_path {{files}}/fastcgi;
  uwsgi_temp_path {{files}}/uwsgi;
  scgi_temp_path {{files}}/scgi;
  upstream endpoint { server 127.0.0.1:{{endpoint_port}}; KEEP }
  server {
    listen 127.0.0.1:{{port}} backlog=1024;
    keepalive_requests 1000000;
    location / { proxy_pass http://endpoint; proxy_http_version 1.1; proxy_set_header Connection \"HEADER\"; }
  }
}
";

fn variant(name: &str, keep: &str, header: &str) -> String {
    let config = CONFIG.replace("KEEP", keep).replace("HEADER", header);
    format!(
        "[{name}]
url = 'http://127.0.0.1:{{{{port}}}}'
endpoint = {{}}
[{name}.launch]
command = ['{}', '-p', '{{{{files}}}}', '-c', '{{{{files}}}}/nginx.conf']
ready = '/health'
[{name}.launch.files]
'nginx.conf' = '''{config}'''
",
        super::program().display()
    )
}

#[test]
#[ignore = "needs nginx"]
fn kept_upstream_connections_against_none_are_proven_to_differ_and_measured() {
    let (a, b) = (variant("a", "", "close"), variant("b", "keepalive 64;", ""));
    let stage = Stage::new(&format!("{a}{b}"));
    let more = [
        "--users",
        "20",
        "--think",
        "0s",
        "--order",
        "alternate",
        "--duration",
        "6s",
    ];
    let done = stage.run(&more);
    assert_eq!(done.code, Some(0), "{}", done.said);
    let proof = "A and B differ: A opens an upstream connection for each request, B keeps them";
    assert!(done.said.contains(proof), "{}", done.said);
    let snapshot = stage.snapshot();
    for side in ["a", "b"] {
        let variant = &snapshot["variants"][side];
        assert_eq!(variant["run"]["failed"], 0, "{variant}");
        assert!(variant["run"]["ok"].as_u64() > Some(1_000), "{variant}");
        // Master and worker.
        assert_eq!(variant["processes"]["processes"], 2, "{variant}");
    }
    let rps = |side: &str| {
        snapshot["variants"][side]["run"]["rps"]
            .as_f64()
            .expect("a rate")
    };
    // Seen from behind: this is why.
    let upstream = |side: &str| snapshot["variants"][side]["upstream"].clone();
    let (closed, kept) = (upstream("a"), upstream("b"));
    assert_eq!(closed["requests_per_connection"], 1.0, "{closed}");
    assert_eq!(closed["most_requests"], 1, "{closed}");
    assert!(
        closed["closed_by"]["asked"].as_u64() > Some(1_000),
        "{closed}"
    );
    assert!(
        kept["requests_per_connection"].as_f64() > Some(50.0),
        "{kept}"
    );
    // nginx itself ends an upstream connection after 1,000 requests.
    assert!(kept["most_requests"].as_u64() <= Some(1_000), "{kept}");
    assert!(rps("b") > rps("a"), "{} against {}", rps("a"), rps("b"));
    assert_gone(&pids(&done.said), &done.said);
    assert_free(&snapshot);
}

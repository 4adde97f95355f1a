//! The operating system's limit on open files, which is a limit on connections.

/// Raises the soft limit to the hard one, as far as the system lets it.
pub fn raise_file_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        if limit.current != limit.maximum {
            let most = Rlimit {
                current: limit.maximum,
                maximum: limit.maximum,
            };
            if setrlimit(Resource::Nofile, most).is_err() {
                // macOS names no hard limit and allows no more than this all the same.
                let _ = setrlimit(
                    Resource::Nofile,
                    Rlimit {
                        current: Some(10_240),
                        maximum: limit.maximum,
                    },
                );
            }
        }
    }
}

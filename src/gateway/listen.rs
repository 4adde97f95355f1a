//! Opens listening sockets, and says in plain words why one could not be had.

use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{SocketAddr, TcpListener};

/// Connections that may wait to be accepted. Some hundreds of users may connect in the same instant; the usual 128 would
/// make the rest of them wait a second for their next attempt. The system lowers it to what it allows.
const BACKLOG: i32 = 4096;

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {addr}: {}", reason(source))]
pub struct ListenError {
    /// The address asked for.
    pub addr: SocketAddr,
    /// What the operating system said.
    pub source: io::Error,
}

/// Listens on `addr`; port 0 lets the system choose.
pub fn listen(addr: SocketAddr) -> Result<TcpListener, ListenError> {
    open(addr).map_err(|source| ListenError { addr, source })
}

fn open(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    // Elsewhere it would let two programs share the port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&addr.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "address in use (another program has it); choose another --listen".to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            "not permitted (ports below 1024 need privileges); choose another --listen".to_owned()
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address; choose another --listen".to_owned()
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_address_is_named_with_a_way_out() {
        let first = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let addr = first.local_addr().unwrap();
        let error = listen(addr).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "cannot listen on {addr}: address in use (another program has it); choose another --listen"
            )
        );
    }

    #[test]
    fn an_address_of_another_machine_is_refused() {
        // 192.0.2.0/24 is set aside for documentation.
        let error = listen("192.0.2.1:0".parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains("no such address"), "{error}");
    }
}

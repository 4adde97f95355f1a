//! The client's end of a connection, as the system knows it: settings that no server can read off the wire.
//!
//! Client and server are on one machine here, so the system's table of sockets shows both ends; and the client is this very
//! process, so that its socket can be asked.

use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
use socket2::SockRef;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::time::Duration;

/// A row of the system's table of TCP sockets (IPv4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    /// 1: established; 8: the peer has closed it.
    pub(crate) state: u8,
    /// How long until the next keep-alive probe, if one is due.
    pub(crate) probe_in: Option<Duration>,
    inode: u64,
}

/// All TCP sockets of this machine whose peer is `server` and that a process still holds: its clients' ends. The system keeps
/// some for a minute longer, and a port may have been another server's before.
pub(crate) fn clients_of(server: SocketAddr) -> Vec<Row> {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let rows = table.lines().skip(1).filter_map(row);
    rows.filter(|row| row.remote == server && row.inode != 0)
        .collect()
}

/// The client's end of the connection from `client` to `server`.
pub(crate) fn client(client: SocketAddr, server: SocketAddr) -> Row {
    let mut rows = clients_of(server).into_iter();
    rows.find(|row| row.local == client).expect("a connection")
}

impl Row {
    /// `TCP_NODELAY`.
    pub(crate) fn nodelay(&self) -> bool {
        SockRef::from(&self.handle()).tcp_nodelay().unwrap()
    }

    /// How long the connection may be idle before the first keep-alive probe, and the time from one probe to the next; `None`
    /// without keep-alive.
    pub(crate) fn keep_alive(&self) -> Option<(Duration, Duration)> {
        let handle = self.handle();
        let socket = SockRef::from(&handle);
        let on = socket.keepalive().unwrap();
        let interval = || socket.tcp_keepalive_interval().unwrap();
        on.then(|| (socket.tcp_keepalive_time().unwrap(), interval()))
    }

    /// Another handle of the socket, which must be one of this process.
    fn handle(&self) -> OwnedFd {
        let name = format!("socket:[{}]", self.inode);
        let mut own = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        let found = own.find(|entry| {
            std::fs::read_link(entry.path()).is_ok_and(|target| target.as_os_str() == &*name)
        });
        let number = found.expect("a socket of this process").file_name();
        let number = number.to_str().unwrap().parse().unwrap();
        let process = pidfd_open(getpid(), PidfdFlags::empty()).unwrap();
        pidfd_getfd(process, number, PidfdGetfdFlags::empty()).unwrap()
    }
}

/// `None` for a line that is no connection.
fn row(line: &str) -> Option<Row> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (timer, due) = fields.get(5)?.split_once(':')?;
    // Hundredths of a second, whatever the kernel counts in itself.
    let due = Duration::from_millis(u64::from_str_radix(due, 16).ok()? * 10);
    Some(Row {
        local: address(fields.get(1)?)?,
        remote: address(fields.get(2)?)?,
        state: u8::from_str_radix(fields.get(3)?, 16).ok()?,
        probe_in: (timer == "02").then_some(due),
        inode: fields.get(9)?.parse().ok()?,
    })
}

/// `0100007F:1F90` is 127.0.0.1:8080 where the lower byte of a number comes first.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let ip = u32::from_str_radix(ip, 16).ok()?.to_ne_bytes();
    let port = u16::from_str_radix(port, 16).ok()?;
    Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::from(ip)), port))
}

//! A way for datagrams that can be cut: whoever sends over it learns nothing of that.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

/// A way to a server. Each client that has ever sent something has a socket of its own on the far side.
pub(super) struct Path {
    pub(super) addr: SocketAddr,
    cut: Arc<AtomicBool>,
}

impl Path {
    pub(super) fn to(server: SocketAddr) -> Path {
        let near = Arc::new(UdpSocket::bind("127.0.0.1:0").unwrap());
        let addr = near.local_addr().unwrap();
        let cut = Arc::<AtomicBool>::default();
        let is_cut = Arc::clone(&cut);
        thread::spawn(move || {
            let clients = Mutex::new(Vec::<(SocketAddr, Arc<UdpSocket>)>::new());
            let mut room = vec![0; 65_536];
            while let Ok((length, client)) = near.recv_from(&mut room) {
                let mut clients = clients.lock().unwrap();
                let known = clients.iter().find(|(addr, _)| *addr == client);
                let far = if let Some((_, far)) = known {
                    Arc::clone(far)
                } else {
                    let far = Arc::new(UdpSocket::bind("127.0.0.1:0").unwrap());
                    far.connect(server).unwrap();
                    pass_back(
                        Arc::clone(&far),
                        Arc::clone(&near),
                        client,
                        Arc::clone(&is_cut),
                    );
                    clients.push((client, Arc::clone(&far)));
                    far
                };
                if !is_cut.load(Relaxed) {
                    let _ = far.send(&room[..length]);
                }
            }
        });
        Path { addr, cut }
    }

    /// From now on nothing comes through.
    pub(super) fn cut(&self) {
        self.cut.store(true, Relaxed);
    }

    /// From now on everything comes through.
    pub(super) fn mend(&self) {
        self.cut.store(false, Relaxed);
    }
}

fn pass_back(far: Arc<UdpSocket>, near: Arc<UdpSocket>, client: SocketAddr, cut: Arc<AtomicBool>) {
    thread::spawn(move || {
        let mut room = vec![0; 65_536];
        while let Ok(length) = far.recv(&mut room) {
            if !cut.load(Relaxed) {
                let _ = near.send_to(&room[..length], client);
            }
        }
    });
}

//! A SOCKS5 proxy (RFC 1928, logins by RFC 1929), only its CONNECT.

use super::{Desk, Kind};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;
const NONE_THAT_FITS: u8 = 0xff;

/// `refusal`: what every wish is refused with, if it is not 0.
pub(super) async fn serve(mut stream: TcpStream, desk: &Desk, refusal: u8) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let _version = stream.read_u8().await?;
    let methods = short(&mut stream).await?;
    // Who offers a login is let give it, wanted or not, so that it is seen.
    let wanted = if methods.contains(&PASSWORD) {
        PASSWORD
    } else if methods.contains(&NO_LOGIN) && desk.login.is_none() {
        NO_LOGIN
    } else {
        NONE_THAT_FITS
    };
    // What is written down is so before the client knows.
    if wanted == NONE_THAT_FITS {
        desk.grants(Kind::SocksGreeting, String::new(), None);
    }
    stream.write_all(&[5, wanted]).await?;
    if wanted == NONE_THAT_FITS {
        return Ok(());
    }
    let login = match wanted {
        PASSWORD => Some(login(&mut stream).await?),
        _ => None,
    };
    let fits = desk.login.is_none() || desk.login == login.as_deref();
    if !fits {
        desk.grants(Kind::SocksGreeting, String::new(), login.clone());
    }
    if wanted == PASSWORD {
        stream.write_all(&[1, u8::from(!fits)]).await?;
    }
    if !fits {
        return Ok(());
    }
    let (kind, target) = target(&mut stream).await?;
    desk.grants(kind, target, login);
    if refusal > 0 {
        stream
            .write_all(&[5, refusal, 0, 1, 0, 0, 0, 0, 0, 0])
            .await?;
        return Ok(());
    }
    let mut upstream = desk.upstream().await?;
    // Done; the address that the proxy connects from is nobody's business.
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    copy_bidirectional(&mut stream, &mut upstream).await?;
    Ok(())
}

async fn login(stream: &mut TcpStream) -> io::Result<String> {
    let _version = stream.read_u8().await?;
    let user = text(short(stream).await?)?;
    let password = text(short(stream).await?)?;
    Ok(format!("{user}:{password}"))
}

async fn target(stream: &mut TcpStream) -> io::Result<(Kind, String)> {
    let mut head = [0; 3];
    stream.read_exact(&mut head).await?;
    let ip: IpAddr = match stream.read_u8().await? {
        1 => Ipv4Addr::from(stream.read_u32().await?).into(),
        4 => Ipv6Addr::from(stream.read_u128().await?).into(),
        _ => {
            let name = text(short(stream).await?)?;
            let port = stream.read_u16().await?;
            return Ok((Kind::SocksName, format!("{name}:{port}")));
        }
    };
    let addr = SocketAddr::new(ip, stream.read_u16().await?);
    Ok((Kind::SocksAddress, addr.to_string()))
}

/// What a leading byte gives the length of.
async fn short(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(stream.read_u8().await?)];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(io::Error::other)
}

//! Options of sockets, as numbers.

use core::time::Duration;
use std::io;

use plat_abi::layout::SocketOption;
use socket2::{SockRef, Socket, TcpKeepalive};

use crate::reactor::Source;

/// The option with this number.
fn of_number(number: i64) -> io::Result<SocketOption> {
    [SocketOption::NoDelay, SocketOption::KeepAlive, SocketOption::Broadcast]
        .into_iter()
        .find(|&option| option as i64 == number)
        .ok_or_else(|| io::Error::from_raw_os_error(libc::EINVAL))
}

/// Sets an option.
pub fn set_option(source: &Source, number: i64, value: i64) -> io::Result<()> {
    let option = of_number(number)?;
    source.with(|descriptor| set(&SockRef::from(&descriptor), option, value))
}

fn set(socket: &Socket, option: SocketOption, value: i64) -> io::Result<()> {
    match option {
        SocketOption::NoDelay => socket.set_tcp_nodelay(value != 0),
        SocketOption::KeepAlive if value <= 0 => socket.set_keepalive(false),
        SocketOption::KeepAlive => {
            socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(Duration::from_secs(value as u64)))
        }
        SocketOption::Broadcast => socket.set_broadcast(value != 0),
    }
}

/// The value of an option.
pub fn option(source: &Source, number: i64) -> io::Result<i64> {
    let option = of_number(number)?;
    source.with(|descriptor| get(&SockRef::from(&descriptor), option))
}

fn get(socket: &Socket, option: SocketOption) -> io::Result<i64> {
    Ok(match option {
        SocketOption::NoDelay => i64::from(socket.tcp_nodelay()?),
        SocketOption::KeepAlive if !socket.keepalive()? => 0,
        SocketOption::KeepAlive => socket.tcp_keepalive_time()?.as_secs() as i64,
        SocketOption::Broadcast => i64::from(socket.broadcast()?),
    })
}

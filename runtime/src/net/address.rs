//! Addresses, as the library has them and as the system does.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use plat_abi::layout::AddressWords;

/// No address.
pub const NONE: AddressWords = AddressWords { version: 0, high: 0, low: 0, port: 0, scope: 0 };

/// The address that the words are; `None` where they are none.
pub fn from_words(words: AddressWords) -> Option<SocketAddr> {
    let port = u16::try_from(words.port).ok()?;
    match words.version {
        4 => Some((Ipv4Addr::from(words.low as u32), port).into()),
        6 => {
            let bits = u128::from(words.high) << u64::BITS | u128::from(words.low);
            Some(SocketAddrV6::new(Ipv6Addr::from(bits), port, 0, words.scope as u32).into())
        }
        _ => None,
    }
}

/// The words of an address.
pub fn to_words(address: SocketAddr) -> AddressWords {
    let port = i64::from(address.port());
    match address {
        SocketAddr::V4(address) => {
            AddressWords { version: 4, low: u64::from(u32::from(*address.ip())), port, ..NONE }
        }
        SocketAddr::V6(address) => {
            let bits = u128::from(*address.ip());
            let scope = i64::from(address.scope_id());
            AddressWords { version: 6, high: (bits >> u64::BITS) as u64, low: bits as u64, port, scope }
        }
    }
}

/// Reads an address without a port, such as `127.0.0.1`, `::1` or `fe80::1%2`.
pub fn parse(text: &str) -> Option<AddressWords> {
    let (text, scope) = match text.split_once('%') {
        Some((text, scope)) => (text, scope.parse::<u32>().ok()?),
        None => (text, 0),
    };
    match text.parse::<IpAddr>().ok()? {
        IpAddr::V4(_) if scope != 0 => None,
        IpAddr::V4(address) => Some(to_words((address, 0).into())),
        IpAddr::V6(address) => Some(to_words(SocketAddrV6::new(address, 0, 0, scope).into())),
    }
}

/// The text of an address without its port.
pub fn text(words: AddressWords) -> String {
    match from_words(AddressWords { port: 0, ..words }) {
        Some(SocketAddr::V6(address)) if address.scope_id() != 0 => {
            format!("{}%{}", address.ip(), address.scope_id())
        }
        Some(address) => address.ip().to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_address_that_they_were_made_of() {
        for address in ["127.0.0.1:80", "[::1]:65535", "[2001:db8::7]:0", "[fe80::1%3]:9"] {
            let address: SocketAddr = address.parse().unwrap();
            assert_eq!(from_words(to_words(address)), Some(address));
        }
        assert_eq!(from_words(NONE), None);
    }

    #[test]
    fn texts_are_read_as_they_are_written() {
        for address in ["1.2.3.4", "::1", "2001:db8::7", "fe80::1%3"] {
            assert_eq!(text(parse(address).unwrap()), address);
        }
        for wrong in ["", "1.2.3", "1.2.3.4%1", "example.com", "::1%eth", "1.2.3.4:80"] {
            assert!(parse(wrong).is_none(), "{wrong}");
        }
    }
}

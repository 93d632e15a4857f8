//! Restricts connections to public addresses and configured hosts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Resolves names to allowed addresses. The check is part of the resolution, so that a name cannot change between check and
/// connection (DNS rebinding).
#[derive(Clone, Debug)]
pub(super) struct Resolver {
    private: Vec<String>,
}

/// A name that resolves only to private addresses.
#[derive(Debug, thiserror::Error)]
#[error("{host} lies in a private network")]
pub(super) struct Private {
    pub(super) host: String,
}

impl Resolver {
    /// `private` are the hosts that are allowed to be in a private network.
    pub(super) fn new(private: &[String]) -> Self {
        Self {
            private: private.iter().map(|host| host.to_lowercase()).collect(),
        }
    }

    /// Whether a host given as an address is allowed; names are checked when they are resolved.
    pub(super) fn allows(&self, host: &url::Host<&str>) -> bool {
        match host {
            url::Host::Domain(_) => true,
            url::Host::Ipv4(address) => {
                is_public((*address).into()) || self.is_configured(&address.to_string())
            }
            url::Host::Ipv6(address) => {
                is_public((*address).into()) || self.is_configured(&address.to_string())
            }
        }
    }

    fn is_configured(&self, host: &str) -> bool {
        self.private.iter().any(|private| private == host)
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_lowercase();
        let is_configured = self.is_configured(&name);
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| is_configured || is_public(address.ip()))
                .collect();
            if allowed.is_empty() {
                return Err(Private { host: name }.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether an address belongs to the public internet, by the registries of special-purpose addresses (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || first == 0
        || first >= 240
        || (first == 100 && (64..128).contains(&second))
        || (first == 192 && second == 0 && third == 0)
        || (first == 198 && (18..20).contains(&second));
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    // Of the rest, only 2000::/3 is in use; of that, documentation and what carries IPv4 addresses is left out.
    let [first, second, ..] = address.segments();
    (first & 0xe000) == 0x2000
        && first != 0x2002
        && !(first == 0x2001 && second < 0x0200)
        && !(first == 0x2001 && second == 0x0db8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_and_special_addresses_are_not_public() {
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "8.8.8.8",
            "93.184.216.34",
            "2606:2800:220:1::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn a_configured_private_address_is_allowed() {
        let resolver = Resolver::new(&["127.0.0.1".to_owned()]);
        let host = |text: &'static str| url::Host::Ipv4(text.parse().unwrap());
        assert!(resolver.allows(&host("127.0.0.1")));
        assert!(!resolver.allows(&host("169.254.169.254")));
    }
}

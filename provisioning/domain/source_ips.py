"""Source addresses: from where an access key may be used. One address or one range, in its canonical form."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

MOST = 10
_WIDEST = {4: 8, 6: 16}  # bits of the prefix: what is wider narrows nothing
# What no request that comes over the internet has as its source. Documentation's ranges are left out: nobody has them.
_NEVER_SEEN = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3",
            "::/96", "::ffff:0:0/96", "fc00::/7", "fe80::/9", "ff00::/8",
        ),
    )
)  # fmt: skip


def source_ip(text: str) -> str:
    """Return the range that `text` spells, such as ``203.0.113.7/32``; raise `ValueError` with a sentence."""
    try:
        # Behind a % stands a scope of IPv6, in which Python takes any text there is.
        network = ip_network("" if "%" in text else text, strict=False)
    except ValueError:
        raise ValueError(
            f"{text} is no IP address or range. Write 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32."
        ) from None
    if str(network.network_address) != str(ip_address(text.partition("/")[0])):
        raise ValueError(f"{text} has bits beyond its prefix: write {network}, or the one address without a slash.")
    if not network.prefixlen:
        raise ValueError(f"{text} is every address there is. Leave the field empty where the address does not matter.")
    if _is_never_seen(network):
        raise ValueError(
            f"{text} is no address on the internet, so AWS never sees it. Give the public address from which your "
            "network reaches AWS, such as that of its NAT gateway."
        )
    if network.prefixlen < _WIDEST[network.version]:
        raise ValueError(f"{text} is too wide to narrow anything: at least /{_WIDEST[network.version]}.")
    return str(network)


def _is_never_seen(network: IPv4Network | IPv6Network) -> bool:
    """Return whether AWS never takes a request from anywhere in `network`."""
    ends = (network.network_address, network.broadcast_address)
    return any(all(end in private for end in ends) for private in _NEVER_SEEN)

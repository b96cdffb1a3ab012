"""Source addresses: from where an access key may be used. One address or one range, in its canonical form."""

from ipaddress import ip_address, ip_network

MOST = 10
_WIDEST = {4: 8, 6: 16}  # bits of the prefix: what is wider narrows nothing


def source_ip(text: str) -> str:
    """Return the range that `text` spells, such as ``203.0.113.7/32``; raise `ValueError` with a sentence."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(
            f"{text} is no IP address or range. Write 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32."
        ) from None
    if str(network.network_address) != str(ip_address(text.partition("/")[0])):
        raise ValueError(f"{text} has bits beyond its prefix: write {network}, or the one address without a slash.")
    if not network.prefixlen:
        raise ValueError(f"{text} is every address there is. Leave the field empty where the address does not matter.")
    if network.prefixlen < _WIDEST[network.version]:
        raise ValueError(f"{text} is too wide to narrow anything: at least /{_WIDEST[network.version]}.")
    return str(network)

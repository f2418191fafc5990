"""Where a server is reached, and by whom."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Return whether a name or address leads to this machine alone.

    >>> [is_loopback(host) for host in ("localhost", "127.0.0.1", "::1", "0.0.0.0", "example.org")]
    [True, True, True, False, False]
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def url_of(host: str, port: int) -> str:
    """Return the address that a browser opens.

    >>> url_of("127.0.0.1", 8765), url_of("::1", 8765)
    ('http://127.0.0.1:8765', 'http://[::1]:8765')
    """
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def tls_hint(host: str, port: int) -> str | None:
    """Return how to encrypt what others can reach."""
    if is_loopback(host):
        return None
    return (
        "nothing of this is encrypted: serve it at 127.0.0.1 and put TLS before it, as in "
        f"caddy reverse-proxy --from live.example.org --to 127.0.0.1:{port}"
    )

"""`host:port` as people type it."""

import socket

from domain.errors import InvalidInput

_KEEPALIVE_AFTER_S = 30
_KEEPALIVE_EVERY_S = 10
_KEEPALIVE_TRIES = 3


def parse_address(text: str, field: str = "address") -> tuple[str, int]:
    """`("127.0.0.1", 10110)` from `127.0.0.1:10110`; IPv6 hosts stand in brackets.

    Raises `InvalidInput` that names `field`.
    """
    host, colon, port = text.strip().rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise InvalidInput(field, f"write an IPv6 host in brackets, not {text!r}")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise InvalidInput(field, f"expected host:port, for example 127.0.0.1:10110, not {text!r}")
    return host, int(port)


def keep_alive(connection: socket.socket) -> None:
    """Let the kernel find out within a minute that the other side is gone without a word."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", _KEEPALIVE_AFTER_S),
        ("TCP_KEEPINTVL", _KEEPALIVE_EVERY_S),
        ("TCP_KEEPCNT", _KEEPALIVE_TRIES),
    ):
        option = getattr(socket, name, None)  # not every system has them all
        if option is not None:
            connection.setsockopt(socket.IPPROTO_TCP, option, value)

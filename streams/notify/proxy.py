"""The way to a messenger: through a proxy of its own or straight, with its certificate checked."""

import asyncio
import base64
import logging
import socket
import ssl
from urllib.parse import unquote, urlsplit

import httpx
from pydantic import SecretStr

from domain.errors import InvalidInput, WhistleError
from streams.settings import NotifySettings

_HEAD_BYTES = 8192
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # their lines show addresses with their keys


class ProxyRefused(WhistleError):
    """The proxy does not connect us."""

    code = "notify.proxy"
    retriable = True


def proxy_of(settings: NotifySettings, channel: str) -> str | None:
    """URL of the channel's proxy; `None`: straight. Raises `InvalidInput` without showing it."""
    name = f"notify_{channel}_proxy"
    value: SecretStr = getattr(settings, name)
    url = value.get_secret_value()
    if not url:
        return None
    parts = urlsplit(url)
    schemes = {"http"} if channel == "smtp" else {"http", "https"}
    if parts.scheme not in schemes or not parts.hostname:
        raise InvalidInput(f"WHISTLE_{name.upper()}", f"expected {'/'.join(sorted(schemes))}://…")
    return url


def trust(settings: NotifySettings) -> ssl.SSLContext:
    """Certificates of the usual authorities, and of that of `notify_ca_file`.

    Raises `InvalidInput` when that cannot be read.
    """
    context = httpx.create_ssl_context(trust_env=False)
    if settings.notify_ca_file is not None:
        try:
            context.load_verify_locations(settings.notify_ca_file)
        except (OSError, ssl.SSLError) as error:
            raise InvalidInput("WHISTLE_NOTIFY_CA_FILE", "expected certificates (PEM)") from error
    return context


def web_client(settings: NotifySettings, channel: str) -> httpx.AsyncClient:
    """A client for one channel: no redirects, no cookies of others, a connection per message."""
    return httpx.AsyncClient(
        proxy=proxy_of(settings, channel),
        verify=trust(settings),
        follow_redirects=False,
        trust_env=False,
        timeout=2 * settings.notify_attempt_s,  # the attempt's own deadline comes before
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        headers={"accept-encoding": "identity", "user-agent": "whistle"},
    )


async def connected(proxy: str, host: str, port: int) -> socket.socket:
    """A socket to `host:port` through an HTTP proxy, by CONNECT.

    Raises `ProxyRefused`, `OSError`.
    """
    parts = urlsplit(proxy)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(parts.hostname, parts.port or 3128, type=socket.SOCK_STREAM)
    family, kind, protocol, _, address = found[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setblocking(False)
        await loop.sock_connect(made, address)
        await loop.sock_sendall(made, _question(host, port, parts.username, parts.password))
        _require_connected(await _head(made))
    except BaseException:
        made.close()
        raise
    return made


async def _head(made: socket.socket) -> bytes:
    """The proxy's answer up to the empty line; what follows is the server's greeting, not ours."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = await asyncio.get_running_loop().sock_recv(made, 1)
        head += byte
        if not byte or len(head) > _HEAD_BYTES:
            raise ProxyRefused("the proxy breaks off")
    return head


def _require_connected(head: bytes) -> None:
    status = head.split(b"\r\n", 1)[0].split()
    if len(status) < 2 or status[1] != b"200":
        raise ProxyRefused("the proxy does not connect us")


def _question(host: str, port: int, user: str | None, password: str | None) -> bytes:
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if user is not None:
        pair = f"{unquote(user)}:{unquote(password or '')}".encode()
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(pair).decode()}")
    return "\r\n".join([*lines, "", ""]).encode()

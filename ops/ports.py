"""Whether a port is free, who has it otherwise, and whether something answers there."""

import contextlib
import http.client
import socket

import psutil

from ops.errors import PortTaken


def require_free(host: str, port: int, setting: str, what: str) -> None:
    """Raise `PortTaken`, naming the other program, when `what` could not listen on the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            raise PortTaken(
                f"{what} cannot listen on {host}:{port}: {holder(port) or error.strerror}",
                f"end it, or choose another port, for example {setting}={port + 1}",
            ) from error


def holder(port: int) -> str | None:
    """The program that listens on `port`, as far as this user may know."""
    with contextlib.suppress(psutil.Error, OSError):
        for link in psutil.net_connections("tcp"):
            if link.status == psutil.CONN_LISTEN and link.laddr and link.laddr.port == port:
                if link.pid is None:
                    return "a program of another user listens there"
                return f"{psutil.Process(link.pid).name()} (pid {link.pid}) listens there"
    return None


def listens(pid: int, port: int) -> bool:
    """Whether process `pid` listens on `port`; connecting would count as a receiver."""
    return (psutil.CONN_LISTEN, port) in _links(pid)


def linked(pid: int, port: int) -> bool:
    """Whether process `pid` has a connection to somebody's `port`."""
    return (psutil.CONN_ESTABLISHED, port) in _links(pid)


def _links(pid: int) -> set[tuple[str, int]]:
    """TCP state and port, its own or the other side's, of every socket of a process."""
    try:
        links = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return set()
    return {(k.status, end.port) for k in links for end in (k.laddr, k.raddr) if end}


def answers(host: str, port: int, path: str, timeout_s: float = 2.0) -> bool:
    """Whether an HTTP GET of `path` is answered with 200."""
    link = http.client.HTTPConnection(host, port, timeout=timeout_s)
    try:
        link.request("GET", path)
        return link.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()

"""HTTP connections to addresses of the public internet only."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from mlcore.errors import SourceError

PATIENCE = 30.0
"""Seconds to wait for a connection or for the next bytes."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_MOVED = (301, 302, 303, 307, 308)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a server says: `moved_to` names another address, `size` is None when it was not told."""

    status: int
    moved_to: str | None
    size: int | None
    read: Callable[[int], bytes]


class Transport(Protocol):
    """Opens one address; tests bring their own."""

    def get(self, scheme: str, host: str, port: int, target: str) -> AbstractContextManager[Answer]: ...


@dataclass(frozen=True, kw_only=True)
class Internet:
    """Resolves, checks, and connects to the address that was checked.

    `resolve` gives the addresses of a host; `connect` opens one of them.
    """

    resolve: Callable[[str, int], tuple[str, ...]]
    connect: Callable[[str, int], socket.socket]
    context: Callable[[], ssl.SSLContext] = ssl.create_default_context

    @contextmanager
    def get(self, scheme: str, host: str, port: int, target: str) -> Iterator[Answer]:
        line = http.client.HTTPConnection(host, port, timeout=PATIENCE)
        line.auto_open = 0  # it would ask for the name again
        line.default_port = 443 if scheme == "https" else 80
        try:
            line.sock = self._opened(scheme, host, port)
            line.request("GET", target, headers={"Accept-Encoding": "identity", "User-Agent": "tablesmith"})
            said = line.getresponse()
            moved = said.getheader("Location") if said.status in _MOVED else None
            yield Answer(status=said.status, moved_to=moved, size=said.length, read=said.read)
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise SourceError(
                f"The address could not be read ({_reason(error)})",
                where=host,
                remedy="Check it in a browser, or download the file and bring it from your computer.",
            ) from None
        finally:
            line.close()

    def _opened(self, scheme: str, host: str, port: int) -> socket.socket:
        name = host.encode("idna").decode() if not host.isascii() else host
        found = self.resolve(name, port)
        if not found:
            raise OSError("the name is not known")
        for address in found:
            if not is_public(ipaddress.ip_address(address.partition("%")[0])):
                raise SourceError(
                    "The address leads into a private network",
                    where=host,
                    remedy="Only addresses of the public internet are fetched.",
                )
        line = self.connect(found[0], port)
        return self.context().wrap_socket(line, server_hostname=name) if scheme == "https" else line


def is_public(address: Address) -> bool:
    """Whether the address belongs to the public internet, also where it stands for another one."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _resolve(host: str, port: int) -> tuple[str, ...]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def _connect(address: str, port: int) -> socket.socket:
    return socket.create_connection((address, port), timeout=PATIENCE)


def _reason(error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        return "the name is not known"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate is not valid"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


INTERNET = Internet(resolve=_resolve, connect=_connect)

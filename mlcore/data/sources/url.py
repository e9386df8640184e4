"""A file behind an http or https address: off unless an administrator says otherwise, never from a private network.

Whoever types an address makes this server open a connection. So the name is resolved first, every address it resolves
to must be one of the public internet, and the connection goes to the very address that was checked: the name is not
asked a second time, so it cannot change its answer in between. All of that is repeated for every redirect. Nothing is
sent along: no cookies, no passwords, no headers of ours but the host's name. Proxies of the environment are not used.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from mlcore.data.sources.source import FileSource, Means, Params
from mlcore.data.sources.transport import INTERNET, Answer, Transport
from mlcore.errors import SourceError

VARIABLE = "TABLESMITH_ALLOW_URLS"
FETCHED = "fetched"
LONGEST = 2000
REDIRECTS = 5
CHUNK = 1 << 20
_KEPT = "!#$%&'()*+,/:;=?@[]~"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True)
class Caps:
    """How much is fetched at most, and how long that may take."""

    size: int = 4 * 2**30
    seconds: float = 900.0


def fetch(url: str, out: Path, caps: Caps | None = None, transport: Transport = INTERNET) -> Path:
    """Write what lies behind the address to `out`, whole or not at all."""
    from mlcore import files

    limits = caps or Caps()
    deadline = time.monotonic() + limits.seconds
    place = checked(url)
    for _ in range(REDIRECTS + 1):
        with transport.get(place.scheme, place.hostname or "", _port(place), _target(place)) as answer:
            if answer.moved_to is None:
                if answer.status != 200:
                    raise _refused(place, f"The server answered with status {answer.status}")
                with files.whole(out) as temporary, temporary.open("wb") as stream:
                    _copy(answer, stream, place, limits, deadline)
                return out
            place = _next(place, answer.moved_to)
    raise _refused(place, f"The address leads on to others more than {REDIRECTS} times")


def checked(url: str) -> SplitResult:
    """The address in its parts; refused when it is not plain http or https, or has a password in it."""
    try:
        place = urlsplit(url.strip())
        port, host = _port(place), place.hostname or ""
    except ValueError:
        raise SourceError("This is not an address", where=_shown(url), remedy="It looks like https://…") from None
    if place.scheme not in _PORTS or not host or len(url) > LONGEST or re.search(r"[\x00-\x20\x7f]", url.strip()):
        raise SourceError("This is not an address", where=_shown(url), remedy="It looks like https://…")
    if place.username or place.password:
        raise SourceError(
            "An address with a name or password in it is not kept",
            where=_named(place),
            remedy="Download the file and bring it from your computer.",
        )
    if not 0 < port < 65536:
        raise SourceError("This is not an address", where=_named(place), remedy="It looks like https://…")
    return place


def parted(url: str) -> tuple[str, str]:
    """The address as it may be shown and kept, and what came after its question mark: in a signed link, the key."""
    place = checked(url)
    return place._replace(query="", fragment="").geturl(), place.query


def _next(place: SplitResult, moved_to: str) -> SplitResult:
    there = checked(urljoin(place.geturl(), moved_to))
    if place.scheme == "https" and there.scheme == "http":
        raise _refused(place, "The address leads from a protected connection to an open one")
    return there


def _copy(answer: Answer, stream: BinaryIO, place: SplitResult, caps: Caps, deadline: float) -> None:
    large = f"The file is larger than {caps.size / 2**30:.3g} GB"
    if answer.size is not None and answer.size > caps.size:
        raise _refused(place, large)
    got = 0
    while chunk := answer.read(CHUNK):
        got += len(chunk)
        if got > caps.size:
            raise _refused(place, large)
        if time.monotonic() > deadline:
            raise _refused(place, f"The file was not there after {caps.seconds:.0f} seconds")
        stream.write(chunk)
    if answer.size is not None and got < answer.size:
        raise _refused(place, f"The connection ended after {got:,} of {answer.size:,} bytes")


def _port(place: SplitResult) -> int:
    return place.port if place.port is not None else _PORTS.get(place.scheme, 0)


def _target(place: SplitResult) -> str:
    query = f"?{place.query}" if place.query else ""
    return quote((place.path or "/") + query, safe=_KEPT)


def _refused(place: SplitResult, what: str) -> SourceError:
    return SourceError(what, where=_named(place), remedy="Download the file and bring it from your computer.")


def _named(place: SplitResult) -> str:
    """Host and path: what comes after a question mark may be a key."""
    return _shown(f"{place.hostname}{place.path}")


def _shown(url: str) -> str:
    short = url.partition("?")[0].rpartition("@")[2]
    return short if len(short) <= 100 else short[:100] + "…"


def _path(params: Params, means: Means) -> Path:
    if barred := _barred():
        raise SourceError("Tables behind an address may not be fetched here", remedy=barred)
    out, query = means.folder / FETCHED, params.get("query")
    url = str(params.get("url", "")) + (f"?{means.opened(str(query))}" if query else "")
    return out if out.is_file() else fetch(url, out)


def _title(params: Params) -> str:
    place = checked(str(params.get("url", "")))
    return unquote(place.path.rstrip("/").rpartition("/")[2]) or str(place.hostname)


def _barred() -> str:
    return "" if os.environ.get(VARIABLE) == "1" else f"An administrator can allow it with {VARIABLE}=1."


URL = FileSource(
    key="url",
    title="A link",
    help="A file on the public internet, behind an http or https address.",
    path_of=_path,
    titled=_title,
    bars=_barred,
)

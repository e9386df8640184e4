"""Which database, as whom: the parts a person fills in, checked one by one, and the password beside them.

A connection string is never taken from anybody: its parameters can name files to read and code to load.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal, NoReturn

from mlcore.errors import SourceError

DatabaseKey = Literal["postgresql", "mysql", "sqlite", "duckdb"]
Tls = Literal["prefer", "require", "verify"]
TLS: tuple[Tls, ...] = ("prefer", "require", "verify")
"""`prefer`: encrypted if the server can. `require`: encrypted or not at all. `verify`: the server must prove itself."""

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,252}[A-Za-z0-9])?\.?|\[?[0-9A-Fa-f:.]{2,45}\]?")
_WORD = re.compile(r"[^\x00-\x1f\x7f]{1,128}")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A database: `host`, `port` (None: the usual one), `name` and `user` of a server, or the `path` of a file."""

    database: DatabaseKey
    host: str = ""
    port: int | None = None
    name: str = ""
    user: str = ""
    tls: Tls = "prefer"
    path: str = ""

    @property
    def shown(self) -> str:
        """What people call it; nothing secret is in it."""
        if self.path:
            return self.path.rpartition("/")[2]
        return f"{self.name} on {self.host}"


class Login:
    """A place and the password for it. Not a record: it cannot become JSON, and it does not show the password."""

    __slots__ = ("password", "place")

    def __init__(self, place: Place, password: str = "") -> None:
        self.place = place
        self.password = password

    def __repr__(self) -> str:
        return f"Login({self.place.shown!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a login is never written down")


def checked_place(place: Place) -> Place:
    """The place with nothing in it that does not belong there; a `SourceError` names the part that does not fit."""
    if place.database in ("sqlite", "duckdb"):
        if not place.path or "\x00" in place.path:
            raise SourceError("The file of the database is not named", remedy="Choose one of an allowed folder.")
        return Place(database=place.database, path=place.path)
    if place.database not in ("postgresql", "mysql"):
        raise SourceError(
            f"Databases of the kind {str(place.database)[:40]!r} cannot be read", remedy="Choose another."
        )
    host = place.host.strip()
    if not _HOST.fullmatch(host):
        raise _unfit("host", "It is a name such as db.example.org, or an address.")
    for title, word in (("database", place.name), ("user", place.user)):
        if not _WORD.fullmatch(word):
            raise _unfit(title, "Ask the person who runs the database.")
    if place.port is not None and not 0 < place.port < 65536:
        raise _unfit("port", "It is a number from 1 to 65535; leave it empty for the usual one.")
    if place.tls not in TLS:
        raise _unfit("protection", "It is one of " + ", ".join(TLS) + ".")
    return replace(place, host=host.strip("[]"), path="")


def _unfit(part: str, remedy: str) -> SourceError:
    return SourceError(f"The {part} of the connection does not fit", remedy=remedy)

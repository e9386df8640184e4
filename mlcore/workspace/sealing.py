"""Secrets as they lie in the database: encrypted with a key that lies elsewhere.

The key is made of TABLESMITH_SECRET_KEY when that is set (a team on several machines needs it), else it is a file in
the workspace folder that only its owner may read. Whoever has the database alone has no password.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
from pathlib import Path

from mlcore.errors import SourceError

VARIABLE = "TABLESMITH_SECRET_KEY"
SHORTEST = 16
_SALT = b"tablesmith connections"


def sealed(home: Path, secret: str) -> str:
    """The secret, encrypted."""
    from cryptography.fernet import Fernet

    return Fernet(_key(home)).encrypt(secret.encode()).decode()


def unsealed(home: Path, token: str) -> str:
    """What was encrypted; a `SourceError` when the key is another one now."""
    from cryptography.fernet import Fernet, InvalidToken

    try:
        return Fernet(_key(home)).decrypt(token.encode()).decode()
    except InvalidToken:
        raise SourceError(
            "What was kept encrypted cannot be read with the key of this workspace",
            remedy=f"Add the connection or the link again, or set {VARIABLE} as it was.",
        ) from None


def _key(home: Path) -> bytes:
    phrase = os.environ.get(VARIABLE, "")
    if not phrase:
        return _kept_key(home / "secret.key")
    if len(phrase) < SHORTEST:
        raise SourceError(
            f"The key in {VARIABLE} is too short", remedy=f"Use at least {SHORTEST} characters, chosen at random."
        )
    made = hashlib.scrypt(phrase.encode(), salt=_SALT, n=2**14, r=8, p=1, dklen=32)
    return base64.urlsafe_b64encode(made)


def _kept_key(path: Path) -> bytes:
    """The key in the file; made when there is none, by exactly one of the processes that try."""
    if not path.is_file():
        from cryptography.fernet import Fernet

        temporary = path.with_name(f".secret.{os.urandom(6).hex()}.part")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(Fernet.generate_key())
                stream.flush()
                os.fsync(stream.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    return path.read_bytes()

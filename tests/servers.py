"""Real database servers, started by the tests on free ports and gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
MARIADB = Path("/usr/sbin/mariadbd")


@contextmanager
def postgresql() -> Iterator[int]:
    """A server in which `postgres` needs no password; its port."""
    assert POSTGRESQL, "PostgreSQL's server is missing; `make test` installs it"
    control, port = str(POSTGRESQL[-1] / "pg_ctl"), _free_port()
    with _folder("pg", "postgres") as folder:
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "cwd": folder, "check": True}
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        data = f"{folder}/data"
        subprocess.run(_under("postgres", control, "-D", data, "-o", "-A trust -U postgres", "init"), **quiet)
        start = (control, "-D", data, "-o", options, "-l", f"{folder}/log", "-w", "start")
        subprocess.run(_under("postgres", *start), **quiet)
        try:
            yield port
        finally:
            subprocess.run(_under("postgres", control, "-D", data, "-m", "immediate", "stop"), **quiet)


@contextmanager
def mariadb() -> Iterator[tuple[int, str]]:
    """A server; its port, and the socket through which its root account comes in without a password."""
    port = _free_port()
    with _folder("my", "mysql") as folder:
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
        common = ["--no-defaults", f"--datadir={folder}/data", *(["--user=mysql"] if os.geteuid() == 0 else [])]
        install = ["mariadb-install-db", *common, "--skip-test-db", "--auth-root-authentication-method=normal"]
        subprocess.run(install, check=True, **quiet)
        words = [
            str(MARIADB), *common, f"--socket={folder}/socket", f"--port={port}", "--bind-address=127.0.0.1",
            f"--pid-file={folder}/pid", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M",
        ]  # fmt: skip
        server = subprocess.Popen(words, **quiet)
        try:
            _until_open(port, server)
            yield port, f"{folder}/socket"
        finally:
            server.kill()
            server.wait()


@contextmanager
def _folder(name: str, account: str) -> Iterator[Path]:
    """A folder with a short path, for sockets, that belongs to the server's account."""
    folder = Path(tempfile.mkdtemp(prefix=f"ts-{name}-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            folder.chmod(0o755)
            shutil.chown(folder, pwd.getpwnam(account).pw_uid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _under(account: str, *words: str) -> list[str]:
    """The command, under an account PostgreSQL accepts: it refuses to run as root."""
    return ["runuser", "-u", account, "--", *words] if os.geteuid() == 0 else list(words)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _until_open(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert server.poll() is None, "the server ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "the server did not begin to listen"
            time.sleep(0.05)

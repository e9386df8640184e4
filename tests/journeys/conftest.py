"""A real server, and a real browser.

Journeys that only bring a table share a server, as people of a team do, and look at what they brought by its name.
Those that begin as a person does for the first time, or kill something, have a server and a workspace of their own.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import psutil
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith("tests/journeys/"):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@dataclass
class Server:
    """The app as `make run` starts it."""

    port: int
    home: Path
    log: BinaryIO
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        environment = os.environ | {"TABLESMITH_HOME": str(self.home), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "streamlit", "run", "pages/ui/server.py", "--server.port", str(self.port)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=self.log, stderr=self.log, start_new_session=True
        )
        _wait_until_healthy(self)

    def workers(self) -> list[psutil.Process]:
        """The worker processes of this workspace."""
        return [process for process in psutil.process_iter() if self._is_worker(process)]

    def _is_worker(self, process: psutil.Process) -> bool:
        try:
            words = " ".join(process.cmdline())
            return "mlcore.workspace.worker" in words and process.environ().get("TABLESMITH_HOME") == str(self.home)
        except psutil.Error:
            return False


@contextmanager
def _serving(folder: Path) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "server.log").open("wb") as log:
        started = Server(port, folder / "home", log)
        try:
            started.start()
            yield started
        finally:
            _end(started)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    with _serving(tmp_path) as started:
        yield started


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with _serving(tmp_path_factory.mktemp("shared")) as started:
        yield started


def _wait_until_healthy(server: Server, seconds: float = 60) -> None:
    for _ in range(int(seconds / 0.2)):
        try:
            with urllib.request.urlopen(f"{server.address}/_stcore/health") as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server does not answer")


def _end(server: Server) -> None:
    os.killpg(server.process.pid, signal.SIGTERM)
    try:
        server.process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait(10)
    for worker in server.workers():
        for child in worker.children(recursive=True):
            child.kill()
        worker.kill()
        worker.wait(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """As long as a file of journeys only: while it is there, nothing else in this process can run an event loop."""
    chromium = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()

"""Files behind addresses: off by default, public ones only, checked at every step."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from mlcore.data.choices import Choices
from mlcore.data.load import read_table
from mlcore.data.sources import SOURCES, Means, origin_of
from mlcore.data.sources.login import Login, Place
from mlcore.data.sources.transport import INTERNET, Internet, is_public
from mlcore.data.sources.url import Caps, checked, fetch
from mlcore.errors import SourceError

PUBLIC = "93.184.216.34"


class Site(BaseHTTPRequestHandler):
    """Answers by path, and remembers what it was asked."""

    asked: ClassVar[list[tuple[str, dict[str, str]]]] = []

    def do_GET(self) -> None:
        Site.asked.append((self.path, dict(self.headers)))
        moved = {
            "/once": "/rows.csv", "/loop": "/loop", "/inside": "http://127.0.0.1/x", "/meta": "http://169.254.169.254/",
            "/file": "file:///etc/passwd", "/user": "http://a:b@example.org/", "/rebind": "http://rebind.example/x",
        }  # fmt: skip
        if self.path in moved:
            self.send_response(302)
            self.send_header("Location", moved[self.path])
            self.send_header("Set-Cookie", "a=b")
            self.end_headers()
            return
        body = b"a,b\n1,x\n" if self.path.startswith(("/rows", "/short")) else b"x" * 300_000
        self.send_response(404 if self.path == "/gone" else 200)
        if self.path != "/endless":
            self.send_header("Content-Length", str(len(body) + (10 if self.path == "/short" else 0)))
        self.end_headers()
        if self.path == "/slow":
            for _ in range(20):
                self.wfile.write(b"x" * 100)
                time.sleep(0.1)
            return
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def internet(port: int) -> Internet:
    """An internet in which every public address is our server; a name's second answer may differ from its first."""
    answers: dict[str, int] = {}

    def resolve(host: str, _: int) -> tuple[str, ...]:
        answers[host] = answers.get(host, 0) + 1
        if host == "rebind.example":
            return ("10.0.0.5",)
        if host == "half.example":
            return (PUBLIC, "192.168.1.1")
        return (host,) if host[0].isdigit() else (PUBLIC,)

    def connect(address: str, _: int) -> socket.socket:
        assert address == PUBLIC, "connected to an address that was not checked"
        return socket.create_connection(("127.0.0.1", port), timeout=5)

    return Internet(resolve=resolve, connect=connect)


def test_a_table_behind_an_address_is_fetched(internet: Internet, tmp_path: Path) -> None:
    Site.asked.clear()
    out = fetch("http://example.org/rows.csv?key=1&x=ä", tmp_path / "f", transport=internet)
    assert out.read_bytes() == b"a,b\n1,x\n"
    path, headers = Site.asked[0]
    assert path == "/rows.csv?key=1&x=%C3%A4"
    assert headers == {"Host": "example.org", "Accept-Encoding": "identity", "User-Agent": "tablesmith"}


def test_a_redirect_is_followed_without_taking_anything_along(internet: Internet, tmp_path: Path) -> None:
    Site.asked.clear()
    fetch("http://example.org/once", tmp_path / "f", transport=internet)
    assert [path for path, _ in Site.asked] == ["/once", "/rows.csv"]
    assert "Cookie" not in Site.asked[1][1]
    assert "Authorization" not in Site.asked[1][1]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/loop", "more than 5 times"),
        ("/inside", "private network"),
        ("/meta", "private network"),
        ("/rebind", "private network"),
        ("/file", "not an address"),
        ("/user", "name or password"),
        ("/gone", "status 404"),
        ("/short", "connection ended|incomplete|IncompleteRead"),
    ],
)
def test_an_answer_that_leads_astray_is_refused_and_leaves_nothing(
    internet: Internet, tmp_path: Path, path: str, said: str
) -> None:
    with pytest.raises(SourceError, match=said):
        fetch(f"http://example.org{path}", tmp_path / "f", transport=internet)
    assert list(tmp_path.glob("f*")) == []
    assert list(tmp_path.glob(".f*")) == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(internet: Internet, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="private network"):
        fetch("http://half.example/rows.csv", tmp_path / "f", transport=internet)


@pytest.mark.parametrize("path", ["/large", "/endless"])
def test_no_more_is_fetched_than_allowed(internet: Internet, tmp_path: Path, path: str) -> None:
    with pytest.raises(SourceError, match="larger than"):
        fetch(f"http://example.org{path}", tmp_path / "f", Caps(size=100_000), internet)
    assert list(tmp_path.glob("*f*")) == []


def test_a_slow_server_is_left_in_the_end(internet: Internet, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not there after"):
        fetch("http://example.org/slow", tmp_path / "f", Caps(seconds=0.3), internet)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://0x7f.1/", "http://2130706433/", "http://127.1/",
        "http://0/", "http://0.0.0.0/", "http://169.254.169.254/latest/meta-data", "http://10.1.2.3/", "http://100.64.0.1/",
        "http://192.168.0.1/", "http://172.16.0.1/", "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/",
        "http://[fe80::1]/", "http://[fc00::1]/", "http://224.0.0.1/", "http://[2002:7f00:1::]/", "http://①②⑦.0.0.1/",
    ],
)  # fmt: skip
def test_no_spelling_of_a_private_address_is_connected_to(url: str, tmp_path: Path) -> None:
    def connect(address: str, _: int) -> socket.socket:
        raise AssertionError(f"connected to {address}")

    with pytest.raises(SourceError):
        fetch(url, tmp_path / "f", transport=Internet(resolve=INTERNET.resolve, connect=connect))


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "ftp://example.org/x", "file:///etc/passwd", "javascript:alert(1)", "//example.org/x", "http://",
        "http:///x", "http://exa mple.org/", "http://example.org/a\r\nHost: x", "http://example.org:99999/",
        "http://example.org:x/", "gopher://example.org/", "http://[bad/", "https://user:pw@example.org/", "http://example.org:0/",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused_without_repeating_a_password(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        checked(url)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True), ("2606:2800:220:1::1", True), ("::ffff:93.184.216.34", True), ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False), ("2002:a00:1::", False), ("255.255.255.255", False), ("fec0::1", False),
        ("ff02::1", False), ("240.0.0.1", False), ("198.18.0.1", False), ("::", False),
    ],
)  # fmt: skip
def test_which_addresses_belong_to_the_public_internet(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


def test_addresses_are_off_unless_an_administrator_allows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TABLESMITH_ALLOW_URLS", raising=False)
    means = Means(folder=tmp_path, samples=tmp_path, login=_nobody)
    with pytest.raises(SourceError, match="TABLESMITH_ALLOW_URLS"):
        origin_of("url", {"url": "https://example.org/x.csv"})
    with pytest.raises(SourceError, match="TABLESMITH_ALLOW_URLS"):
        SOURCES["url"].bring({"url": "https://example.org/x"}, Choices(), tmp_path / "o", "", means)
    monkeypatch.setenv("TABLESMITH_ALLOW_URLS", "1")
    assert origin_of("url", {"url": "https://example.org/a/x%20y.csv?token=1"}).title == "x y.csv"


def test_a_file_fetched_for_the_preview_is_not_fetched_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLESMITH_ALLOW_URLS", "1")
    (tmp_path / "fetched").write_text("a\n1\n")
    means = Means(folder=tmp_path, samples=tmp_path, login=_nobody)
    asked = {"url": "https://127.0.0.1/never.csv"}
    stored = SOURCES["url"].bring(asked, Choices(), tmp_path / "out.parquet", "mine", means)
    assert read_table(stored)["a"].tolist() == [1]


def _nobody(_: str) -> Login:
    return Login(Place(database="sqlite"))

"""What a service may be told: by options, or by variables of the environment with the same names."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SettingError(ValueError):
    """A setting that cannot be meant, as one sentence."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a service listens, whom it answers, how much it takes, and what it keeps.

    `keys` are those a caller may show (none: anyone who reaches the port may ask); `hosts` the names it may be called
    by (none: any). A request may have `megabytes` and `rows`, and take `seconds`; one with reasons `reasoned` rows.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    keys: tuple[bytes, ...] = ()
    hosts: tuple[str, ...] = ()
    megabytes: float = 25.0
    rows: int = 20_000
    reasoned: int = 1_000
    seconds: float = 30.0
    log_rows: bool = False
    predictions: Path | None = None
    predictions_megabytes: float = 200.0


def options(parser: argparse.ArgumentParser) -> None:
    """Add the options to a command line."""
    parser.add_argument("--host", help="the address to listen on (default: 127.0.0.1, this machine only)")
    parser.add_argument("--port", help="default: 8000")
    parser.add_argument("--api-key-file", metavar="F", help="callers must send one of its lines as X-API-Key")
    parser.add_argument("--without-key", action="store_true", default=None, help="let anyone ask who reaches the port")
    parser.add_argument("--max-megabytes", metavar="N", help="of a request (default: 25)")
    parser.add_argument("--max-rows", metavar="N", help="of a request (default: 20000)")
    parser.add_argument("--timeout", metavar="SECONDS", help="for a request (default: 30)")
    parser.add_argument("--log-rows", action="store_true", default=None, help="write rows and answers to the log")
    parser.add_argument("--log-predictions", metavar="FOLDER", help="keep rows and answers as Parquet, for monitoring")
    parser.add_argument("--log-megabytes", metavar="N", help="of kept predictions, the oldest go first (default: 200)")


def settings(asked: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings that options, or else SERVICE_HOST, SERVICE_PORT, SERVICE_API_KEY_FILE and so on, ask for.

    Raises `SettingError` for one that cannot be meant, and when others than this machine could ask without a key.
    """

    def told(option: str) -> str:
        said = getattr(asked, option, None)
        return environment.get(f"SERVICE_{option.upper()}", "") if said is None else str(said)

    host, file, folder = told("host") or Settings.host, told("api_key_file"), told("log_predictions")
    keys = _keys(Path(file)) if file else ()
    if host not in LOOPBACK and not keys and not _yes(told("without_key")):
        raise SettingError(
            f"Anyone who reaches {host} could ask. Give --api-key-file (SERVICE_API_KEY_FILE), or --without-key "
            "(SERVICE_WITHOUT_KEY=yes) where only trusted machines reach the port."
        )
    return Settings(
        host=host,
        port=int(_number(told("port"), "port", Settings.port, 1, 65_535)),
        keys=keys,
        hosts=LOOPBACK if host in LOOPBACK else (),
        megabytes=_number(told("max_megabytes"), "max-megabytes", Settings.megabytes, 0.001, 1_000),
        rows=int(_number(told("max_rows"), "max-rows", Settings.rows, 1, 10_000_000)),
        seconds=_number(told("timeout"), "timeout", Settings.seconds, 0.1, 3_600),
        log_rows=_yes(told("log_rows")),
        predictions=Path(folder) if folder else None,
        predictions_megabytes=_number(told("log_megabytes"), "log-megabytes", Settings.predictions_megabytes, 1, 1e6),
    )


def _keys(path: Path) -> tuple[bytes, ...]:
    try:
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")  # a mark that Windows puts before text
    except OSError as error:
        raise SettingError(f"The file with the API key cannot be read ({path}): {error.strerror}.") from error
    keys = tuple(line.strip() for line in lines if line.strip())
    if not keys:
        raise SettingError(f"The file with the API key is empty ({path}). Write a key on its first line.")
    return keys


def _number(text: str, name: str, usual: float, least: float, most: float) -> float:
    if not text:
        return usual
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise SettingError(f"--{name} cannot be {text!r}. Give a number from {least:g} to {most:g}.")
    return value


def _yes(text: str) -> bool:
    return text.lower() in ("true", "yes", "1", "on")

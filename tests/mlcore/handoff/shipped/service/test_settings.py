from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from mlcore.handoff.shipped.service.settings import SettingError, Settings, options, settings


def asked(*words: object, **variables: str) -> Settings:
    parser = argparse.ArgumentParser()
    options(parser)
    return settings(parser.parse_args([str(word) for word in words]), variables)


def test_this_machine_may_ask_without_a_key() -> None:
    assert asked() == Settings(hosts=("127.0.0.1", "localhost", "::1"))


def test_others_need_a_key_or_an_open_word() -> None:
    with pytest.raises(SettingError, match="--api-key-file"):
        asked("--host", "0.0.0.0")
    assert asked("--host", "0.0.0.0", "--without-key").hosts == ()
    assert asked("--host", "0.0.0.0", SERVICE_WITHOUT_KEY="yes").keys == ()


def test_every_line_of_the_file_is_a_key(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"\xef\xbb\xbfnew key\r\n\nold\n")
    assert asked("--host", "10.0.0.1", SERVICE_API_KEY_FILE=str(tmp_path / "keys")).keys == (b"new key", b"old")


def test_a_file_without_a_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b" \n")
    with pytest.raises(SettingError, match="is empty"):
        asked("--api-key-file", tmp_path / "keys")
    with pytest.raises(SettingError, match="cannot be read"):
        asked("--api-key-file", tmp_path / "none")


def test_an_option_goes_before_the_environment() -> None:
    assert asked("--port", 9000, SERVICE_PORT="9001").port == 9000
    assert asked(SERVICE_PORT="9001", SERVICE_MAX_ROWS="7").rows == 7


@pytest.mark.parametrize("words", [("--port", "x"), ("--port", 70_000), ("--timeout", "nan"), ("--max-rows", 0)])
def test_a_number_that_cannot_be_meant_is_one_sentence(words: tuple[object, ...]) -> None:
    with pytest.raises(SettingError, match=rf"{words[0]} cannot be '{words[1]}'\. Give a number from"):
        asked(*words)

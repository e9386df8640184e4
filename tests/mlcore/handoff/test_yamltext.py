"""What is written as JSON can be read as YAML, whatever characters a user's words have."""

from __future__ import annotations

import json

import yaml

from mlcore.handoff.yamltext import as_yaml


def test_every_character_comes_back_from_yaml_and_from_json() -> None:
    words = {"title": "".join(map(chr, [*range(0x100), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF, 0x1F600])), "ä": "Köln"}
    text = as_yaml(words, indent=1)
    assert yaml.safe_load(text) == json.loads(text) == words
    assert "Köln" in text

"""JSON that YAML reads alike: what MLflow and Hugging Face open as YAML."""

from __future__ import annotations

import json
import re
from typing import Any

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON may hold as it is and YAML may not (YAML 1.2.2, 5.1), and what YAML takes for the end of a line."""


def as_yaml(value: Any, *, indent: int | None = None) -> str:
    """The value as JSON, with all characters but these as they are."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)

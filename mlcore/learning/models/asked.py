"""The models somebody asks for by name, some with settings of their own: `forest`, `forest:trees=500:least=5`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mlcore.errors import ChoiceError, UserError
from mlcore.learning.models import MODELS
from mlcore.learning.models.kind import Config, ModelKind
from mlcore.params import Param, Value

OWN = "own"
"""What the key of a configuration with settings of somebody's own ends in."""

SWITCHES = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def kinds_asked(words: Iterable[str]) -> list[ModelKind]:
    """The kinds of models that these words name, each once.

    With settings, the kind has these as its only configuration, tried early; to try the usual ones too, it is named
    without settings as well. Raises `ChoiceError` or `UserError` for what does not exist or does not fit.
    """
    kinds, counts = [], dict[str, int]()
    for word in dict.fromkeys(words):
        key, *settings = word.split(":")
        kind = MODELS[key]
        if settings:
            counts[key] = counts.get(key, 0) + 1
            kind = _with_settings(kind, dict(_setting(kind, one) for one in settings), counts[key])
        kinds.append(kind)
    return kinds


def word(key: str, settings: Mapping[str, Value]) -> str:
    """The word that asks for a kind of model with these settings."""
    return ":".join((key, *(f"{name}={_shown(value)}" for name, value in settings.items())))


def _with_settings(kind: ModelKind, settings: Mapping[str, Value], number: int) -> ModelKind:
    told = ", ".join(f"{_param(kind, key).title.lower()} {_shown(value)}" for key, value in settings.items())
    first = min(config.turn for config in kind.portfolio)
    suffix = OWN if number == 1 else f"{OWN}{number}"
    config = Config(suffix=suffix, title=f"{kind.title}, {told}", turn=first, params=settings)
    return replace(kind, portfolio=(config,))


def _shown(value: Value) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _setting(kind: ModelKind, text: str) -> tuple[str, Value]:
    key, given, value = text.partition("=")
    param = _param(kind, key)
    if not given:
        raise UserError(f"{text!r} is no setting", remedy=f"Write it as {param.key}={param.default}.")
    return key, param.checked(_value(param, value))


def _param(kind: ModelKind, key: str) -> Param:
    params = {param.key: param for param in kind.params}
    if key not in params:
        raise ChoiceError(key, params, of=f"setting of {kind.key}")
    return params[key]


def _value(param: Param, text: str) -> Value:
    """The text as the setting has it; left as text where it does not fit, which the check then says."""
    if param.kind == "switch":
        return SWITCHES.get(text.lower(), text)
    try:
        return int(text) if param.kind == "integer" else float(text) if param.kind == "number" else text
    except ValueError:
        return text

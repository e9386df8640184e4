"""The verbs about kinds of models: what there is, from where, within which limits; does one keep the contract."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mlcore.learning.models import MODELS, ModelKind
from mlcore.learning.models.limits import limits

if TYPE_CHECKING:
    from mlcore.learning.plugins import Found

CHECK_SECONDS = 900.0


def models(_: argparse.Namespace) -> tuple[int, Any, str]:
    """The list of models, built in and plugged in, and what is not available."""
    from mlcore.learning import plugins

    found = plugins.found(afresh=True)
    listed = [_described(kind, found) for kind in MODELS]
    left_out = [str(one) for one in found.left_out]
    return 0, {"models": listed, "left_out": left_out}, "\n".join(_lines(listed, left_out))


def check_model(asked: argparse.Namespace) -> tuple[int, Any, str]:
    """Hold one kind to the checks that the built-in ones are held to, in a process of its own."""
    from mlcore.learning import plugins
    from mlcore.workspace.engine import chosen_engine
    from mlcore.workspace.task import Task

    plugins.found(afresh=True)
    kind = MODELS[asked.key]
    task = Task(
        call="mlcore.workspace.errands:check_model",
        title=f"The check of {kind.key}",
        args={"key": kind.key},
        seconds=CHECK_SECONDS,
    )
    engine = chosen_engine()
    try:
        outcome = engine.run(task)
    finally:
        engine.close()
    passed = outcome.value if outcome.state == "done" else []
    document = {"key": kind.key, "ok": outcome.state == "done", "passed": passed, "error": outcome.error or None}
    said = [f"ok  {line}" for line in passed]
    said.append(f"{kind.key} keeps the contract" if outcome.state == "done" else f"NO  {outcome.error}")
    return (0 if outcome.state == "done" else 1), document, "\n".join(said)


def _described(kind: ModelKind, found: Found) -> dict[str, Any]:
    plugin = found.plugins.get(kind.key)
    missing = "" if kind.installed else f"needs the package {kind.package}, which is not installed"
    return {
        "key": kind.key,
        "title": kind.title,
        "family": kind.family,
        "tasks": list(kind.tasks),
        "limits": list(limits(kind)),
        "params": list(kind.params),
        "from": "built in" if plugin is None else plugin.source.name,
        "unavailable": missing or None,
        "stays": (plugin.stays if plugin is not None else "") or None,
    }


def _lines(listed: list[dict[str, Any]], left_out: list[str]) -> Iterator[str]:
    for one in listed:
        told = ", ".join(one["limits"]) or "any table"
        yield f"{one['key']:<14} {one['title']:<38} {one['from']}; {told}"
        if one["unavailable"]:
            yield f"{'':<14} not available: {one['unavailable']}"
        if one["stays"]:
            yield f"{'':<14} its models cannot be handed over: it {one['stays']}"
    if left_out:
        yield ""
        yield from (f"Left out: {sentence}" for sentence in left_out)

"""The list of models: from where each comes, for which tables it is, what can be set; and what was left out and why."""

from __future__ import annotations

import streamlit as st

from mlcore.learning import plugins
from mlcore.learning.models import MODELS, ModelKind
from mlcore.learning.models.limits import limits
from mlcore.params import Param
from pages.ui import markup, show
from pages.ui.markup import Head, esc

HEADS = (
    Head("Model", name=True),
    Head("For", name=True),
    Head("Settings, from least to most", name=True),
)
HELP = (
    "The baseline is always there. A scikit-learn estimator of your own joins them as a package or as a file that an "
    "administrator allowed: docs/plugins.md shows how in thirty lines."
)


def left_out() -> None:
    """A sentence for each plug-in that cannot be used."""
    for one in plugins.found().left_out:
        show.said(f"A model of your own is left out: {one}")


def listed() -> None:
    """Every kind of model with its limits and its form."""
    found = plugins.found().plugins
    rows = [(_row(kind, found.get(kind.key)), "") for kind in MODELS]
    with st.popover("About these models", icon=":material/info:"):
        st.html(markup.table(HEADS, rows, caption="Kinds of models"))


def _row(kind: ModelKind, plugin: plugins.Plugin | None) -> tuple[str, ...]:
    notes = [kind.about]
    if plugin is not None:
        notes.append(f"From {plugin.source.name}.")
        if plugin.stays:
            notes.append(f"Its models cannot be handed over: it {plugin.stays}")
    if not kind.installed:
        notes.append(f"Not available: the package {kind.package} is not installed.")
    told = f"<b>{esc(kind.title)}</b><small>{esc(' '.join(notes))}</small>"
    return (
        told,
        esc("; ".join(limits(kind)) or "any table"),
        "<br>".join(esc(_setting(one)) for one in kind.params) or "–",
    )


def _setting(param: Param) -> str:
    if param.kind == "choice":
        span = ", ".join(param.choices)
    elif param.kind == "switch":
        span = "yes or no"
    else:
        span = f"{param.low:g} to {param.high:g}" if param.low is not None and param.high is not None else "a number"
    usual = {True: "yes", False: "no"}.get(param.default, param.default) if param.kind == "switch" else param.default
    return f"{param.title}: {usual} ({span})"

"""The list of models: from where each comes, for which tables it is, what can be set; and what was left out and why."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mlcore.learning import plugins
from mlcore.learning.models import MODELS, ModelKind
from mlcore.learning.models.asked import word
from mlcore.learning.models.limits import limits
from mlcore.params import Param, Value
from pages.ui import markup, show, words
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


def own(table: str, offered: Sequence[str]) -> str | None:
    """The form of one kind of model: the word that asks for it with the settings chosen, None while nothing is."""
    able = [key for key in offered if MODELS[key].params]
    key = st.selectbox(
        "Settings of your own",
        able,
        index=None,
        placeholder="Usual ones only",
        format_func=lambda key: MODELS[key].title,
        key=f"own_{table}",
        help="One more configuration of this kind, beside those that are known to do well.",
    )
    if key is None:
        return None
    settings = {param.key: _field(param, f"own_{table}_{key}_{param.key}") for param in MODELS[key].params}
    return word(key, settings)


def _field(param: Param, key: str) -> Value:
    """One setting as its widget."""
    about = param.help or None
    if param.kind == "switch":
        return st.toggle(param.title, value=bool(param.default), key=key, help=about)
    if param.kind == "choice":
        return st.selectbox(param.title, param.choices, index=param.choices.index(param.default), key=key, help=about)
    whole = param.kind == "integer"
    made = int if whole else float
    low, high = (None if bound is None else made(bound) for bound in (param.low, param.high))
    form = None if whole else "%g"
    given = st.number_input(
        param.title, min_value=low, max_value=high, value=made(param.default), format=form, key=key, help=about
    )
    return made(given)


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
    elif param.low is None or param.high is None:
        span = "a number"
    else:
        span = f"{param.low:,.10g} to {param.high:,.10g}"
    return f"{param.title}: {words.setting(param.default)} ({span})"

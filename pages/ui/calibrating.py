"""Calibration on the evaluation page: does it happen as often as is said, and would a calibrator bring more."""

from __future__ import annotations

import streamlit as st

from mlcore.evaluation.evaluation import Evaluation
from mlcore.learning.calibrators import Calibrators, Tried
from mlcore.workspace import erring
from mlcore.workspace.store import RunCard
from pages.ui import charts, jobs, markup, session, show
from pages.ui.closer import look
from pages.ui.markup import Head, esc

TITLES = {"platt": "A line in the log-odds", "isotonic": "Rising steps"}
TERMS = {"platt": "Platt scaling", "isotonic": "isotonic regression"}


def section(made: Evaluation, run: RunCard, key: str) -> None:
    """The chart with its intervals, what was applied already, and what was tried."""
    at = f"{run.id}_{key}"
    st.header("Can the probabilities be taken at their word?", anchor=False)
    charts.panel(charts.drawn("calibration", made), f"calibration_{at}")
    if made.task == "binary":
        _tried(run, key)


@st.fragment
def _tried(run: RunCard, key: str) -> None:
    found = look(lambda store: erring.read_calibrators(store, run.id, key), run, key, "calibrators", "Try calibrators")
    if found is None:
        return
    show.said(*filter(None, (_applied(found), _verdict(found))))
    if not found.tried:
        return
    if found.helpful is not None:
        _offered(run, key)
    heads = (
        Head("Calibrator", name=True),
        Head("Log loss", "lower is better", numeric=True),
        Head("Gain", "95 % interval", numeric=True),
        Head("Verdict"),
    )
    as_is = ((esc("As it is"), f"{found.loss:.4f}", "–", ""), "")
    with st.expander("What was tried"):
        show.lede(
            f"On {found.n:,} rows, each calibrator fitted on the other folds. One is worth it when log loss falls by "
            f"more "
            "than three standard errors."
        )
        st.html(markup.table(heads, [as_is, *(_row(one) for one in found.tried)], caption="Calibrators"))


def _offered(run: RunCard, key: str) -> None:
    """The calibrated version: made on demand as a model of its own, then the way to it."""
    trials = [trial for trial in run.run.trials if trial.state == "done"]
    if any(trial.key == key and trial.all_rows for trial in trials):
        show.lede("Calibrate the model it comes from, and let that version learn from all rows.")
        return
    there = next((trial for trial in trials if trial.of == key and not trial.all_rows), None)
    if there is not None:
        show.lede(f"“{there.title}” stands beside the others on the leaderboard. {there.notes[0]}")
        if st.button("Open the calibrated model", key="open_calibrated", icon=":material/arrow_forward:"):
            session.choose(run=run.id, model=there.key)
            st.rerun()
        return
    job = jobs.latest("calibrate", run=run.id, key=key)
    if job is not None and (job.active or job.state == "failed"):
        jobs.follow(job, cancel=False)
        return
    if st.button(
        "Make the calibrated model",
        key="calibrate",
        icon=":material/tune:",
        help="The same model with the calibrator that helps most, learned from what it said about rows it had not "
        "seen. It becomes a model of its own on the leaderboard, scored with calibrators learned on other rows; this "
        "one stays as it is.",
    ):
        jobs.ask("calibrate", "Make the calibrated model", run=run.id, key=key)
        st.rerun()


def _row(one: Tried) -> tuple[tuple[str, ...], str]:
    name = f"{esc(TITLES[one.key])}<small>{esc(TERMS[one.key])}</small>"
    verdict = markup.chip("Helps", "ok") if one.helps else markup.chip("No gain beyond chance")
    gain = f"{one.gain:+.4f} ({one.low:+.4f} to {one.high:+.4f})".replace("-", "−")
    return (name, f"{one.loss:.4f}", gain, verdict), ""


def _applied(found: Calibrators) -> str:
    """What training did already."""
    if not found.powers and found.applied:
        return ""
    if not found.powers:
        return "Training found no sharpening or softening of probabilities that helps beyond chance: none is applied."
    many = found.members > 1
    sharper, softer = sum(one > 1 for one in found.powers), sum(one < 1 for one in found.powers)
    how = ["made sharper"] * bool(sharper) + ["made softer"] * bool(softer)
    powers = ", ".join(f"{one:.2f}" for one in found.powers[:6])
    who = f"Of {len(found.powers)} of its {found.members} members the probabilities" if many else "Its probabilities"
    return (
        f"{who} were {' or '.join(how)} in training (power {powers}), because then they fit better to rows the model "
        "had not seen."
    )


def _verdict(found: Calibrators) -> str:
    if found.why_not:
        return found.why_not
    if found.helpful is None:
        return "Another calibrator is not needed: on rows it was not fitted on, none lowers log loss beyond chance."
    best = next(one for one in found.tried if one.key == found.helpful)
    return (
        f"A calibrator would help: {TITLES[best.key].lower()} ({TERMS[best.key]}) lowers log loss from "
        f"{found.loss:.4f} to "
        f"{best.loss:.4f} on rows it was not fitted on. The order of rows, and so every curve above, stays the same."
    )

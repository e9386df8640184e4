"""The leaderboard page's parts: the verdict, the table, a closer look at one candidate."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from mlcore.evaluation.compare import Leaderboard
from mlcore.evaluation.metrics import METRICS, Metric
from mlcore.evaluation.selection import expected
from mlcore.evaluation.success import sentence, verdict
from mlcore.learning.models import MODELS
from mlcore.learning.plan import Candidate
from mlcore.workspace.store import RunCard
from pages.ui import board as table
from pages.ui import cache, charts, jobs, markup, session, show, words
from pages.ui.markup import Head, esc

ENSEMBLE, FAST = "blend", "compact"


def context(board: Leaderboard) -> str:
    """What was measured, and how."""
    metric = METRICS[board.metric]
    return (
        f"{len(board.scored)} models, ranked by {metric.term} ({metric.direction}) "
        f"in {board.measured} on {board.n:,} rows that each model had not seen."
    )


def advice(run: RunCard, board: Leaderboard) -> None:
    """The recommendation in words, and whether the agreed goal is reached."""
    if board.recommended is None or board.best is None:
        return
    metric = METRICS[board.metric]
    chosen, best = board[board.recommended], board[board.best]
    tied, alike = sum(row.tied for row in board.scored), sum(row.as_good for row in board.scored)
    if chosen.key != best.key:
        why = f"It is the simplest of the {alike} models that are as good as makes no difference; “{best.title}” leads."
    elif tied == 1:
        why = "It has the best score and no other is tied with it."
    elif alike == 1:
        why = "It has the best score; simpler ones that may be as good would on average give some of it away."
    else:
        why = "It has the best score, and is the simplest of those as good."
    score = f"{_with_unit(run, metric, chosen.score)} ({metric.direction})"
    if board.unbeaten:
        show.said(board.unbeaten, f"“{chosen.title}” has {score}.")
    else:
        show.said(f"Take “{chosen.title}”: {score}. {why} {_gain(run, board)}".strip())
    told = board.expected_of(board.recommended)
    if told is not None and told.of > 1:
        show.said(expected(told, metric))
    success = run.plan.goal.success if run.plan is not None else None
    if success is not None:
        show.said(_reached(board, success))


def _gain(run: RunCard, board: Leaderboard) -> str:
    """What the recommended model gains over the baseline, which is named with its own score."""
    row = board[board.recommended or ""]
    if row.gain is None or row.score is None or board.baseline is None or row.key == board.baseline:
        return ""
    metric, floor = METRICS[board.metric], board[board.baseline]
    said = f"The baseline, “{floor.title}”, has {_with_unit(run, metric, floor.score)}"
    if metric.shown(floor.score) == metric.shown(row.score):
        return f"{said}: no better is seen."
    by = f"{100 * abs(row.gain):.1f} percentage points" if metric.unit == "share" else metric.shown(abs(row.gain))
    word = "more" if row.score > (floor.score or 0.0) else "less"
    return f"{said}: this one has {by} {word}, which is {'better' if row.gain > 0 else 'worse'}."


def _with_unit(run: RunCard, metric: Metric, score: float | None) -> str:
    """A score with the name of its metric, and the unit of the target where the data dictionary has one."""
    unit = cache.target_unit(run) if metric.unit == "target" else ""
    return f"{metric.term} {metric.shown(score)}{f' {unit}' if unit else ''}"


def _reached(board: Leaderboard, success: float) -> str:
    """Whether the recommended model does what was agreed, by what to expect of it after the choice."""
    metric, row = METRICS[board.metric], board[board.recommended or ""]
    told = board.expected_of(board.recommended)
    low, high = (row.low, row.high) if told is None else (told.low, told.high)
    known = low is not None or high is not None
    return sentence(verdict(low, high, success, metric), success, metric, known=known)


def leaderboard(run: RunCard, board: Leaderboard) -> None:
    """All candidates as one table; a click on a name opens that model."""
    ids = {"table": run.dataset, "run": run.id}
    st.html(table.html(board, lambda key: "evaluate?" + urlencode({**ids, "model": key})))
    show.lede(
        "Click a model to see how good it is. "
        "Tied: the difference from the best could be chance (paired, corrected for the number of models). "
        "Over-fitted: better than the best model on its training rows, "
        "but more than half of that gain is lost on new ones. "
        "The thin line is the best score."
    )


def tradeoff(run: RunCard, board: Leaderboard) -> None:
    """What a slower or larger model buys, as a chart; nothing to see with one model."""
    if sum(row.ms_per_1000 is not None for row in board.scored) > 2:
        charts.panel(charts.draw("tradeoff", board), f"tradeoff_{run.id}")


def faster(run: RunCard, board: Leaderboard) -> None:
    """A fast version of the ensemble: made on demand, then what it gives up for what."""
    trials = {trial.key: trial for trial in run.run.trials if trial.state == "done"}
    if FAST in trials:
        show.lede(" ".join((f"“{trials[FAST].title}” keeps", *trials[FAST].notes)))
        return
    whole = trials.get(ENSEMBLE)
    if whole is None or whole.key not in [row.key for row in board.scored]:
        return
    job = jobs.latest("compact", run=run.id)
    if job is not None and (job.active or job.state == "failed"):
        jobs.follow(job, cancel=False)
        return
    if job is not None and job.state == "done":  # a member is as good alone: nothing was made
        show.lede(str(job.result["said"]))
        return
    show.lede(
        f"A fast version leaves out members of “{whole.title}” as long as the score stays within chance. It becomes a "
        "model of its own, quicker to predict with and smaller."
    )
    if st.button("Make a fast version", key="compact", icon=":material/bolt:"):
        jobs.ask("compact", "Make a fast version", run=run.id)
        st.rerun()


def choice(run: RunCard, board: Leaderboard) -> str:
    """The model to look at more closely; the recommended one unless the tab is at another."""
    keys = [row.key for row in board.scored]
    at = session.chosen().model
    start = at if at in keys else board.recommended or keys[0]
    titles = {row.key: row.title for row in board.scored}
    st.header("A closer look", anchor=False)
    key = st.selectbox(
        "Model", keys, index=keys.index(start), format_func=lambda one: titles[one], key=f"closer_{run.id}"
    )
    session.choose(run=run.id, model=key)
    return str(key)


def detail(run: RunCard, board: Leaderboard, key: str) -> None:
    """One candidate: folds, settings, members, notes."""
    row, metric = board[key], METRICS[board.metric]
    trial = next((one for one in run.run.trials if one.key == key), None)
    cells: list[tuple[str, object, str]] = [
        (
            metric.term[:1].upper() + metric.term[1:],
            metric.shown(row.score),
            f"{metric.shown(row.low)} to {metric.shown(row.high)}",
        ),
        ("On training rows", metric.shown(trial.train_score if trial else None), "how much it learned by heart"),
        ("Training", words.duration(row.fit_seconds), "all folds and the final fit"),
        ("1,000 rows", words.duration(row.ms_per_1000 / 1000) if row.ms_per_1000 is not None else "–", "to predict"),
        ("Size", words.megabytes(row.megabytes), ""),
    ]
    show.facts(*cells)
    if trial is None:
        return
    for note in trial.notes:
        show.lede(note)
    if trial.weights:
        _members(run, trial.weights)
    with st.expander("Scores by fold, and settings"):
        if trial.fold_scores:
            st.html("<p>" + " · ".join(esc(metric.shown(score)) for score in trial.fold_scores) + "</p>")
        candidate = cache.store().candidate(run.id, key)
        if candidate is not None:
            _settings(candidate)


def _settings(candidate: Candidate) -> None:
    """What it was set to, each setting by its title."""
    if not candidate.params:
        show.lede("Its settings are the defaults of its kind.")
        return
    known = MODELS[candidate.model].params if candidate.model in MODELS else ()
    titles = {param.key: param.title for param in known}
    rows = [((esc(titles.get(name, name)), esc(words.setting(value))), "") for name, value in candidate.params.items()]
    st.html(markup.table((Head("Setting"), Head("Value", numeric=True)), rows, caption="Settings"))


def _members(run: RunCard, weights: tuple[tuple[str, float], ...]) -> None:
    titles = {trial.key: trial.title for trial in run.run.trials}
    rows = [((esc(titles.get(key, key)), markup.bar(weight, words.share(weight))), "") for key, weight in weights]
    st.html(markup.table((Head("Member", name=True), Head("Weight")), rows, caption="Members of the ensemble"))

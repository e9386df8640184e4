"""The evaluation page's parts: the headline, the locked rows, a live threshold, the charts of the task."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from mlcore.evaluation.evaluation import Evaluation, Measure
from mlcore.evaluation.metrics import METRICS
from mlcore.workspace.store import RunCard
from pages.ui import again, cache, doubts, erring, fairness, jobs, segments, session, show, stress, tasks, words
from pages.ui.markup import esc


def context(run: RunCard, key: str) -> str:
    """Which model, for what."""
    about = f"“{cache.model_title(run.id, key)}”, predicting {cache.target_title(run)}."
    whole = again.version(run, key)
    return f"{about} {'Every number comes from rows it was not trained on.' if whole is None else again.basis(whole)}"


def choice(run: RunCard, key: str) -> str:
    """Another model of the same run."""
    done = {trial.key: trial.title for trial in run.run.trials if trial.state == "done"}
    keys = list(done)
    chosen = st.selectbox(
        "Model", keys, index=keys.index(key), format_func=lambda one: done[one], key=f"model_{run.id}", width=420
    )
    if chosen != key:
        session.choose(run=run.id, model=chosen)
        st.rerun()
    return str(chosen)


def evaluation(run: RunCard, key: str) -> Evaluation | None:
    """The evaluation of this model, measured on demand."""
    found = cache.store().evaluation(run.id, key)
    if found is not None:
        return found
    job = jobs.latest("evaluate", run=run.id, key=key)
    if job is None or job.state in ("cancelled", "done"):  # of a model that was made anew
        jobs.ask("evaluate", "Measure the model", run=run.id, key=key)
        job = jobs.asked("evaluate")
    if job is not None:
        jobs.follow(job, cancel=False)
    return None


def headline(made: Evaluation, run: RunCard) -> None:
    """The ranking metric first, then the others that need no threshold."""
    first = run.plan.goal.metric if run.plan is not None else ""
    shown = [one for one in made.measures if made.binary is None or not METRICS[one.key].uses_threshold]
    shown.sort(key=lambda one: one.key != first)
    repeated = f", each predicted {made.repeats:g} times" if made.repeats > 1 else ""
    show.lede(f"Measured in {made.measured} on {made.n:,} rows{repeated}, with 95 % intervals.")
    show.facts(*[_fact(one) for one in shown[:6]])
    for note in made.notes:
        show.lede(note)


def _fact(one: Measure) -> tuple[str, object, str]:
    metric = METRICS[one.key]
    name = one.term[:1].upper() + one.term[1:]
    return name, metric.shown(one.value), f"{metric.shown(one.low)} to {metric.shown(one.high)}, {metric.direction}"


def locked(run: RunCard, key: str) -> None:
    """The hold-out: closed until a person opens it, once, knowing what that means."""
    held = run.plan.validation.holdout if run.plan is not None else 0
    st.header("The locked rows", anchor=False)
    with st.container(border=True, key="card_locked"):
        if not held:
            show.lede(
                "No rows were locked away: the table is too small to spare any. The scores above are all there is."
            )
            return
        whole = again.version(run, key)
        if whole is not None:
            show.lede(f"{whole.knows_locked}. What they said is told with the model it comes from.")
            return
        result = cache.store().holdout(run.id, key)
        if result is not None:
            _opened(run, key, result)
            again.offered(run, key)
            return
        job = jobs.latest("open_holdout", run=run.id, key=key)
        if job is not None and (job.active or job.state == "failed"):
            jobs.follow(job, cancel=False)
            return
        _closed(run, key, held)


def _closed(run: RunCard, key: str, held: int) -> None:
    opened, before = cache.store().opened(run.id), cache.store().opened_before(run.id)
    so_far = "and have judged nothing yet" if not before else "but they have been opened for another run"
    words_about = (
        f"{held:,} rows were locked away before training {so_far}. Opening them gives one honest "
        "last number for the model you have decided on. Choosing another model afterwards would spoil it."
    )
    st.html(f"<p>{esc(words_about)}</p>")
    if before:
        show.lede(_before(before))
    if opened:
        names = ", ".join(f"“{cache.model_title(run.id, one)}”" for one in opened)
        show.lede(f"Already opened for {names}. A second opening is recorded, and its number is no longer untouched.")
    if st.button(f"I have decided: open the {held:,} locked rows", key="open_holdout", icon=":material/lock_open:"):
        jobs.ask("open_holdout", "Open the locked rows", run=run.id, key=key)
        st.rerun()


def _before(runs: Sequence[str]) -> str:
    count = words.count(len(runs), "other run")
    return f"The same rows were opened for {count} on this table. What was changed because of them flatters the number."


def _opened(run: RunCard, key: str, result: Evaluation) -> None:
    metric = METRICS[run.plan.goal.metric] if run.plan is not None else None
    earlier = cache.store().opened_before(run.id)
    cells = [_fact(one) for one in result.measures if result.binary is None or not METRICS[one.key].uses_threshold]
    if metric is not None and metric.key in result:
        one = result[metric.key]
        board = cache.store().leaderboard(run.id)
        before = next((row.score for row in board.rows if row.key == key), None) if board else None
        inside = before is not None and one.low is not None and one.high is not None and one.low <= before <= one.high
        better = before is not None and metric.gain(one.value, before) > 0
        said = "agrees with" if inside else "is better than in" if better else "is worse than in"
        by = "no model of this run was chosen by" if earlier else "nothing was chosen by"
        show.said(
            f"On {result.n:,} rows that {by}: {metric.shown(one.value)} {metric.term} "
            f"({metric.shown(one.low)} to {metric.shown(one.high)}). "
            f"That {said} cross-validation ({metric.shown(before)}).",
        )
        cells.sort(key=lambda cell: cell[0].lower() != metric.term.lower())
    show.facts(*cells[:5])
    if earlier:
        show.lede(_before(earlier))
    others = [other for other in cache.store().opened(run.id) if other != key]
    if others:
        show.lede(f"The locked rows were also opened for {words.count(len(others), 'other model')} of this run.")


def views(made: Evaluation, run: RunCard, key: str) -> None:
    """One view at a time; only the one that is open is made."""
    tabs = st.tabs(list(VIEWS), key=f"views_{run.id}", on_change="rerun")
    for show_view, tab in zip(VIEWS.values(), tabs, strict=True):
        if tab.open:
            with tab:
                show_view(made, run, key)


def _whole(made: Evaluation, run: RunCard, key: str) -> None:
    tasks.detail(made, run, key)
    tasks.worst(run, made)
    doubts.doubts(run)


VIEWS: dict[str, Callable[[Evaluation, RunCard, str], None]] = {
    "All rows": _whole,
    "Row by row": lambda made, run, key: erring.explorer(made, run, key),
    "Over time": lambda _made, run, key: erring.over_time(run, key),
    "Segments": lambda _made, run, key: segments.tab(run, key),
    "Fairness": lambda _made, run, key: fairness.tab(run, key),
    "Stress": lambda _made, run, key: stress.tab(run, key),
}

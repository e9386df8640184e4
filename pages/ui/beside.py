"""Two to four models of a run side by side: numbers, curves, folds, the rows they differ on, and their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pandas as pd
import streamlit as st

from mlcore.evaluation.beside import MOST, Beside, Line, Score
from mlcore.evaluation.compare import Leaderboard
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.resampled import over_folds
from mlcore.learning.beside import ROWS
from mlcore.learning.plan import Plan
from mlcore.workspace.store import RunCard
from pages.ui import cache, charts, files, jobs, markup, show, words
from pages.ui.markup import Head, esc

FIRST = 5
"""Metrics that are always in view; the others are folded."""

LISTED = 10
FOLDED_METHODS = ("folds", "repeated folds", "group folds")
"""Ways of judging in which every fold is learned from as many rows as any other."""


def section(run: RunCard, board: Leaderboard) -> None:
    """Choose models, have them compared, and see what came of it."""
    if len(board.scored) < 2:
        return
    st.header("Side by side", anchor=False)
    keys = _chosen(run, board)
    if len(keys) < 2:
        show.lede(f"Choose two to {MOST} models.")
        return
    made = cache.store().beside(run.id, keys)
    if made is None:
        _ask(run, keys)
        return
    titles = {row.key: row.title for row in board.scored}
    show.said(*_readings(made, titles))
    _numbers(board, made, titles)
    _curves(run, made, titles)
    _folds(run, made, titles)
    _rows(run, made, titles)
    _reasons(run, made, titles)


def _chosen(run: RunCard, board: Leaderboard) -> tuple[str, ...]:
    """The models by rank, but the recommended one first: from that one differences are counted."""
    keys = [row.key for row in board.scored]
    first = board.recommended or keys[0]
    usual = [first, next(key for key in (board.best, *keys) if key is not None and key != first)]
    titles = {row.key: row.title for row in board.scored}
    chosen = st.multiselect(
        "Models to compare", keys, default=usual, max_selections=MOST, format_func=lambda key: titles[key],
        key=f"beside_{run.id}", help=f"Two to {MOST}. Differences are counted from the first.",
    )  # fmt: skip
    return tuple(sorted(chosen, key=lambda key: (key != first, keys.index(key))))


def _ask(run: RunCard, keys: Sequence[str]) -> None:
    job = jobs.latest("beside", run=run.id, keys=list(keys))
    if job is not None and (job.active or job.state == "failed"):
        jobs.follow(job, cancel=False)
        return
    if st.button(f"Compare these {len(keys)} models", key="ask_beside", icon=":material/compare_arrows:"):
        jobs.ask("beside", "Compare models", run=run.id, keys=list(keys))
        st.rerun()


def _readings(made: Beside, titles: dict[str, str]) -> list[str]:
    """How alike they are, and who is right where they are not."""
    names = [f"“{titles[key]}”" for key in made.keys]
    they = " and ".join(names) if len(names) == 2 else f"These {len(names)} models"
    if made.alike is None:
        alike = (
            f"For half of the {made.n:,} rows the numbers of {they} differ by at most {words.number(made.distance, 3)}."
        )
        said = [alike]
    else:
        said = [f"{they} give the same answer for {words.share(made.alike, 1)} of {made.n:,} rows."]
    if made.together is not None:
        said[0] += f" They order rows with a rank correlation of {made.together:.2f} (1 is the same order)."
    if made.right:
        shares = ", ".join(f"{name} in {words.share(share)}" for name, share in zip(names, made.right, strict=True))
        said.append(f"Where answers differ, these are right: {shares} of such rows.")
    return [*said, *made.notes]


def _numbers(board: Leaderboard, made: Beside, titles: dict[str, str]) -> None:
    """Every metric with its interval, how it differs from the first model, and what the models cost."""
    ranking = [line for line in made.lines if line.metric == board.metric]
    lines = [*ranking, *(line for line in made.lines if line.metric != board.metric)]
    heads = (Head("Measured", name=True), *(Head(titles[key]) for key in made.keys))
    shown = [(_line(line), "") for line in lines[:FIRST]]
    costs = [
        ("Training", [words.duration(board[key].fit_seconds) for key in made.keys]),
        ("1,000 rows, to predict", [_speed(board[key].ms_per_1000) for key in made.keys]),
        ("Size", [words.megabytes(board[key].megabytes) for key in made.keys]),
    ]
    shown += [((f"<b>{esc(name)}</b>", *map(esc, cells)), "") for name, cells in costs]
    st.html(markup.table(heads, shown, caption="Models side by side", stacked=True))
    if len(lines) > FIRST:
        more = markup.table(heads, [(_line(line), "") for line in lines[FIRST:]], caption="More metrics", stacked=True)
        st.html(markup.folded(words.count(len(lines) - FIRST, "more metric"), more))
    show.lede(
        f"Measured in {made.measured} on {made.n:,} rows, with 95 % intervals. Differences are paired: all models are "
        "drawn on the same rows. “Could be chance” is corrected for the number of models, each metric for itself."
    )


def _line(line: Line) -> tuple[str, ...]:
    metric = METRICS[line.metric]
    name = f"<b>{esc(metric.term[:1].upper() + metric.term[1:])}</b><small>{esc(metric.direction)}</small>"
    first, *others = [_cell(line.metric, score, place) for place, score in enumerate(line.scores)]
    return (f'<span title="{esc(metric.help)}">{name}</span>', first, *others)


def _cell(key: str, score: Score, place: int) -> str:
    metric = METRICS[key]
    bounds = f"{metric.shown(score.low)} to {metric.shown(score.high)}"
    said = f"<b>{esc(metric.shown(score.value))}</b><small>{esc(bounds)}</small>"
    if place == 0:
        return said
    said += f"<small>{esc(_differs(key, score))}</small>"
    if score.tied or score.difference == 0:
        return said + markup.chip("Could be chance")
    better = metric.gain(score.difference, 0.0) > 0
    return said + markup.chip("Better" if better else "Worse", "ok" if better else "watch")


def _differs(key: str, score: Score) -> str:
    """The paired difference from the first model with its interval."""
    low, high = score.difference_low, score.difference_high
    if low is None or high is None:
        return f"differs by {_signed(key, score.difference)}"
    return f"differs by {_signed(key, score.difference)} ({_signed(key, low)} to {_signed(key, high)})"


def _signed(key: str, value: float) -> str:
    metric = METRICS[key]
    size = metric.shown(abs(value))
    sign = "±" if size == metric.shown(0.0) else "−" if value < 0 else "+"
    return f"{sign}{size.replace(' %', ' points')}"


def _speed(milliseconds: float | None) -> str:
    return "–" if milliseconds is None else words.duration(milliseconds / 1000)


def _curves(run: RunCard, made: Beside, titles: dict[str, str]) -> None:
    found = [(titles[key], cache.store().evaluation(run.id, key)) for key in made.keys]
    named = [(title, one) for title, one in found if one is not None]
    if len(named) < len(made.keys):
        return
    name = f"beside_{run.id}"
    with st.expander("Curves", icon=":material/show_chart:"):
        if made.task == "regression":
            charts.panel(charts.draw("predicted_actual_beside", named), f"{name}_points")
            return
        label = _label(named, name)
        charts.pair(*(charts.draw(chart, named, label) for chart in ("roc_beside", "precision_recall_beside")), name)
        charts.panel(charts.draw("calibration_beside", named), f"{name}_calibration")


def _label(named: Sequence[tuple[str, Evaluation]], name: str) -> str | None:
    """Of several labels the one whose curves are shown; None where there are two."""
    detail = named[0][1].multiclass
    able = [one for one in detail.by_label if one.roc is not None] if detail is not None else []
    if not able:
        return None
    worst_first = [one.label for one in sorted(able, key=lambda one: one.roc_auc or 0.0)]
    return st.selectbox(
        "One label against the rest", worst_first, key=f"{name}_label", width=420,
        help="The label that the first model tells worst from the others comes first (lowest ROC AUC).",
    )  # fmt: skip


def _folds(run: RunCard, made: Beside, titles: dict[str, str]) -> None:
    scores = {trial.key: trial.fold_scores for trial in run.run.trials}
    named = [(titles[key], scores.get(key, ())) for key in made.keys]
    if run.plan is None or not all(len(one) for _, one in named):
        return
    with st.expander("Fold by fold", icon=":material/view_week:"):
        _by_fold(run, run.plan, named)


def _by_fold(run: RunCard, plan: Plan, named: Sequence[tuple[str, tuple[float, ...]]]) -> None:
    metric = METRICS[plan.goal.metric]
    charts.panel(charts.draw("folds", metric.key, named), f"folds_{run.id}")
    if plan.validation.method not in FOLDED_METHODS:
        return
    first = named[0]
    for title, other in named[1:]:
        told = over_folds(first[1], other, 1 / max(1, plan.validation.folds - 1))
        if told is not None:
            low, high = (_signed(metric.key, bound) for bound in (told.low, told.high))
            show.lede(
                f"Trained again on other rows, “{title}” would differ from “{first[0]}” by {low} to {high} "
                f"{metric.term} (95 %, from {told.folds} folds; corrected for the rows that folds share). So few tell "
                "little: rely on the table above."
            )


def _rows(run: RunCard, made: Beside, titles: dict[str, str]) -> None:
    """The rows on which they are farthest apart, with the user's own columns."""
    with st.expander("Where they differ most", icon=":material/difference:"):
        _differing(run, made, titles)


def _differing(run: RunCard, made: Beside, titles: dict[str, str]) -> None:
    if not made.apart:
        show.lede("They say the same of every row.")
        return
    frame = _listed(run, made, titles)
    st.dataframe(frame.head(LISTED), hide_index=True, key=f"apart_{run.id}", placeholder="(empty)")
    show.lede(
        f"{words.count(len(made.apart), 'row')} of {made.n:,}, the farthest apart first; row 1 is the first below the "
        "header. " + ("" if made.task == "regression" else "Behind each answer stands its probability.")
    )
    files.table_button(frame, "Where models differ", f"apart_{run.id}")


def _listed(run: RunCard, made: Beside, titles: dict[str, str]) -> pd.DataFrame:
    numbers = pd.array(cache.row_numbers(run, [one.row for one in made.apart]), dtype="Int64")
    frame = pd.DataFrame({"Row": numbers, "Truth": [one.truth for one in made.apart]})
    for place, key in enumerate(made.keys):
        said = [
            one.said[place] if made.task == "regression" else f"{one.said[place]} · {words.share(one.values[place])}"
            for one in made.apart
        ]
        name = titles[key] if titles[key] not in frame else f"{titles[key]} ({place + 1})"
        frame[name] = said
    path = cache.store().beside_place(run.id, made.keys) / ROWS
    if path.is_file():
        table = _stored(str(path), path.stat().st_mtime).rename(columns=cache.titles_of(run))
        frame = pd.concat([frame, table.iloc[:, 1:].reset_index(drop=True)], axis=1)
        frame.columns = _unlike([str(name) for name in frame.columns])
    return frame


def _unlike(names: Sequence[str]) -> list[str]:
    """Names no two of which are the same."""
    seen: dict[str, int] = {}
    made = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        made.append(name if seen[name] == 1 else f"{name} [{seen[name]}]")
    return made


@st.cache_data(max_entries=8, show_spinner=False)
def _stored(path: str, made: float) -> pd.DataFrame:
    del made
    return pd.read_parquet(Path(path))


def _reasons(run: RunCard, made: Beside, titles: dict[str, str]) -> None:
    """Whether they say so for the same reasons, for every two of them that are explained."""
    with st.expander("Do they agree on why?", icon=":material/lightbulb:"):
        _agreeing(run, made, titles)


def _agreeing(run: RunCard, made: Beside, titles: dict[str, str]) -> None:
    folders = {key: cache.store().explanation_folder(run.id, key) for key in made.keys}
    known = {key: cache.explanation(str(folder), folder.stat().st_mtime) for key, folder in folders.items() if folder}
    rows = [(_agreement(run, titles, pair), "") for pair in combinations(known, 2)]
    shown = [(cells, css) for cells, css in rows if cells]
    if shown:
        heads = (
            Head("Models", name=True),
            Head("Column order", "rank correlation, 1 is equal"),
            Head("Single rows", "middle rank correlation"),
            Head("Most important"),
            Head("Farthest apart"),
        )
        st.html(markup.table(heads, shown, caption="Agreement of explanations", stacked=True))
    _explain_rest(run, [key for key in made.keys if key not in known])


def _agreement(run: RunCard, titles: dict[str, str], pair: tuple[str, str]) -> tuple[str, ...]:
    from mlcore.explanation.agreement import agreement

    one, other = (cache.store().explanation_folder(run.id, key) for key in pair)
    assert one is not None
    assert other is not None
    found = agreement(*(cache.explanation(str(folder), folder.stat().st_mtime) for folder in (one, other)))
    if found is None:
        return ()
    title = cache.titles_of(run)
    apart = "–"
    if found.apart is not None:
        name, mine, theirs = found.apart
        apart = f"{title.get(name, name)}: place {mine} and {theirs} of {found.columns}"
    return (
        f"<b>{esc(titles[pair[0]])}</b> and <b>{esc(titles[pair[1]])}</b>",
        "–" if found.order is None else f"{found.order:.2f}",
        "–" if found.rows is None else f"{found.rows:.2f} <small>{found.n:,} rows</small>",
        esc(f"{found.shared} of the {found.top} first are the same"),
        esc(apart),
    )


def _explain_rest(run: RunCard, missing: Sequence[str]) -> None:
    if not missing:
        return
    for key in missing:
        job = jobs.latest("explain", run=run.id, key=key)
        if job is not None and (job.active or job.state == "failed"):
            jobs.follow(job, cancel=False)
            return
    if st.button("Explain them to find out", key="explain_beside", icon=":material/lightbulb:"):
        for key in missing:
            jobs.ask("explain", "Explain the model", run=run.id, key=key)
        st.rerun()

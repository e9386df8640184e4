"""The evaluation's views of all rows, by task: a live threshold, labels, residuals, calibration."""

from __future__ import annotations

import streamlit as st

from mlcore.data.row_numbers import row_named
from mlcore.evaluation.confused import confused, sentence
from mlcore.evaluation.evaluate import suggested_threshold
from mlcore.evaluation.evaluation import BinaryDetail, Counts, Evaluation
from mlcore.evaluation.stated import share
from mlcore.workspace import erring
from mlcore.workspace.store import RunCard
from pages.ui import cache, calibrating, charts, markup, session, show, words
from pages.ui.closer import look
from pages.ui.markup import Head, esc


def detail(made: Evaluation, run: RunCard, key: str) -> None:
    """The charts of the task."""
    at = f"{run.id}_{key}"
    if made.binary is not None:
        _binary(made, made.binary, run, key)
    elif made.multiclass is not None:
        _labels(made, at)
    elif made.regression is not None:
        _numbers(made, run, key)
    if made.task != "regression":
        calibrating.section(made, run, key)


def chosen_threshold(made: Evaluation, run: RunCard, key: str) -> float:
    """The threshold that this tab looks at: that of the slider, at first of the saved decision rule, or the best F1."""
    assert made.binary is not None
    usual = ruled_threshold(run, key)
    usual = suggested_threshold(made.binary) if usual is None else usual
    return float(session.recall(f"threshold_{run.id}_{key}", round(min(max(usual, 0.01), 0.99), 2)))


def ruled_threshold(run: RunCard, key: str) -> float | None:
    """The threshold of the decision rule that a person saved for this model; None when nobody did."""
    return cache.store().policy(run.id, key).threshold if cache.store().policy_mark(run.id, key) else None


def _binary(made: Evaluation, detail: BinaryDetail, run: RunCard, key: str) -> None:
    at = f"{run.id}_{key}"
    if detail.roc is None:
        label = detail.positive if detail.prevalence else detail.negative
        show.said(
            f"All {made.n:,} rows are “{label}”: whether the model tells the two outcomes apart cannot be seen from "
            f"them. "
            "Curves and thresholds need rows of both."
        )
        charts.panel(charts.drawn("score_distribution", made), f"scores_{at}")
    elif len(detail.roc.x) <= 2:
        show.said(
            f"The model gives all {made.n:,} rows the same probability: any threshold calls all of them yes or none, "
            f"so "
            "there is no curve to choose from. Take another model, or bring columns that tell rows apart."
        )
    else:
        _threshold(made, detail, run, key)


@st.fragment
def _threshold(made: Evaluation, detail: BinaryDetail, run: RunCard, key: str) -> None:
    """One slider; everything that depends on the threshold lies in this fragment and moves with it."""
    n, at = made.n, f"{run.id}_{key}"
    st.header("From which probability on is it a yes?", anchor=False)
    with st.container(border=True, key="card_threshold"):
        usual, ruled = suggested_threshold(detail), ruled_threshold(run, key)
        left, right = st.columns([1, 1], gap="large")
        with left:
            st.session_state.setdefault(f"threshold_{at}", chosen_threshold(made, run, key))
            threshold = st.slider(
                "Threshold",
                min_value=0.01,
                max_value=0.99,
                step=0.01,
                key=f"threshold_{at}",
                help=f"{_starts(usual, ruled)} Every chart and number down to the score distribution moves with it, "
                "and so do the false alarms and misses of the view row by row.",
            )
            session.remember(f"threshold_{at}", threshold)
            if ruled is not None:
                show.lede(_against_rule(ruled, threshold))
            counts = detail.at(threshold)
            st.html(_matrix(detail, counts))
        with right:
            show.facts(
                ("Right when it says yes", words.share(counts.precision, 1), "precision"),
                ("Yes cases found", words.share(counts.recall, 1), "recall"),
                ("Rows called yes", words.share(counts.flagged, 1), f"{counts.tp + counts.fp:,.0f} of {n:,}"),
                ("F1", f"{counts.f1:.3f}", "balance of the two"),
                ("Balanced accuracy", words.share(counts.balanced_accuracy, 1), "mean over both answers"),
                (
                    "Accuracy",
                    words.share(counts.accuracy, 1),
                    f"always the commoner answer: {words.share(max(detail.prevalence, 1 - detail.prevalence), 1)}",
                ),
            )
        charts.panel(charts.drawn("thresholds", made, threshold=threshold), f"thresholds_{at}", card=False)
    st.header("Ranking and probabilities", anchor=False)
    charts.pair(*(charts.drawn(chart, made, threshold=threshold) for chart in ("roc", "precision_recall")), at)
    charts.pair(*(charts.drawn(chart, made, threshold=threshold) for chart in ("lift", "score_distribution")), at)


def _starts(usual: float, ruled: float | None) -> str:
    highest = f"F1, the balance of finding and being right, is highest at {usual:.2f}."
    return f"Starts there: {highest}" if ruled is None else f"Starts at the threshold of the saved rule. {highest}"


def _against_rule(ruled: float, threshold: float) -> str:
    """What the saved rule has to do with the threshold that is looked at."""
    if ruled > 1:
        return "The decision rule in use never says yes."
    same = abs(ruled - threshold) <= 0.005
    here = "what is in use, without its rules and cases for a person" if same else "not what is in use"
    return f"The decision rule in use says yes from {share(ruled)}: this is {here}."


def _matrix(detail: BinaryDetail, counts: Counts) -> str:
    def cell(css: str, value: float, said: str) -> str:
        return f'<div class="{css}"><strong>{value:,.0f}</strong><small>{esc(said)}</small></div>'

    yes, no = f"<b>{esc(detail.positive)}</b>", f"<b>{esc(detail.negative)}</b>"
    rows = (
        f'<div class="head"></div><div class="head">says {yes}</div><div class="head">says {no}</div>',
        f'<div class="head">is {yes}</div>' + cell("right", counts.tp, "found") + cell("wrong", counts.fn, "missed"),
        f'<div class="head">is {no}</div>' + cell("wrong", counts.fp, "false alarms"),
        cell("right", counts.tn, "left alone"),
    )
    return f'<div class="ts-matrix" role="group" aria-label="Confusion matrix">{"".join(rows)}</div>'


def _labels(made: Evaluation, at: str) -> None:
    st.header("Which labels are confused", anchor=False)
    pairs = confused(made)
    show.said(
        *(sentence(pair) for pair in pairs) if pairs else ("Every answer is right: no label is taken for another.",)
    )
    _by_label(made)
    charts.pair(charts.drawn("confusion", made), charts.drawn("top", made), at)
    _one_label(made, at)


@st.fragment
def _one_label(made: Evaluation, at: str) -> None:
    """One label against the rest, of one's choice."""
    assert made.multiclass is not None
    st.header("One label against the rest", anchor=False)
    able = [one for one in made.multiclass.by_label if one.roc is not None]
    if not able:
        show.lede("No label has a curve: all rows have the same label, or this was measured by an earlier version.")
        return
    worst_first = sorted(able, key=lambda one: one.roc_auc or 0.0)
    label = st.selectbox(
        "Label", [one.label for one in worst_first], key=f"label_{at}", width=420,
        help="The label that is told worst from the others comes first (lowest ROC AUC).",
    )  # fmt: skip
    charts.pair(charts.drawn("label_roc", made, label=label), charts.drawn("label_pr", made, label=label), at)


def _by_label(made: Evaluation) -> None:
    assert made.multiclass is not None
    heads = (
        Head("Label", name=True),
        Head("Rows", numeric=True),
        Head("Found", "recall"),
        Head("Right when said", "precision"),
        Head("F1", numeric=True),
    )
    rows = [
        (
            (
                esc(one.label),
                f"{one.n:,.0f}",
                markup.bar(one.recall, words.share(one.recall)),
                markup.bar(one.precision, words.share(one.precision)),
                f"{one.f1:.3f}",
            ),
            "",
        )
        for one in made.multiclass.by_label
    ]
    st.html(markup.table(heads, rows, caption="Scores by label", stacked=True))


def _numbers(made: Evaluation, run: RunCard, key: str) -> None:
    assert made.regression is not None
    at = f"{run.id}_{key}"
    st.header("Predicted against actual", anchor=False)
    unit = cache.target_unit(run)
    said = {0.5: "Half of the rows", 0.9: "Nine of ten", 0.95: "19 of 20", 0.99: "99 of 100", 1.0: "All rows"}
    cells = [
        (said[share], f"± {words.number(error)}{f' {unit}' if unit else ''}", "or closer to the truth")
        for share, error in made.regression.error_quantiles
        if share in said
    ]
    show.facts(*cells)
    charts.pair(charts.drawn("predicted_actual", made), charts.drawn("residuals", made), at)
    charts.panel(charts.drawn("bands", made), f"bands_{at}")
    _against(run, key)


@st.fragment
def _against(run: RunCard, key: str) -> None:
    """Residuals along a column of one's choice."""
    st.header("Residuals against a column", anchor=False)
    found = look(
        lambda store: erring.read_rows(store, run.id, key), run, key, "rows", "Lay the rows beside what was said"
    )
    if found is None:
        return
    if not found.residual_columns:
        show.lede("No column of this table parts the rows: all are identifiers, constants or long texts.")
        return
    titles = cache.titles_of(run)
    column = st.selectbox(
        "Column", found.residual_columns, format_func=lambda name: titles.get(name, name),
        key=f"against_{run.id}_{key}", width=420,
        help="Any column of your table, also one that the model does not see. A residual is the true value minus the "
        "prediction; where its mean leaves 0, the model has not learned something from the column.",
    )  # fmt: skip
    made = look(
        lambda store: erring.read_against(store, run.id, key, column),
        run, key, "against", "Lay residuals along the column", {"column": column},
    )  # fmt: skip
    if made is not None:
        charts.panel(charts.drawn("residuals_against", made, titles.get(column)), f"against_chart_{run.id}_{key}")


def worst(run: RunCard, made: Evaluation) -> None:
    """The rows it got most wrong."""
    if not made.worst:
        return
    regression = made.task == "regression"
    heads = (
        Head("Row", numeric=True),
        Head("Truth"),
        Head("Said"),
        Head("Error" if regression else "Probability not given to the truth", numeric=True),
    )
    numbers = cache.row_numbers(run, [miss.row for miss in made.worst[:10]])
    rows = [
        (
            (
                row_named(number, miss.row),
                esc(miss.truth),
                esc(miss.said),
                words.number(miss.error) if regression else words.share(miss.error, 1),
            ),
            "",
        )
        for miss, number in zip(made.worst[:10], numbers, strict=True)
    ]
    with st.expander("The rows it got most wrong"):
        show.lede(
            "The view “Row by row” has them with their columns, and says why: wrong outcomes and odd cases collect "
            "here. "
            "Row 1 is the first below the header."
        )
        st.html(markup.table(heads, rows, caption="Worst rows"))

"""The words that go with a bundle: the model card, the README and the MLflow description. Facts only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from mlcore.data.amounts import compact, percent
from mlcore.data.schema import Column
from mlcore.evaluation import fairness_told
from mlcore.evaluation.evaluation import Evaluation, Measure
from mlcore.evaluation.fairness import Fairness
from mlcore.findings import Finding
from mlcore.handoff import cardhead
from mlcore.handoff.markdown import code, plain
from mlcore.handoff.yamltext import as_yaml
from mlcore.learning.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known about a model when it is handed over. `rows` it learned from; `ingredients` names its members,
    averaged or, when `stacked`, put together by a second layer; `plugins` the files of plug-ins that travel with it.
    `policy` says, sentence by sentence, what is done with its answers, and `compared` how groups are treated, as far as
    somebody looked. `expected` says what to expect of it after it was chosen among others; empty when it was neither
    the best nor the recommended one. `rests_on` says what its numbers rest on when it has learned from the locked rows
    too; empty for other models.
    """

    title: str
    rows: int
    columns: tuple[Column, ...]
    labels: tuple[str, ...] = ()
    ingredients: tuple[str, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    findings: tuple[Finding, ...] = ()
    made: str = ""
    run: str = ""
    product: str = ""
    expected: str = ""
    recipe: tuple[str, ...] = ()
    points: tuple[tuple[str, str, int], ...] = ()
    plugins: tuple[str, ...] = ()
    stacked: bool = False
    policy: tuple[str, ...] = ()
    compared: tuple[Fairness, ...] = ()
    rests_on: str = ""


def model_card(plan: Plan, facts: Facts) -> str:
    """The model card, in Markdown: what it predicts, from what, how well, and what it does not know.

    Its fields are those of Mitchell et al., "Model cards for model reporting" (FAT* 2019); its head is what Hugging
    Face reads.
    """
    parts = [
        cardhead.head(plan, facts),
        f"# {plain(facts.title)}: {plain(plan.goal.target)}",
        _made(plan, facts),
        "## What it is for\n\n" + _purpose(plan),
        "## How well it works\n\n" + _measures(facts),
        "## How its answers are acted on\n\n" + _policy(facts),
        "## Whether groups are treated alike\n\n" + _compared(facts),
        "## What it learned from\n\n" + _data(plan, facts),
        "## What it reads\n\n" + _columns(facts.columns),
        *_recipe(facts),
        *_points(facts),
        "## What to know before using it\n\n" + _limits(plan, facts),
    ]
    return "\n\n".join(parts) + "\n"


def readme(plan: Plan, facts: Facts) -> str:
    """How an engineer scores a file, checks the copy and reads the folder."""
    outputs = _outputs(plan, facts)
    recipe = (_RECIPE if facts.recipe else "") + (_PLUGINS if facts.plugins else "")
    rests_on = f"\n{plain(facts.rests_on)}\n" if facts.rests_on else ""
    title, target = plain(facts.title), plain(plan.goal.target)
    return _README.format(title=title, target=target, outputs=outputs, recipe=recipe, rests_on=rests_on)


def mlmodel(facts: Facts, versions: Mapping[str, str], python: str) -> str:
    """The `MLmodel` file: lets `mlflow.pyfunc.load_model` open the folder. JSON, which is YAML too.

    Every column is declared `any`: an integer where a number is expected must not be refused by MLflow; scoring.py
    names missing columns itself.
    """
    inputs = [{"name": column.name, "type": "any", "required": True} for column in facts.columns]
    described = {
        "flavors": {
            "python_function": {
                "loader_module": "predict",
                "code": ".",
                "data": ".",
                "python_version": python,
                "env": {"virtualenv": "python_env.yaml"},
            }
        },
        "model_uuid": facts.run,
        "utc_time_created": facts.made.replace("T", " ").removesuffix("+00:00"),
        "signature": {"inputs": json.dumps(inputs, ensure_ascii=False)},
        "metadata": {"product": facts.product, "skops": versions.get("skops", "")},
    }
    return as_yaml(described, indent=1) + "\n"


def _recipe(facts: Facts) -> tuple[str, ...]:
    """What is done to a raw row before the model sees it; nothing when there is no recipe."""
    if not facts.recipe:
        return ()
    lines = "\n".join(map(plain, facts.recipe))
    return (f"## What is done to a row first\n\nRows come as they are above; `replay.py` does this:\n\n{lines}",)


def _points(facts: Facts) -> tuple[str, ...]:
    """The table of a scorecard; nothing for other models."""
    if not facts.points:
        return ()
    lines = [f"| {plain(column)} | {plain(values)} | {points} |" for column, values, points in facts.points]
    table = "\n".join(["| column | value | points |", "|---|---|---|", *lines])
    return (f"## The points\n\nAdd up one line for each column; the more points, the likelier.\n\n{table}",)


def _made(plan: Plan, facts: Facts) -> str:
    what = {
        "binary": f"Predicts whether **{plain(plan.goal.target)}** is **{plain(plan.goal.positive or '')}**",
        "multiclass": f"Predicts which of {len(facts.labels)} labels **{plain(plan.goal.target)}** has",
        "regression": f"Predicts the value of **{plain(plan.goal.target)}**, with a 90 % interval",
    }[plan.goal.task]
    made = f"Made with {facts.product} on {facts.made[:10]}, run {facts.run}, plan {plan.id}, seed {plan.seed}."
    how = "A second layer learned to put together" if facts.stacked else "A weighted average of"
    members = f" {how}: {', '.join(map(plain, facts.ingredients))}." if facts.ingredients else ""
    return f"{what}.{members} {made}"


def _purpose(plan: Plan) -> str:
    """What people agreed before anything was trained."""
    goal = plan.goal
    success = "not agreed" if goal.success is None else f"{goal.metric} of {goal.success:.4g}"
    said = {"Intended use": goal.purpose, "Not to be used for": goal.not_for, "Asked for by": goal.owner}
    lines = [f"- {field}: {plain(text) if text else 'not stated'}" for field, text in said.items()]
    return "\n".join([*lines, f"- Good enough from: {success}"])


def _policy(facts: Facts) -> str:
    return "\n".join(f"- {plain(sentence)}" for sentence in facts.policy) or "Nothing was said about that."


def _compared(facts: Facts) -> str:
    """What was found when somebody compared groups; that nobody did, where nobody did."""
    if not facts.compared:
        return (
            "Nobody compared groups of rows before this model was handed over. Where people are concerned, do: the "
            "Segments and Fairness views of the Evaluate page, or any tool that compares errors between groups."
        )
    parts = []
    for made in facts.compared:
        lines = [f"- {plain(fairness_told.sentence(made, aspect.key))}" for aspect in made.aspects]
        by = " and ".join(map(plain, made.columns))
        parts.append("\n".join([f"By {by}, on {made.n:,} rows ({made.measured}):", "", *lines]))
    return "\n\n".join([*parts, fairness_told.CAUTION])


def _measures(facts: Facts) -> str:
    if not facts.evaluations:
        return "Nothing was measured."
    lines = ["| measure | value | 95 % interval | better is | measured on |", "|---|---|---|---|---|"]
    for evaluation in facts.evaluations:
        basis = f"{evaluation.measured}, {evaluation.n:,} rows"
        lines += [f"{_measure(measure)} | {basis} |" for measure in evaluation.measures]
    said = [plain(sentence) for sentence in (facts.expected, facts.rests_on) if sentence]
    return "\n".join([*lines, *(line for sentence in said for line in ("", sentence))])


def _measure(measure: Measure) -> str:
    low, high = ("?" if bound is None else f"{bound:.4g}" for bound in (measure.low, measure.high))
    better = "higher" if measure.higher_is_better else "lower"
    return f"| {plain(measure.title)} ({plain(measure.term)}) | {measure.value:.4g} | {low} to {high} | {better}"


def _data(plan: Plan, facts: Facts) -> str:
    check = plan.validation
    held = f"{check.holdout:,} rows were locked away" if check.holdout else "No rows were locked away"
    reason = check.reason[:1].upper() + check.reason[1:].rstrip(".")
    lines = [
        f"- {facts.rows:,} rows; SHA-256 of the table's file: `{plan.fingerprint}`",
        f"- Judged by {check.method} ({check.folds} parts, {check.repeats} times); {held}. {reason}.",
    ]
    if facts.rests_on:
        lines.append("- The locked rows are among those it learned from: once they had judged it, it was fitted again.")
    if plan.goal.exclude:
        lines.append("- Columns it was not shown: " + ", ".join(map(plain, plan.goal.exclude)) + ".")
    return "\n".join(lines)


def _columns(columns: tuple[Column, ...]) -> str:
    lines = ["| column | what it is | kind | missing in the data | range or examples |", "|---|---|---|---|---|"]
    lines += [
        f"| {plain(c.name)} | {_said(c)} | {c.kind} | {percent(c.missing, 1)} | {_span(c)} |" for c in columns[:200]
    ]
    more = f"\n\nand {len(columns) - 200} more, see schema.json." if len(columns) > 200 else ""
    return "\n".join(lines) + more


def _said(column: Column) -> str:
    """What the data dictionary says about a column."""
    called = column.titled if column.label else f"in {column.unit}" if column.unit else ""
    return plain(": ".join(part for part in (called, column.meaning) if part))


def _span(column: Column) -> str:
    if column.categories:
        return ", ".join(map(plain, column.categories[:5]))
    if column.low is None or column.high is None or column.storage == "datetime":
        return plain(column.example)
    return f"{compact(column.low, 6)} to {compact(column.high, 6)}"


def _limits(plan: Plan, facts: Facts) -> str:
    lines = [
        "- It says what is associated with the target in this data, not what would happen if a value were changed.",
        "- Rows outside of the ranges and categories above are scored and flagged; trust them less.",
        "- The bundle contains training rows (golden/, background.parquet): hand it on as you would the data.",
    ]
    if not plan.validation.holdout:
        lines.append("- Nothing was held out, so the measures come from the data that the model was chosen on.")
    lines += [f"- {plain(finding.title)}: {plain(finding.what)} {plain(finding.remedy)}" for finding in facts.findings]
    return "\n".join(lines)


def _outputs(plan: Plan, facts: Facts) -> str:
    if plan.goal.task == "regression":
        return "`prediction`, `low`, `high` (in nine of ten cases the truth is between them)"
    return "`prediction` and " + ", ".join(code(f"probability_{label}") for label in facts.labels)


_RECIPE = """| `recipe.json`, `replay.py`, `formula.py`, `lookups/` | what is done to a row before the model sees it |
"""
_PLUGINS = """| `plugins/` | code that defines the model itself; it runs when the model is loaded |
"""
_README = """# {title}: {target}

Everything needed to score rows without the tool that made this model.
{rests_on}
    python -m venv .venv && .venv/bin/pip install -r requirements.txt
    .venv/bin/python predict.py rows.csv predictions.csv     # or .parquet, .json
    .venv/bin/python verify.py                               # does this copy still score as the model did?
    .venv/bin/python -m unittest discover tests              # the same as tests; `pytest` works too

The output has the rows of the input, in their order: {outputs}; `flags` is empty or holds codes joined by `;`
(`unseen:<column>` a category that training did not have, `range:<column>` outside of the training range,
`missing:<column>` empty although it never was, `unreadable:<column>` not what the column holds, taken as missing,
`filtered:<columns>` a row that was left out in training; `rule:<n>` the n-th rule of `policy.json` gave the answer,
`refer` and `abstain` a person should decide).

In Python:

    import predict
    predict.predict(table)        # a pandas table with the columns of schema.json

| file | what it is |
|---|---|
| `predict.py` | command line and function |
| `scoring.py`, `obeying.py`, `scoring.json`, `model.skops` | the model: code, fields, fitted pipelines (no pickle) |
{recipe}| `schema.json` | what a row must look like (JSON Schema 2020-12) |
| `requirements.txt` | exact versions; another version is checked by `verify.py`, not trusted |
| `golden/` | rows with the predictions of the trained model, replayed by `verify.py` |
| `manifest.json` | the hash of every file, versions, what was proven and where |
| `model_card.md` | what the model is for, how well it works, what it does not know |
| `policy.json` | what is done with the model's answers: threshold, costs, rules, cases for a person |
| `baseline.json`, `background.parquet` | training distributions, and rows that explanations compare with |
| `plan.json` | how the model was found: enough to do it again |
| `rebuild.json`, `learned_rows.parquet` | which rows each member learned from, with which settings |
| `service/`, `Dockerfile`, `compose.yaml` | over HTTP: install `service/requirements.txt`, run `python -m service` |
| `MLmodel` | opens the folder in MLflow |
"""

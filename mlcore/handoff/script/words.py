"""The words and the fixed parts of the script; what is between braces is filled in."""

from __future__ import annotations

METRICS = {
    "binary": {("sklearn.metrics", name) for name in ("accuracy_score", "log_loss", "roc_auc_score")},
    "multiclass": {("sklearn.metrics", name) for name in ("accuracy_score", "log_loss")},
    "regression": {("sklearn.metrics", name) for name in ("r2_score", "root_mean_squared_error")},
}

NEEDED = """The packages are those of `bundle/requirements.txt`. `predict` and `scoring` are the bundle's own
files: they read rows from a file and turn cells into numbers and words, exactly as the model that was handed
over has them. All that learns anything is written out below, with scikit-learn and the library of the model;
what scikit-learn does not have is in `steps`, as estimators like its own."""

IMPORTS = """import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
{libraries}

sys.path[:0] = [str(HERE), str(HERE / "bundle")]

{ours}import predict
import scoring
"""

TURNED = '''

def turned(parts, rounds):
    """Parts of dates as angles: a full turn for each of `rounds`."""
    return np.asarray(parts, dtype=float) / (np.asarray(rounds) / (2 * np.pi))
'''

READING = (
    """The table as it was brought. Numbers with a decimal comma, or another delimiter: say so to `predict.read`."""
)

READ = """handed_over = predict.model()  # knows how rows are read, and is compared with in the end
raw = predict.read(Path(TABLE))
if len(raw) != {rows}:
    sys.exit(f"{{TABLE}} has {{len(raw):,}} rows; the model learned from a table of {rows:,}. Bring that one.")"""

REPAIRING = "What was done to the table before anything was learned from it; `bundle/replay.py` does it:"
NO_REPAIR = "Nothing was done to the table before models learned from it."
REPAIR = "table = handed_over.prepared(raw, truth=True)"
AS_IT_CAME = "table = raw"

SPLITTING = """Which rows the model learned from, and which were locked away to judge it, was noted when it
was handed over: the split looks at labels, at equal rows, and at groups or dates where there are some."""

SPLITTING_ALL = """Which rows count was noted when the model was handed over. It learned from all of them: those that
had been locked away judged the same settings first, and then it was fitted again with them."""

SPLIT = """marks = pd.read_parquet(HERE / "bundle" / "learned_rows.parquet")
table = table.iloc[marks["row"]].reset_index(drop=True)
learned = ~marks["holdout"].to_numpy()"""

WEIGHTS = '\nweights = marks["weight"].to_numpy()  # what each row counts'

COLUMNS = """Numbers are rounded to float32, so that every exported form of the model splits alike; an empty
category is a category of its own; a date becomes its parts."""

LABELS = """X = scoring.conform(table, handed_over.fields).rename(columns=names)
labels = {labels}
cells = table[{target}]
spelled = scoring.spelled(scoring.labels_of(cells).reset_index(drop=True), labels)
if not spelled.isin(labels).all():  # 1.0 in a text file is the label 1
    read = scoring.labels_of(pd.to_numeric(cells, errors="coerce"))
    spelled = spelled.str.strip().where(spelled.str.strip().isin(labels), read)
if not spelled.isin(labels).all():
    sys.exit(f"{{TABLE}} has other labels where the model learned: is it the same table?")
y = pd.Index(labels).get_indexer(spelled)"""

NUMBERS = """X = scoring.conform(table, handed_over.fields).rename(columns=names)
y = scoring.numbers(table[{target}])[0]
if np.isnan(y).any():
    sys.exit(f"{{TABLE}} has no number where the model learned: is it the same table?")"""

FIT = """{counts}{lists}
encode = {encode}
model = {model}
rows = {rows}
encoded = encode.fit_transform(X[rows], y[rows])
model.fit(encoded, y[rows]{weights})
members.append(Pipeline([("encode", encode), ("model", model{stock})]))"""

TOGETHER = "What the members say becomes one answer: probabilities in the order of `labels`, or a number."

AVERAGE = "total = sum(share * part for share, part in zip(shares, said))"

EVALUATING = """The rows that were locked away, scored by the model made here and by the one that was handed
over. Whoever runs this has looked at them: from now on they cannot be used to choose a model. Without such
rows it is the rows learned from, whose scores say nothing about new ones."""

EVALUATE = """judged = ~learned if (~learned).any() else learned
mine, theirs = answers(X), handed_over.values(table)
spread = theirs.std() if theirs.ndim == 1 else 1.0
difference = float(np.abs(mine - theirs).max() / max(spread, 1e-12))


def scores(said, truth):
{scores}


result = {{
    "rows": int(judged.sum()),
    "measured_on": "rows that were locked away" if (~learned).any() else "rows learned from",
    "rebuilt": scores(mine[judged], y[judged]),
    "handed_over": scores(theirs[judged], y[judged]),
    "largest_difference": difference,
}}
print(json.dumps(result, indent=1))
same = all(abs(result["rebuilt"][name] - value) <= 1e-6 for name, value in result["handed_over"].items())
other = "NOT the same scores: compare the installed versions with bundle/requirements.txt"
print("The same scores." if same else other)"""

SCORES = {
    "binary": """    made = {
        "log_loss": log_loss(truth, said, labels=[0, 1]),
        "accuracy": accuracy_score(truth, said.argmax(axis=1)),
    }
    if len(set(truth)) == 2:
        made["roc_auc"] = roc_auc_score(truth, said[:, 1])
    return {name: float(value) for name, value in made.items()}""",
    "multiclass": """    codes = np.arange(said.shape[1])
    made = {
        "log_loss": log_loss(truth, said, labels=codes),
        "accuracy": accuracy_score(truth, said.argmax(axis=1)),
    }
    return {name: float(value) for name, value in made.items()}""",
    "regression": """    made = {"rmse": root_mean_squared_error(truth, said), "r2": r2_score(truth, said)}
    return {name: float(value) for name, value in made.items()}""",
}
"""By task, the body of the function `scores`."""

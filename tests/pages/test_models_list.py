"""The list of models on the Goal page: limits, settings, models of one's own, and what was left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlcore.learning.models import MODELS
from mlcore.learning.plugins import source
from tests import plugged


@pytest.mark.slow
def test_the_list_tells_limits_and_settings_and_what_was_left_out(
    app, workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir(mode=0o755)
    plugged.written(folder, "centres.py", plugged.example())
    (folder / "Wrong Name.py").write_text("", encoding="utf-8")
    monkeypatch.setenv(source.VARIABLE, str(folder))
    made = workspace["binary"]
    at = app("pages/model/goal.py", table=made.table)
    assert "Near centres" in at.multiselect(key=f"models_{made.table}").options
    text = "\n".join(str(element.value) for element in (*at.html, *at.markdown))
    assert "Looks which label&#x27;s average row is nearest. From the file centres.py." in text
    assert "binary and multiclass tasks" in text
    assert "Sharpness: 1.0 (0.01 to 100)" in text
    assert "A model of your own is left out: Wrong Name.py has a name that is not made of" in text

    at.selectbox(key=f"own_{made.table}").select("centres").run()
    at.number_input(key=f"own_{made.table}_centres_sharpness").set_value(2.5).run()
    at.button(key="train").click().run()
    assert not at.exception
    asked = workspace.store.jobs(kind="train")[0].args["models"]
    assert asked[-1] == "centres:sharpness=2.5"
    assert set(MODELS.built_in) & set(asked)


def test_a_model_that_cannot_leave_the_house_says_so_before_it_is_built(app, workspace) -> None:
    made = workspace["regression"]
    stored = workspace.store.model_folder(made.run, made.model) / "scoring.json"
    need = {"file": "gone.py", "sha256": "", "types": [f"{source.PREFIX}gone.Model"]}
    stored.write_text(json.dumps({**json.loads(stored.read_text(encoding="utf-8")), "trusted": [need]}))
    at = app("pages/use/export.py", table=made.table, run=made.run, model=made.model)
    assert not at.exception
    text = "\n".join(str(element.value) for element in (*at.html, *at.markdown, *at.error, *at.warning))
    assert "This model cannot be handed over: its plug-in gone.py is not here any more." in text
    assert "build" not in [button.key for button in at.button]

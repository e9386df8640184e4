"""Models of one's own: found and described without importing them, and never in anybody's way."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlcore import records
from mlcore.errors import ChoiceError, ContractError
from mlcore.learning import contract, plugins
from mlcore.learning.models import MODELS
from mlcore.learning.models.asked import kinds_asked
from mlcore.learning.plugins import probe, source
from mlcore.learning.plugins.opening import fault_of
from mlcore.learning.plugins.trust import vouched
from mlcore.learning.scoring import ScoringError
from tests import plugged
from tests.kept import asked_in_processes
from tests.plugged import written


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An allowed folder for plug-ins; what is learned about them is kept beside it, not for this user."""
    place = tmp_path / "plugins"
    place.mkdir(mode=0o755)
    monkeypatch.setenv(source.VARIABLE, str(place))
    monkeypatch.setattr(probe, "_shelf", lambda: None)
    yield place
    for name in [name for name in sys.modules if name.startswith(source.PREFIX)]:
        del sys.modules[name]


@pytest.fixture
def in_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plug-ins are asked in processes of their own: where they may hang, die or come from elsewhere."""
    monkeypatch.setattr(probe, "_asked", asked_in_processes)


@pytest.fixture(scope="module")
def offered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documented example and the misbehaving models, asked once."""
    place = tmp_path_factory.mktemp("offered")
    place.chmod(0o755)
    written(place, "centres.py", plugged.example())
    written(place, "odd.py", plugged.MISBEHAVING)
    (place / "_kept").mkdir()
    return place


@pytest.fixture
def given(offered: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(source.VARIABLE, str(offered))
    monkeypatch.setattr(probe, "_shelf", lambda: offered / "_kept")


def test_nothing_is_looked_for_when_nothing_was_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(source.VARIABLE, raising=False)
    assert MODELS.keys == MODELS.built_in
    assert plugins.found().left_out == ()


@pytest.mark.slow
def test_the_documented_example_joins_the_list_and_keeps_the_contract(given: None) -> None:
    assert "centres" in MODELS.keys[len(MODELS.built_in) :]
    kind = MODELS["centres"]
    assert [param.key for param in kind.params] == ["sharpness"]
    assert kind.portfolio[1].params == {"sharpness": 5.0}
    assert plugins.found().plugins["centres"].stays == ""
    assert source.PREFIX + "centres" not in sys.modules  # known by its description alone
    passed = contract.check_model(replace(kind, tasks=("binary",)))
    assert len(passed) == 1 + len(contract.CHECKS)


def test_bad_plugins_are_left_out_with_a_sentence_and_good_ones_stay(folder: Path, in_processes: None) -> None:
    for name, (code, _) in plugged.BROKEN.items():
        written(folder, f"{name}.py", code or plugged.HEAD + "models = kind('linear')")
    written(folder, "Bad-Name.py", "")
    written(folder, "_helper.py", "1 / 0")
    written(folder, "open.py", plugged.HEAD + "models = kind('never')").chmod(0o666)
    (folder / "link.py").symlink_to(Path(plugged.__file__))
    written(folder, "sound.py", plugged.HEAD + "models = [kind('sound'), kind('sound'), 3]")
    found = plugins.found()
    said = {one.name.removeprefix("the file ").removesuffix(".py"): one.reason for one in found.left_out}
    for name, (_, reason) in plugged.BROKEN.items():
        assert said.pop(name) == reason
    assert "rename the file" in said.pop("Bad-Name")
    assert "may be written to by anyone" in said.pop("open")
    assert "leads out of the folder" in said.pop("link")
    assert said.pop("sound") == "offers 3, which is not a ModelKind."
    assert said == {}
    assert list(found.plugins) == ["sound"]
    assert "imports mlcore at its top" in found.plugins["sound"].stays


def test_a_model_that_is_not_there_is_told_with_the_plugins_that_are_left_out(folder: Path) -> None:
    written(folder, "Also-Not.py", "")
    written(folder, "centres.py", plugged.example()).chmod(0o666)
    with pytest.raises(ChoiceError) as caught:
        kinds_asked(["centres:sharpness=2"])
    assert str(caught.value).startswith("There is no model 'centres'. ")
    assert str(caught.value).endswith(
        " Left out: centres.py may be written to by anyone on this machine; take that right away."
        " Left out: Also-Not.py has a name that is not made of a–z, 0–9 and _; rename the file."
    )
    for number in range(3):
        written(folder, f"Bad-{number}.py", "")
    with pytest.raises(ChoiceError, match="Left out: 2 more; `tablesmith models` lists them"):
        MODELS["centres"]


def test_a_file_that_cannot_be_read_is_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_bytes(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    written(folder, "secret.py", plugged.example())
    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    assert MODELS.keys == MODELS.built_in
    assert [str(one) for one in plugins.found().left_out] == [
        "secret.py cannot be read (Permission denied); let the user that runs this program read it."
    ]


def test_a_plugin_that_hangs_while_it_is_imported_is_given_up(
    folder: Path, in_processes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "SECONDS", 1.0)
    written(folder, "hangs.py", "import time; time.sleep(600)")
    assert [str(one) for one in plugins.found().left_out] == [
        "the file hangs.py did not finish being imported within 1 s; mend it, or remove it."
    ]


@pytest.mark.parametrize(("code", "reason"), plugged.UNSOUND.items())
def test_a_model_that_is_not_sound_is_told_what_is_wrong(code: str, reason: str) -> None:
    room: dict[str, Any] = {}
    exec(plugged.HEAD, room)
    assert reason in fault_of(eval(code, room))
    assert fault_of(eval("kind()", room)) == ""


@pytest.mark.parametrize("named", ["plugins", "/", "/not/there"])
def test_a_folder_that_cannot_be_used_is_named(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(source.VARIABLE, named)
    assert MODELS.keys == MODELS.built_in
    assert str(plugins.found().left_out[0]).startswith(f"{named} is not a folder that plug-ins can be taken from")
    with pytest.raises(ChoiceError, match="There is no model 'centres'"):
        MODELS["centres"]


@pytest.mark.slow
def test_a_package_offers_its_models_by_an_entry_point(
    folder: Path, in_processes: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, card = tmp_path / "site", tmp_path / "site" / "near_models-1.2.dist-info"
    card.mkdir(parents=True)
    (site / "near_models.py").write_text(plugged.example(), encoding="utf-8")
    (card / "METADATA").write_text("Metadata-Version: 2.1\nName: near-models\nVersion: 1.2\n", encoding="utf-8")
    (card / "entry_points.txt").write_text(f"[{source.GROUP}]\nanything = near_models:models\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]))
    source._packages.cache_clear()
    try:
        written(folder, "centres.py", plugged.example())
        found = plugins.found()
        assert found.plugins["centres"].source.name == "the package near-models 1.2"
        assert [str(one) for one in found.left_out] == [
            "the file centres.py takes the key 'centres', which the package near-models 1.2 has already; "
            "give it another."
        ]
        need = {"package": "near-models", "version": "1.1", "types": ["near_models.Centres"]}
        assert vouched([need]) == ["near_models.Centres"]
    finally:
        monkeypatch.undo()
        source._packages.cache_clear()
        sys.modules.pop("near_models", None)


def test_types_are_built_only_for_plugins_that_are_here_and_have_them(given: None) -> None:
    need = {"file": "centres.py", "sha256": "", "types": [f"{source.PREFIX}centres.Centres"]}
    assert vouched([need]) == need["types"]
    for wrong in ("os.system", f"{source.PREFIX}other.Centres", "tests.plugged.example"):
        with pytest.raises(ScoringError, match="does not have"):
            vouched([{**need, "types": [wrong]}])
    with pytest.raises(ScoringError, match=r"needs the plug-in absent\.py, which is not here"):
        vouched([{**need, "file": "absent.py"}])


def test_a_plugin_that_breaks_the_contract_is_told_how(given: None) -> None:
    with pytest.raises(ContractError, match="odd_narrow on a binary task fails: the model gave an array of shape"):
        contract.check_model(MODELS["odd_narrow"])


def test_what_was_learned_about_a_plugin_is_kept_until_it_changes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    monkeypatch.setattr(probe, "_shelf", lambda: shelf)
    written(folder, "sound.py", plugged.HEAD + "models = kind('sound')")
    listed, _ = source.sources()
    first = probe.ask(listed)
    monkeypatch.setattr(probe, "_asked", lambda sources: [probe.Answer() for _ in sources])
    assert records.to_json(probe.ask(listed)) == records.to_json(first)
    assert probe.ask(listed, afresh=True)[0].kinds == ()
    written(folder, "sound.py", plugged.HEAD + "models = kind('louder')")
    assert probe.ask(source.sources()[0])[0].kinds == ()

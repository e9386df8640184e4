"""What every form of export promises: words for a person, a file or a sentence, and nothing left of a failure."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from mlcore import records
from mlcore.errors import BundleError, ChoiceError, UserError
from mlcore.handoff import exporting, manifest
from mlcore.handoff.bundle import described
from mlcore.handoff.exporters import EXPORTERS, Exporter, Form, Written
from mlcore.handoff.exporters.replay import ours
from mlcore.handoff.exporting import export_as
from mlcore.registry import Catalogue

forms = pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda exporter: exporter.key)


@forms
def test_a_form_says_what_it_is_and_for_whom(exporter: Exporter) -> None:
    assert exporter.key.isidentifier()
    assert exporter.title
    assert not exporter.title.endswith(".")
    assert exporter.whom
    assert exporter.about[0].isupper()
    assert exporter.about.endswith(".")
    assert ("." in exporter.name) == (exporter.form == "file")


@forms
def test_a_form_is_written_or_refused_in_a_sentence(exporter: Exporter, cancer_bundle: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / exporter.name
    reason = exporter.barred(cancer_bundle)
    if reason:
        assert reason.endswith(".")
        with pytest.raises(BundleError) as refused:
            export_as(cancer_bundle, exporter.key, out)
        assert reason in str(refused.value)
        assert not out.exists()
        return
    before = described(cancer_bundle).manifest
    made = export_as(cancer_bundle, exporter.key, out)
    assert described(cancer_bundle).manifest == before  # nothing of it was touched
    assert made.format == exporter.key
    assert made.megabytes > 0
    assert all(path.ok for path in made.proof)
    assert out.is_dir() == (exporter.form == "folder")
    assert [path.name for path in out.parent.iterdir()] == [exporter.name]


@pytest.mark.parametrize("name", ["predict.py", "pandas.py", "plugins/x.py", "json.pyc", "__pycache__/predict.pyc"])
def test_a_bundle_with_code_of_somebody_else_is_known(cancer_bundle: Path, tmp_path: Path, name: str) -> None:
    strange = Path(shutil.copytree(cancer_bundle, tmp_path / "strange", ignore=shutil.ignore_patterns("__pycache__")))
    assert ours(strange)
    (strange / name).parent.mkdir(exist_ok=True)
    with (strange / name).open("a") as file:
        file.write("\nprint()\n")
    assert not ours(strange)


@pytest.mark.parametrize("key", ["mlflow", "joblib"])
def test_code_of_somebody_else_is_not_run(cancer_bundle: Path, tmp_path: Path, key: str) -> None:
    strange = Path(shutil.copytree(cancer_bundle, tmp_path / "strange"))
    with (strange / "comparison.py").open("a") as file:
        file.write(f"\nopen({str(tmp_path / 'ran')!r}, 'w')\n")
    card = manifest.read(strange)
    records.write(strange / manifest.NAME, replace(card, files=manifest.contents(strange)))
    made = export_as(strange, key, tmp_path / "out")
    assert [path.title for path in made.proof] == ["the stored model in this environment"]
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("key", ["fax", "report", "pmml"])
def test_an_unknown_form_is_refused_in_words(key: str, cancer_bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"card|onnx"):
        export_as(cancer_bundle, key, tmp_path / "out")
    assert not list(tmp_path.glob("out*"))


def test_what_lies_there_is_not_overwritten_by_a_folder(
    cancer_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only(Pages(), monkeypatch)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    for place in (tmp_path / "mine", tmp_path / "mine" / "thesis.txt"):
        with pytest.raises(BundleError, match="something else"):
            export_as(cancer_bundle, "pages", place)
    with pytest.raises(BundleError, match="cannot be written"):
        export_as(cancer_bundle, "pages", tmp_path / "mine" / "thesis.txt" / "out")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "mine"


def test_a_folder_is_packed_when_its_name_ends_in_zip(
    cancer_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only(Pages(), monkeypatch)
    made = export_as(cancer_bundle, "pages", tmp_path / "pages.zip")
    assert zipfile.ZipFile(made.path).namelist() == ["one.txt"]
    assert made.notes == ("Read it.",)


def test_nothing_is_left_of_a_form_that_fails(
    cancer_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only(Pages(fails=True), monkeypatch)
    with pytest.raises(BundleError, match="not today"):
        export_as(cancer_bundle, "pages", tmp_path / "pages")
    assert not list(tmp_path.glob("*pages*"))
    assert not list(tmp_path.glob(".export*"))


class Pages:
    """A form for tests: a folder with one text."""

    key, title, whom, about, name = "pages", "Pages", "tests", "One text.", "pages"
    form: Form = "folder"

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails

    def barred(self, bundle: Path) -> str:
        return ""

    def write(self, bundle: Path, out: Path) -> Written:
        out.mkdir()
        (out / "one.txt").write_text("one")
        if self.fails:
            raise BundleError("It can be done, but not today")
        return Written(notes=("Read it.",))


def _only(exporter: Exporter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "EXPORTERS", Catalogue("format", (cast(Exporter, exporter),)))
    assert "zip" not in exporting.EXPORTERS
    with pytest.raises(ChoiceError):
        exporting.EXPORTERS["zip"]

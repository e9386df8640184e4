"""Bundles of every format that was ever released keep loading, scoring as they did and exporting; `bundles/` has them.

`format-1-first.zip` was made by the code of commit 411df74..459296a, which released format 1; `format-1-november.zip`
by that of 22 November 2026, whose bundles tell more. Never make them anew: a new format gets a fixture of its own.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mlcore
from mlcore.errors import BundleError
from mlcore.handoff import archive, manifest, pins, proof
from mlcore.handoff.exporters import EXPORTERS
from mlcore.handoff.exporting import export_as, refused

RELEASED = sorted((Path(__file__).parent / "bundles").glob("*.zip"))
released = pytest.mark.parametrize("path", RELEASED, ids=lambda path: path.stem)


def same_scikit_learn(path: Path) -> bool:
    with archive.opened(path) as folder:
        return manifest.read(folder).versions["scikit-learn"] == pins.installed("scikit-learn")


def test_there_is_a_fixture_of_every_format() -> None:
    found = set()
    for path in RELEASED:
        with archive.opened(path) as folder:
            found.add(json.loads((folder / manifest.NAME).read_text())["format"])
    assert found == set(range(1, manifest.FORMAT + 1))


@released
def test_a_released_bundle_verifies_or_says_what_to_install(path: Path) -> None:
    found = proof.verify(path)
    if same_scikit_learn(path):
        assert found.ok, found.paths
        assert found.difference <= found.tolerance
    else:
        assert any("scikit-learn" in sentence for sentence in found.sentences)


@released
def test_a_released_bundle_scores_raw_rows(path: Path, tmp_path: Path) -> None:
    if not same_scikit_learn(path):
        pytest.skip("made with another version; the test above says what becomes of it")
    rows = pd.DataFrame({"size; cm": [61.5, None], "shop": ["Köln", "Rom"], "ordered": ["2024-03-01", None]})
    scored = mlcore.score(path, rows)
    assert list(scored.columns) == ["prediction", "probability_no", "probability_yes", "flags"]
    assert scored["prediction"][0] == "yes"
    assert "unseen:shop" in scored["flags"][1]


@released
def test_a_released_bundle_is_had_in_every_form_or_the_reason_is_told(path: Path, tmp_path: Path) -> None:
    if not same_scikit_learn(path):
        pytest.skip("made with another version")
    why = refused(path)
    for exporter in EXPORTERS:
        out = tmp_path / exporter.key
        if exporter.key in why:
            with pytest.raises(BundleError) as said:
                export_as(path, exporter.key, out)
            assert why[exporter.key] in str(said.value)
        else:
            export_as(path, exporter.key, out)
            assert out.exists()


def test_the_first_bundle_does_not_know_how_to_be_trained_again_and_says_so() -> None:
    assert "earlier version" in refused(RELEASED[0])["script"]
    assert "script" not in refused(RELEASED[1])


def test_an_older_manifest_is_brought_up_step_by_step(
    cancer_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later format: what was `title` is `called` now, and has a `mark`."""

    def renamed(data: Mapping[str, Any]) -> dict[str, Any]:
        return {**data, "title": f"{data['title']} (brought up)"}

    shutil.copytree(cancer_bundle, tmp_path / "old")
    monkeypatch.setattr(manifest, "MIGRATIONS", (*manifest.MIGRATIONS, renamed))
    monkeypatch.setattr(manifest, "FORMAT", manifest.FORMAT + 1)
    found = manifest.read(tmp_path / "old")
    assert found.title.endswith("(brought up)")
    assert found.format == manifest.FORMAT
    data = json.loads((tmp_path / "old" / manifest.NAME).read_text())
    (tmp_path / "old" / manifest.NAME).write_text(json.dumps({**data, "format": manifest.FORMAT + 1}))
    with pytest.raises(BundleError, match="reads formats up to"):
        manifest.read(tmp_path / "old")


@pytest.mark.parametrize("number", [0, -1])
def test_a_format_that_never_was_is_refused(number: int, cancer_bundle: Path, tmp_path: Path) -> None:
    shutil.copytree(cancer_bundle, tmp_path / "odd")
    data = json.loads((tmp_path / "odd" / manifest.NAME).read_text())
    (tmp_path / "odd" / manifest.NAME).write_text(json.dumps({**data, "format": number}))
    with pytest.raises(BundleError, match="no format"):
        manifest.read(tmp_path / "odd")

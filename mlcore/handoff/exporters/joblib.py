"""The fitted pipelines as a joblib file, for those who ask for one."""

from __future__ import annotations

import shutil
from pathlib import Path

from mlcore import files
from mlcore.handoff import archive
from mlcore.handoff.exporters.exporter import Form, Written

WARNING = (
    "Loading a joblib file runs whatever code is inside: load it only when you know who made it and that nobody "
    "changed it since. Another version of a library may refuse it, or score otherwise without a word; the zip does not."
)
_README = """# The fitted pipelines

{warning}

    import json, sys
    sys.path.insert(0, "bundle")
    import joblib, scoring

    pipelines = joblib.load("model.joblib")             # scikit-learn pipelines, a member each
    fields = json.load(open("bundle/scoring.json"))["fields"]
    rows = scoring.conform(table, fields)               # the columns that the pipelines know
    pipelines[0].predict(rows)                          # labels by their place in scoring.json, or numbers

The packages of bundle/requirements.txt are needed in exactly those versions.
"""
_REPLAY = """
import joblib, scoring
stored = scoring.Scorer.load(bundle)
pipelines = joblib.load(made + "/model.joblib")
stored.members = [(weight, pipe) for (weight, _), pipe in zip(stored.members, pipelines, strict=True)]
said = stored.frame(given)
"""


class Joblib:
    """`model.joblib` beside the bundle."""

    key = "joblib"
    title = "joblib file"
    whom = "those who must have one"
    about = f"The fitted scikit-learn pipelines, pickled. {WARNING}"
    form: Form = "folder"
    name = "joblib"

    def barred(self, bundle: Path) -> str:
        """Every bundle has pipelines."""
        del bundle
        return ""

    def write(self, bundle: Path, out: Path) -> Written:
        """Load the pipelines through the allow-list, pickle them, and score the golden rows with what was pickled."""
        import joblib

        from mlcore.handoff.exporters.replay import replayed
        from mlcore.learning.scoring import Scorer

        out.mkdir()
        pipelines = [pipe for _, pipe in Scorer.load(bundle).members]
        joblib.dump(pipelines, out / "model.joblib", compress=3)
        shutil.copytree(bundle, out / "bundle", ignore=shutil.ignore_patterns(*archive.LEFTOVERS))
        files.write_text(out / "README.md", _README.format(warning=WARNING))
        shown = replayed(out, "bundle", _REPLAY, key=self.key, title="The joblib file")
        return Written(proof=(shown,), notes=(WARNING,))


JOBLIB = Joblib()

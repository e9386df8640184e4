"""Code that trains the model again: plain scikit-learn, to read, to run and to change."""

from __future__ import annotations

import shutil
from pathlib import Path

from mlcore import files
from mlcore.handoff import archive
from mlcore.handoff.exporters.exporter import Form, Written

NOTES = (
    "`python train.py TABLE` trains it again from the table as it was brought, and compares the scores.",
    "Reading rows is left to the bundle's own files; encoding and learning are written out.",
)


class Script:
    """`train.py`, the estimators that scikit-learn does not have, and the bundle whose model it makes again."""

    key = "script"
    title = "Python script"
    whom = "a data scientist"
    about = (
        "Readable scikit-learn code that trains the model again from your table and reaches the same score. It needs "
        "the packages of the bundle's requirements.txt."
    )
    form: Form = "folder"
    name = "script"

    def barred(self, bundle: Path) -> str:
        """See `sections.barred`."""
        from mlcore.handoff.script.sections import barred

        return barred(bundle)

    def write(self, bundle: Path, out: Path) -> Written:
        """Write the code beside a copy of the bundle; it must be Python that compiles."""
        from mlcore.handoff.script.sections import code_of
        from mlcore.handoff.script.written import script

        code = code_of(bundle)
        text = script(code)
        compile(text, "train.py", "exec")
        lay_out(bundle, out, code.steps)
        files.write_text(out / "train.py", text)
        return Written(notes=NOTES)


def lay_out(bundle: Path, out: Path, steps: dict[str, str]) -> None:
    """The folder with the bundle and the package `steps`."""
    out.mkdir()
    shutil.copytree(bundle, out / "bundle", ignore=shutil.ignore_patterns(*archive.LEFTOVERS))
    for name, code in steps.items():
        files.write_text(out / "steps" / name, code)


SCRIPT = Script()

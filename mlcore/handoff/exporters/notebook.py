"""The same code as the script, cell by cell."""

from __future__ import annotations

from pathlib import Path

from mlcore import files
from mlcore.handoff.exporters.exporter import Form, Written
from mlcore.handoff.exporters.script import lay_out

NOTES = ("Put the table beside train.ipynb as table.csv, or name it in the first cell, and run all cells.",)


class Notebook:
    """`train.ipynb`, the estimators that scikit-learn does not have, and the bundle whose model it makes again."""

    key = "notebook"
    title = "Jupyter notebook"
    whom = "a data scientist"
    about = "The script cell by cell, with what each part is for. It needs Jupyter besides what the script needs."
    form: Form = "folder"
    name = "notebook"

    def barred(self, bundle: Path) -> str:
        """See `sections.barred`."""
        from mlcore.handoff.script.sections import barred

        return barred(bundle)

    def write(self, bundle: Path, out: Path) -> Written:
        """Write the notebook beside a copy of the bundle."""
        from mlcore.handoff.script.sections import code_of
        from mlcore.handoff.script.written import notebook

        code = code_of(bundle)
        lay_out(bundle, out, code.steps)
        files.write_text(out / "train.ipynb", notebook(code))
        return Written(notes=NOTES)


NOTEBOOK = Notebook()

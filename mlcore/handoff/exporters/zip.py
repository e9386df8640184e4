"""The whole bundle in one file."""

from __future__ import annotations

from pathlib import Path

from mlcore.handoff import archive
from mlcore.handoff.exporters.exporter import Form, Written


class Zip:
    """The bundle as it is, packed."""

    key = "zip"
    title = "The whole bundle"
    whom = "an engineer"
    about = (
        "Everything in one zip: the model, the code that scores, what a row must look like, tests, a card. "
        "Python and its requirements.txt are all it needs."
    )
    form: Form = "file"
    name = "bundle.zip"

    def barred(self, bundle: Path) -> str:
        """Every bundle can be packed."""
        del bundle
        return ""

    def write(self, bundle: Path, out: Path) -> Written:
        """Pack it; equal bundles make equal files. What was proven of it stands in its manifest."""
        archive.pack(bundle, out)
        return Written()


ZIP = Zip()

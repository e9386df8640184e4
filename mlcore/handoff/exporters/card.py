"""What the model is for and what it is not, to read and to keep beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

from mlcore.handoff.exporters.exporter import Form, Written


class Card:
    """The model card alone."""

    key = "card"
    title = "Model card"
    whom = "whoever answers for it"
    about = (
        "What the model is for, how well it works and how sure that is, what it learned from and what it does not "
        "know: a text with the fields that Hugging Face reads."
    )
    form: Form = "file"
    name = "model_card.md"

    def barred(self, bundle: Path) -> str:
        """Every bundle has one."""
        del bundle
        return ""

    def write(self, bundle: Path, out: Path) -> Written:
        """Copy it."""
        shutil.copyfile(bundle / self.name, out)
        return Written()


CARD = Card()

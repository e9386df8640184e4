"""The table of points of a scorecard in the model card."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from mlcore.handoff.bundle import bundle
from mlcore.learning.goal import Goal


def test_the_card_of_a_scorecard_has_its_points_in_the_users_columns(
    cancer: pd.DataFrame, make_run: Callable[..., Path], tmp_path: Path
) -> None:
    frame = cancer[["mean texture", "mean smoothness", "diagnosis"]].assign(
        side=["left", "right"] * (len(cancer) // 2) + ["left"] * (len(cancer) % 2)
    )
    run = make_run(frame, Goal(target="diagnosis", task="binary", metric=""), "scorecard")
    made = bundle(run, "scorecard", tmp_path / "out")
    assert made.proof is not None
    assert made.proof.ok
    card = (tmp_path / "out" / "model_card.md").read_text()
    assert "## The points" in card
    assert "| mean texture | below " in card
    assert "| side is right | yes | " in card or "| side is left | yes | " in card

"""The leaderboard as a table stays short, however many models were tried."""

from __future__ import annotations

from mlcore.evaluation.compare import Leaderboard, Row
from pages.ui import board


def made(many: int) -> Leaderboard:
    rows = [
        Row(key=f"m{at}", title=f"model {at}", score=0.9 - at / 1000, low=0.8, high=0.95, recommended=at == 20)
        for at in range(many)
    ]
    baseline = Row(key="baseline", title="the average", score=0.5, low=0.4, high=0.6)
    return Leaderboard(
        metric="roc_auc", n=100, measured="cross-validation", rows=(*rows, baseline), best="m0", baseline="baseline"
    )


def test_many_models_are_folded_but_not_the_recommended_one_and_the_baseline() -> None:
    shown, _, folded = board.html(made(60), lambda key: f"?model={key}").partition("<details")
    assert "49 more models" in folded
    for title in ("model 0<", "model 9<", "model 20<", "the average"):
        assert title in shown
    assert "model 10<" in folded
    assert '<td class="num" data-title="Rank">61</td>' in shown  # the baseline keeps its rank


def test_few_models_are_all_shown() -> None:
    assert "<details" not in board.html(made(12), lambda key: key)


def test_on_a_phone_every_number_has_its_title_and_none_is_beside_the_screen() -> None:
    shown = board.html(made(3), lambda key: key)
    assert 'class="ts-scroll ts-stacked"' in shown
    for title in ("ROC AUC", "95 % interval", "Gain", "Training", "1,000 rows", "Size"):
        assert f'data-title="{title}"' in shown

"""Fairness: numbers that are Fairlearn's, intervals that hold, tiny groups refused, and what evening out costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlcore.errors import UserError
from mlcore.evaluation import ratios
from mlcore.evaluation.costs import Costs
from mlcore.evaluation.cuts import Cut
from mlcore.evaluation.evening import evened, sentences
from mlcore.evaluation.fairness import CRITERIA, LEAST, Fairness, fairness, frame_of
from mlcore.evaluation.fairness_told import refused, sentence
from mlcore.evaluation.predictions import Floats, Integers, Predictions
from mlcore.plots import CHARTS
from tests.mlcore.evaluation.simulated import a_number, yes_or_no


def groups(n: int, *shares: float, seed: int = 5) -> Cut:
    codes = np.random.default_rng(seed).choice(len(shares), n, p=shares)
    labels = tuple("abcdefgh"[: len(shares)])
    return Cut(column="group", labels=labels, codes=codes, own=len(labels))


def unfair(n: int, cut: Cut, seed: int = 0) -> Predictions:
    """Group b gets lower scores than it should."""
    made = yes_or_no(np.random.default_rng(seed), n)
    logit = np.log(made.score / (1 - made.score)) - 1.2 * (cut.codes == 1)
    p = 1 / (1 + np.exp(-logit))
    return replace(made, values=np.column_stack([1 - p, p]))


def test_shares_by_group_are_those_that_fairlearn_gives() -> None:
    from fairlearn.metrics import demographic_parity_difference, demographic_parity_ratio, equal_opportunity_difference

    cut = groups(800, 0.5, 0.3, 0.2)
    made = unfair(800, cut)
    told = fairness(made, [cut], threshold=0.4, draws=50)
    truth, said = made.truth, (made.score >= 0.4).astype(int)
    known = {"sensitive_features": cut.codes}
    assert told["called_yes"].gap == pytest.approx(demographic_parity_difference(truth, said, **known))
    assert told["called_yes"].ratio == pytest.approx(demographic_parity_ratio(truth, said, **known))
    assert told["found"].gap == pytest.approx(equal_opportunity_difference(truth, said, **known))
    here = cut.codes == 1
    assert told["right"].values[1].value == pytest.approx(truth[here & (said == 1)].mean())
    assert told["calibration"].values[1].value == pytest.approx((truth - made.score)[here].mean())


def test_a_group_that_is_scored_too_low_is_seen_and_equal_ones_are_not() -> None:
    cut = groups(2000, 0.6, 0.4)
    told = fairness(unfair(2000, cut), [cut])
    assert [told[key].outcome for key in ("called_yes", "found", "calibration")] == ["differs"] * 3
    assert (told["found"].highest, told["found"].lowest) == ("a", "b")
    assert "differs between groups" in sentence(told, "found")
    alike = fairness(yes_or_no(np.random.default_rng(3), 2000), [cut])
    assert {aspect.outcome for aspect in alike.aspects} == {"no difference shown"}
    assert "cannot be ruled out" in sentence(alike, "found")


def test_a_small_group_in_which_a_rare_outcome_never_happens_is_not_said_to_differ() -> None:
    random, small = np.random.default_rng(2), np.arange(2000) < 60
    truth = ((random.random(2000) < 0.03) & ~small).astype(np.int64)  # 60 without one: one group in six is like that
    made = replace(yes_or_no(random, 2000), truth=truth)
    said = np.where(truth == 1, 0.6, 0.012)
    made = replace(made, values=np.column_stack([1 - said, said]))
    told = fairness(made, [Cut(column="group", labels=("a", "b"), codes=1 - small)], draws=60)
    assert told["called_yes"].values[0].value == 0.0
    assert [told[key].outcome for key in ("called_yes", "calibration")] == ["no difference shown"] * 2


def test_thresholds_of_a_rare_outcome_do_what_was_measured_of_them() -> None:
    cut = groups(4000, 0.5, 0.5)
    made = yes_or_no(np.random.default_rng(0), 4000)
    score = made.score * np.where(cut.codes == 1, 1e-4, 3e-4)
    made = replace(made, values=np.column_stack([1 - score, score]))
    told = evened(made, cut, "called_yes", threshold=2e-4)
    shares = [np.mean(score[cut.codes == place] >= told.thresholds[name]) for place, name in enumerate("ab")]
    assert shares == pytest.approx([np.mean(score >= 2e-4)] * 2, abs=0.01)


def counted(predictions: Predictions, codes: Integers, threshold: float, weights: Floats) -> Floats:
    """What Fairlearn's functions give of yes or no, in a tenth of their time: hundreds of data sets are simulated."""
    made = ratios.ratios_of(predictions, threshold)
    parts, wholes = (ratios._summed(rows[:3] * weights, codes, codes.max() + 1) for rows in (made.parts, made.wholes))
    return parts / np.maximum(wholes, 1e-12)


@pytest.fixture
def without_fairlearn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratios, "by_fairlearn", counted)


def test_what_simulations_count_is_what_fairlearn_gives() -> None:
    for seed in range(3):
        cut = groups(300, 0.6, 0.3, 0.1, seed=seed)
        asked = unfair(300, cut, seed), cut.codes, 0.3 + 0.2 * seed, np.random.default_rng(seed).random(300) + 0.5
        assert counted(*asked) == pytest.approx(ratios.by_fairlearn(*asked))


def alarms(sets: int, draws: int) -> dict[str, float]:
    """How often a criterion is said to differ although no group is treated otherwise."""
    wrong = dict.fromkeys([one.key for one in CRITERIA["binary"]], 0)
    for seed in range(sets):
        made = yes_or_no(np.random.default_rng(seed), 800)
        told = fairness(made, [groups(800, 0.4, 0.3, 0.2, 0.1, seed=seed)], draws=draws)
        for aspect in told.aspects:
            wrong[aspect.key] += aspect.outcome == "differs"
    return {key: count / sets for key, count in wrong.items()}


def test_where_all_are_treated_alike_a_difference_is_seldom_said() -> None:
    assert max(alarms(8, 60).values()) <= 0.25


@pytest.mark.slow
@pytest.mark.usefixtures("without_fairlearn")
def test_where_all_are_treated_alike_a_difference_is_said_in_five_of_a_hundred() -> None:
    assert max(alarms(300, 300).values()) <= 0.085


@pytest.mark.slow
@pytest.mark.usefixtures("without_fairlearn")
def test_intervals_by_group_hold_in_92_to_98_of_100() -> None:
    hits = np.zeros(2)
    for seed in range(300):
        random = np.random.default_rng(seed)
        told = fairness(yes_or_no(random, 600), [groups(600, 0.7, 0.3, seed=seed)], draws=300)
        called, off = told["called_yes"].values[1], told["calibration"].values[1]
        hits += [called.low <= 0.5 <= called.high, off.low <= 0.0 <= off.high]
    assert ((hits / 300 >= 0.92) & (hits / 300 <= 0.985)).all()


def test_a_group_of_three_rows_is_refused_and_left_out_of_the_gap() -> None:
    made = unfair(600, groups(600, 0.5, 0.5))
    codes = groups(600, 0.5, 0.5).codes.copy()
    codes[:3] = 2
    told = fairness(made, [Cut(column="group", labels=("a", "b", "c"), codes=codes)], draws=50)
    tiny = told["called_yes"].values[2]
    assert (tiny.value, tiny.low, tiny.high) == (None, None, None)
    assert tiny.why == "3 in this group: too few to say anything, 50 are needed."
    assert refused(told) == ("“c”: 3 in this group: too few to say anything, 50 are needed.",)
    assert "c" not in (told["called_yes"].highest, told["called_yes"].lowest)
    assert frame_of(told)["note"].str.contains("too few").sum() == 4


def test_a_group_without_yes_cases_gets_no_share_of_them_found() -> None:
    made = yes_or_no(np.random.default_rng(0), 600)
    cut = groups(600, 0.5, 0.5)
    told = fairness(replace(made, truth=np.where(cut.codes == 1, 0, made.truth)), [cut], draws=50)
    assert told["found"].values[1].why == "0 yes cases in this group: too few to say anything, 20 are needed."
    assert told["found"].outcome == "too few to say"
    assert told["called_yes"].values[1].value is not None
    assert "cannot be compared" in sentence(told, "found")


def test_all_equal_scores_are_told_without_a_warning() -> None:
    made = replace(yes_or_no(np.random.default_rng(0), 400), values=np.tile([0.7, 0.3], (400, 1)))
    told = fairness(made, [groups(400, 0.5, 0.5)], draws=50)
    assert told["called_yes"].gap == 0.0
    assert told["called_yes"].outcome == "no difference shown"
    assert told["right"].values[0].value is None


def test_one_group_or_far_too_many_are_a_sentence() -> None:
    made = yes_or_no(np.random.default_rng(0), 300)
    with pytest.raises(UserError, match="nothing to compare"):
        fairness(made, [Cut(column="g", labels=("a",), codes=np.zeros(300, dtype=np.int64))])
    many = Cut(column="g", labels=tuple(map(str, range(20))), codes=np.arange(300) % 20)
    with pytest.raises(UserError, match="makes 20 groups"):
        fairness(made, [many])


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_other_tasks_compare_errors_by_group(task: str) -> None:
    random = np.random.default_rng(0)
    cut = groups(900, 0.5, 0.5)
    if task == "regression":
        made = a_number(random, 900, cut.codes == 1)
    else:
        truth = random.integers(0, 3, 900)
        sure = np.where(cut.codes == 1, 0.5, 3.0)
        raw = np.exp(np.eye(3)[truth] * sure[:, None] + random.normal(size=(900, 3)))
        made = Predictions(
            task="multiclass", values=raw / raw.sum(axis=1, keepdims=True), rows=np.arange(900),
            labels=("x", "y", "z"), truth=truth, measured="cross-validation",
        )  # fmt: skip
    told: Fairness = fairness(made, [cut], draws=100)
    assert told.threshold is None
    assert told.aspects[1].outcome == "differs"
    assert {one.key for one in told.aspects} == {one.key for one in CRITERIA[made.task]}


@pytest.mark.parametrize("alike", ["called_yes", "found"])
def test_a_threshold_for_each_group_narrows_the_gap_on_rows_that_did_not_choose_it(alike: str) -> None:
    cut = groups(4000, 0.6, 0.4)
    made = replace(unfair(4000, cut), costs=Costs(tp=10, fp=-5))
    told = evened(made, cut, alike)  # type: ignore[arg-type]
    assert told.before.gap > 0.15
    assert told.after.gap < 0.06
    assert told.thresholds["b"] < 0.5
    assert told.after.value is not None
    assert told.after.called == pytest.approx(told.before.called, abs=40 if alike == "called_yes" else 200)
    assert "instead of" in sentences(told)[1]
    assert "By the costs you gave" in sentences(told)[1]


def test_small_groups_and_parts_that_are_no_value_keep_the_common_threshold() -> None:
    codes = groups(900, 0.45, 0.45, 0.1).codes.copy()
    codes[:10] = 3
    cut = Cut(column="g", labels=("a", "b", "2 other values", "d"), codes=codes, own=2)
    assert evened(unfair(900, cut), cut, "called_yes").kept == ("2 other values", "d")
    with pytest.raises(UserError, match="large enough"):
        evened(unfair(900, cut), replace(cut, own=1), "called_yes")
    with pytest.raises(UserError, match="yes-or-no"):
        evened(a_number(np.random.default_rng(0), 900), cut, "called_yes")


def test_what_was_said_is_held_against_what_happened_in_each_group() -> None:
    cut = groups(2000, 0.6, 0.38, 0.02)
    told = fairness(unfair(2000, cut), [cut], draws=40)
    sound, low, tiny = told.calibration
    assert (len(sound), tiny) == (10, ())
    assert min(part.n for part in low) >= LEAST
    assert sum(part.low <= part.predicted <= part.high for part in sound) >= 8
    assert sum(part.observed > part.predicted for part in low) == len(low)
    panel = CHARTS["fairness_calibration"].draw(told)
    assert panel.reading.startswith("For “b”, where it says")
    assert "more often than was said" in panel.reading
    assert "1 of 3 groups too small" in panel.basis
    assert "“a”" in CHARTS["fairness_calibration"].draw(told, "a").reading


def test_rows_that_belong_together_make_what_happened_in_a_group_less_sure() -> None:
    cut = groups(1200, 1.0, 0.0)
    made = unfair(1200, cut)
    alone = fairness(made, [groups(1200, 0.5, 0.5)], draws=40)
    together = fairness(replace(made, groups=np.arange(1200) // 4), [groups(1200, 0.5, 0.5)], draws=40)
    widths = [np.mean([part.high - part.low for part in one.calibration[0]]) for one in (alone, together)]
    assert widths[1] > widths[0]

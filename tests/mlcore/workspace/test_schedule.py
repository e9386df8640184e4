"""What a run does next follows from what was tried, what it took, and the time that is left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlcore import records
from mlcore.data.schema import Schema
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.plan import Candidate, Plan, Validation
from mlcore.learning.run import Trial
from mlcore.workspace.schedule import STALE, Standing

COSTS = {"baseline": 0.5, "linear": 1.0, "forest": 2.0, "forest-smooth": 2.0, "lightgbm": 4.0}
KINDS = ("baseline", "linear", "forest", "lightgbm")


def standing(left: float = 50.0, *, rows: int = 0, search: bool = True) -> Standing:
    plan = Plan(
        goal=Goal(target="y", task="binary", metric="roc_auc"),
        schema=Schema(columns=()),
        fingerprint="",
        validation=Validation(method="folds", folds=5),
        candidates=tuple(Candidate(key=kind, model=kind, title=kind, rows=rows) for kind in KINDS),
        seconds=60.0,
        search=search,
    )
    waiting = {kind: Trial(key=kind, model=kind, title=kind, state="waiting") for kind in KINDS}
    return Standing(
        plan=plan,
        candidates=plan.candidates,
        costs=COSTS,
        trials=waiting,
        rows=800_000,
        left=left,
        whole=60.0,
        lanes=2,
    )


def after(before: Standing, left: float | None = None, **scores: float) -> Standing:
    """The same once these have ended with these scores, after 2 s each."""
    trials = dict(before.trials)
    for key, score in scores.items():
        trials[key] = replace(trials[key], state="done", score=score, seconds=2.0, round_seconds=2.0)
    return replace(before, trials=trials, left=before.left if left is None else left)


def key_of(standing: Standing) -> str | None:
    turn = standing.next()
    return None if turn is None else turn.candidate.key


def test_candidates_come_in_the_plans_order() -> None:
    assert key_of(standing()) == "baseline"
    assert key_of(after(standing(), baseline=0.5)) == "linear"
    assert key_of(after(standing(), baseline=0.5, linear=0.7)) == "forest"


def test_the_baseline_has_its_turn_however_little_time_is_left() -> None:
    turn = standing(left=0.1).next()
    assert turn is not None
    assert turn.seconds >= 15


def test_a_quick_model_has_its_turn_when_the_time_is_up_and_there_is_none() -> None:
    late = after(standing(left=-3.0), baseline=0.5)
    turn = late.next()
    assert turn is not None
    assert (turn.candidate.key, turn.seconds) == ("linear", 15.0)
    assert key_of(replace(late, costs={**COSTS, "forest": 0.9})) == "linear"  # which comes first in the plan
    begun = {**late.trials, "linear": replace(late.trials["linear"], state="running")}
    assert key_of(replace(late, trials=begun)) is None
    assert key_of(after(late, linear=0.6)) is None
    slow = {**late.trials, "linear": replace(late.trials["linear"], state="failed", round_seconds=9.0)}
    assert key_of(replace(late, trials=slow)) is None  # what is left is not quick
    assert key_of(replace(late, costs={**COSTS, "linear": 2.0})) is None
    assert key_of(replace(late, left=-61.0)) is None


def test_a_candidate_that_cannot_end_in_time_lets_one_pass_that_can_stop_early() -> None:
    before = after(standing(), baseline=0.5, linear=0.7)
    slow = Trial(key="kernel", model="kernel", title="", state="failed", round_seconds=30.0)
    more = Candidate(key="kernel-more", model="kernel", title="")
    waiting = {slow.key: slow, more.key: replace(slow, key=more.key, state="waiting", round_seconds=None)}
    candidates = (*before.candidates[:2], replace(more, key=slow.key), more, *before.candidates[2:])
    costs = {**COSTS, slow.key: 2.0, more.key: 2.0}
    before = replace(before, candidates=candidates, trials={**before.trials, **waiting}, costs=costs, left=20.0)
    assert key_of(before) == "forest"
    assert key_of(replace(before, left=40.0)) == "kernel-more"


def boosted(left: float, *, rounds: int) -> Standing:
    """A line has ended after 1 s, boosted trees after 7 s and so many rounds; the same, learning slowly, waits."""
    slow = Candidate(key="lightgbm-slow", model="lightgbm", title="", params={"rate": 0.02})
    before = standing(left=left, search=False)
    ended = {key: replace(before.trials[key], state="done", score=0.5) for key in KINDS if key != "forest"}
    ended["linear"] = replace(ended["linear"], round_seconds=1.0)
    ended["lightgbm"] = replace(ended["lightgbm"], round_seconds=7.0, rounds=rounds)
    waiting = Trial(key=slow.key, model=slow.model, title="", state="waiting")
    candidates = (*(one for one in before.candidates if one.key != "forest"), slow)
    return replace(before, candidates=candidates, trials={**ended, slow.key: waiting}, costs={**COSTS, slow.key: 4.0})


def test_a_boosted_model_that_could_only_grow_a_few_rounds_is_not_begun() -> None:
    # 0.03 s a round, 100 rounds to go 86 % of the way, half of its time for growing, and 1 s for all else
    assert key_of(boosted(6.9, rounds=200)) is None
    turn = boosted(7.1, rounds=200).next()
    assert turn is not None
    assert (turn.candidate.key, turn.seconds) == ("lightgbm-slow", pytest.approx(7.1))


def test_a_boosted_model_need_not_grow_more_than_one_that_ended_by_itself() -> None:
    # 20 rounds, 0.3 s each, were enough at 0.05: so are 50 at 0.02
    assert key_of(boosted(30.9, rounds=20)) is None
    assert key_of(boosted(31.1, rounds=20)) == "lightgbm-slow"


def test_a_slow_start_does_not_keep_everything_from_being_tried() -> None:
    before = standing(left=20.0)
    slow = replace(before.trials["baseline"], state="done", score=0.5, seconds=12.0, round_seconds=12.0)
    assert key_of(replace(before, trials={**before.trials, "baseline": slow})) == "linear"


def test_time_that_is_left_goes_into_variations_unless_the_plan_says_no() -> None:
    scores = {"baseline": 0.5, "linear": 0.7, "lightgbm": 0.8, "forest": 0.9}
    turn = after(standing(), **scores).next()
    assert turn is not None
    assert turn.candidate.key.endswith("~1")
    assert turn.candidate.parent in scores
    assert key_of(after(standing(search=False), **scores)) is None
    assert key_of(after(standing(), left=0.5, **scores)) is None


def test_a_search_that_finds_nothing_better_ends() -> None:
    now = after(standing(), baseline=0.5, linear=0.7, lightgbm=0.9, forest=0.8)
    for number in range(1, STALE + 1):
        assert now.next() is not None
        key = f"linear~{number}"
        trial = Trial(key=key, model="linear", title=key, state="done", score=0.6, seconds=0.1)
        candidate = Candidate(key=key, model="linear", title=key, parent="linear", params={"strength": number})
        now = replace(now, candidates=(*now.candidates, candidate), trials={**now.trials, key: trial})
    assert now.next() is None


def test_candidates_that_never_had_their_turn_do_not_end_the_search() -> None:
    now = after(standing(), baseline=0.5, linear=0.7, forest=0.9, lightgbm=0.8)
    late = {f"forest-{number}": Candidate(key=f"forest-{number}", model="forest", title="") for number in range(STALE)}
    trials = {key: Trial(key=key, model="forest", title="", state="waiting") for key in late}
    costs = {**COSTS, **dict.fromkeys(late, 500.0)}
    now = replace(
        now, candidates=(*now.candidates, *late.values()), trials={**now.trials, **trials}, costs=costs, left=9.0
    )
    assert str(key_of(now)).endswith("~1")


def test_what_learned_from_more_rows_is_not_taken_further() -> None:
    before = after(standing(rows=100_000), baseline=0.5, linear=0.7, forest=0.8, lightgbm=0.6)
    before = replace(before, plan=replace(before.plan, search=False), left=20.0)
    more = Candidate(key="forest-more", model="forest", title="", rows=300_000, parent="forest")
    trial = replace(before.trials["forest"], key=more.key, score=0.9)
    now = replace(before, candidates=(*before.candidates, more), trials={**before.trials, more.key: trial})
    assert key_of(now) == "linear-more"
    linear = replace(more, key="linear-more", model="linear")
    done = {**now.trials, linear.key: replace(trial, key=linear.key, model="linear")}
    assert key_of(replace(now, candidates=(*now.candidates, linear), trials=done)) is None


def test_on_a_large_table_the_best_learns_from_more_rows_in_the_second_half() -> None:
    now = after(standing(rows=100_000), baseline=0.5, linear=0.7, forest=0.8)
    assert key_of(now) == "lightgbm"
    turn = replace(now, left=25.0).next()
    assert turn is not None
    assert turn.candidate.key == "forest-more"
    assert turn.candidate.rows == 0
    assert turn.threads == 1
    (short,) = [replace(now, left=6.0).next()]
    assert short is not None
    assert short.candidate.rows == pytest.approx(210_000)
    assert "more rows" in short.candidate.title


def test_a_variation_that_learns_from_more_rows_has_its_place_in_the_run(tmp_path: Path) -> None:
    before = after(standing(rows=100_000), baseline=0.5, linear=0.7, forest=0.8, lightgbm=0.85)
    varied = replace(before.candidates[3], key="lightgbm~12", parent="lightgbm")
    best = replace(before.trials["lightgbm"], key=varied.key, score=0.9)
    before = replace(before, candidates=(*before.candidates, varied), trials={**before.trials, varied.key: best})
    turn = replace(before, left=25.0).next()
    assert turn is not None
    records.write(tmp_path / "plan.json", before.plan)
    for one in (turn.candidate, varied):
        RunFolder(tmp_path).add(one)
    found = [candidate.key for candidate in RunFolder(tmp_path).candidates]
    assert found == [*KINDS, "lightgbm~12", "lightgbm~12-more"]


def test_what_learns_from_more_rows_has_all_cores_when_it_is_alone() -> None:
    now = after(standing(rows=100_000, search=False), baseline=0.5, linear=0.7, forest=0.8, lightgbm=0.7)
    turn = replace(now, left=25.0).next()
    assert turn is not None
    assert (turn.candidate.key, turn.threads) == ("forest-more", 2)


def test_a_yardstick_never_learns_from_more_rows() -> None:
    before = standing(rows=100_000)
    rule = Candidate(key="rule", model="rule", title="rule", rows=100_000)
    trials = {**before.trials, "rule": replace(before.trials["linear"], key="rule", model="rule")}
    before = replace(
        before, candidates=(*before.candidates, rule), trials=trials, costs={**COSTS, "rule": 1.0}, left=25.0
    )
    assert key_of(after(before, baseline=0.5, rule=0.9)) == "linear"


def test_what_is_worse_on_its_own_rows_than_the_best_on_new_ones_does_not_learn_from_more() -> None:
    now = after(standing(rows=100_000), baseline=0.5, linear=0.7, forest=0.8)
    linear, forest = (
        replace(now.trials[key], train_score=score) for key, score in (("linear", 0.71), ("forest", 0.95))
    )
    more = replace(forest, key="forest-more", state="done")
    candidate = Candidate(key=more.key, model="forest", title="", parent="forest")
    now = replace(now, left=20.0, candidates=(*now.candidates, candidate))
    now = replace(now, trials={**now.trials, "linear": linear, "forest": forest, more.key: more})
    assert key_of(now) == "lightgbm"
    able = replace(linear, train_score=0.81)
    assert key_of(replace(now, trials={**now.trials, "linear": able})) == "linear-more"


def test_as_long_as_there_is_no_model_a_candidate_may_take_all_that_is_left() -> None:
    first = after(standing(), baseline=0.5).next()
    assert first is not None
    assert (first.candidate.key, first.seconds) == ("linear", 50.0)
    many = {f"net-{n}": Candidate(key=f"net-{n}", model="net", title="") for n in range(20)}
    now = after(standing(), baseline=0.5, linear=0.7)
    waiting = {key: Trial(key=key, model="net", title="", state="waiting") for key in many}
    now = replace(now, candidates=(*now.candidates, *many.values()), trials={**now.trials, **waiting})
    later = replace(now, costs={**COSTS, **dict.fromkeys(many, 2.0)}).next()
    assert later is not None
    assert later.seconds < 50.0

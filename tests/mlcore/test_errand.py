"""What a verb has done beside each other, and what becomes of it when a part fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mlcore.api.again import Beginning, judged_and_learned
from mlcore.api.errand import side_by_side, task
from mlcore.errors import UserError
from mlcore.workspace.task import Outcome, Task

MODEL = {"folder": "run", "key": "blend"}
JUDGED = [task("open_holdout", "Judging", MODEL)]


class Told:
    """An engine that answers as it is told, by the errand or the model; all else is done."""

    def __init__(self, answers: Mapping[str, Any], lanes: int = 2) -> None:
        self.lanes = lanes
        self.answers = {"members_again": ["net", "linear"], "again": "blend-all", **answers}
        self.asked: list[str] = []

    def warm(self) -> None: ...

    def close(self) -> None: ...

    def abandon(self) -> None: ...

    def run(self, asked: Task, wanted: Callable[[], bool] = lambda: True) -> Outcome:
        verb = asked.call.partition(":")[2]
        name = asked.args["key"] if verb == "member_again" else verb
        self.asked.append(name)
        answer = self.answers.get(name)
        if isinstance(answer, UserError):
            return Outcome(state="refused", error=answer.args[0])
        return Outcome(state="done", value=answer)


def test_members_are_fitted_beside_the_judging_and_put_together_after_it() -> None:
    engine = Told({})
    assert judged_and_learned(engine, MODEL, JUDGED, 10.0, Beginning(engine))[0] == "blend-all"
    assert engine.asked[0] == "members_again"
    assert set(engine.asked[1:4]) == {"open_holdout", "net", "linear"}
    assert engine.asked[4:] == ["again"]


def test_one_lane_or_one_member_learns_again_in_one_piece() -> None:
    alone = Told({}, lanes=1)
    assert judged_and_learned(alone, MODEL, JUDGED, 10.0, Beginning(alone))[0] == "blend-all"
    assert alone.asked == ["members_again", "open_holdout", "again"]
    single = Told({"members_again": ["net"]})
    judged_and_learned(single, MODEL, JUDGED, 10.0, Beginning(single))
    assert single.asked == ["members_again", "open_holdout", "again"]


def test_nothing_is_handed_over_that_the_locked_rows_did_not_judge() -> None:
    engine = Told({"open_holdout": UserError("The rows are gone")})
    with pytest.raises(UserError, match="The rows are gone"):
        judged_and_learned(engine, MODEL, JUDGED, 10.0, Beginning(engine))
    assert "again" not in engine.asked


@pytest.mark.parametrize("part", ["members_again", "net", "again"])
def test_where_learning_again_fails_the_model_that_was_judged_is_handed_over(part: str) -> None:
    engine = Told({part: UserError("There is no time")})
    key, told = judged_and_learned(engine, MODEL, JUDGED, 10.0, Beginning(engine))
    assert key == "blend"
    assert "There is no time" in told
    assert "open_holdout" in engine.asked


def test_what_nobody_asked_to_learn_again_is_only_judged() -> None:
    engine = Told({})
    assert judged_and_learned(engine, MODEL, JUDGED, None, Beginning(engine)) == ("blend", "")
    assert engine.asked == ["open_holdout"]


def test_what_runs_side_by_side_ends_when_this_process_is_interrupted() -> None:
    ended = threading.Event()

    class Waiting(Told):
        def run(self, asked: Task, wanted: Callable[[], bool] = lambda: True) -> Outcome:
            if asked.args["key"] == "broken":
                raise KeyboardInterrupt
            while wanted():
                ended.wait(0.01)
            ended.set()
            return Outcome(state="cancelled")

    tasks = [task("member_again", "Learning", {"key": key}) for key in ("broken", "net")]
    with pytest.raises(KeyboardInterrupt):
        side_by_side(Waiting({}), tasks)
    assert ended.is_set()

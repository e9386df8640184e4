"""Work under way, as pages show it: no share that nobody counted, and nothing said twice."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from mlcore.workspace.job import Job
from mlcore.workspace.task import Task
from mlcore.workspace.work import Errand
from pages.ui import frame, jobs
from tests.kept import InlineEngine


def job(**about: Any) -> Job:
    return Job(**{"id": "j", "kind": "explain", "title": "Explain <it>", "state": "running", **about})


def said(html: str) -> str:
    return re.sub(r"<[^>]+>", "|", html)


def test_an_errand_of_one_step_claims_no_share_of_its_work() -> None:
    told: list[tuple[float, str]] = []

    async def step(_name: str, function: Any) -> Any:
        return function()

    errand = Errand(
        job=job(), store=None, engine=InlineEngine(), step=step, wish=lambda: None,
        tell=lambda share, message: told.append((share, message)),
    )  # type: ignore[arg-type]  # fmt: skip
    asyncio.run(errand.run(Task(call="builtins:dict", title="Explaining it", args={}, seconds=1)))
    assert told == [(0.0, "Explaining it")]


@pytest.mark.parametrize(
    ("about", "share"),
    [({"state": "waiting"}, 0.0), ({"progress": 0.0}, None), ({"progress": 0.25}, 0.25)],
)  # fmt: skip
def test_what_waits_has_an_empty_bar_and_what_cannot_be_counted_a_moving_one(about, share) -> None:
    assert jobs.share(job(**about)) == share


def test_the_menu_says_the_title_once_where_there_is_nothing_to_count() -> None:
    line = frame.line(job(message="Explaining it", started=1.0, ended=5.0))
    assert said(line).count("Expla") == 1
    assert "&lt;it&gt;" in line
    assert "idle" in line
    assert "4.0 s" in line


def test_the_menu_says_how_far_counted_work_is_and_what_it_does_now() -> None:
    line = said(frame.line(job(progress=0.4, message="Scored 8 of 20 rows")))
    assert "40 %" in line
    assert "Scored 8 of 20 rows" in line


def test_the_menu_says_that_work_waits() -> None:
    line = frame.line(job(state="waiting"))
    assert "Waiting" in line
    assert "idle" not in line


@pytest.mark.parametrize(
    ("error", "what", "remedy"),
    [
        ("No row is left (a.csv; first: row 2). Bring more. Or fewer.", "No row is left (a.csv; first: row 2).",
         "Bring more. Or fewer."),
        ("It took longer than 0.5 s", "It took longer than 0.5 s", ""),
    ],
)  # fmt: skip
def test_what_went_wrong_stands_apart_from_what_to_do(error, what, remedy) -> None:
    assert jobs.first_sentence(error) == (what, remedy)

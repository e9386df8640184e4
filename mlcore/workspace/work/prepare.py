"""Prepare: the table that a recipe makes of a dataset, with its profile; and a look at what one step would do."""

from __future__ import annotations

from typing import Any

from mlcore import records
from mlcore.data.recipe import EMPTY, Recipe
from mlcore.errors import UserError
from mlcore.findings import Finding
from mlcore.workspace import places
from mlcore.workspace.task import Task
from mlcore.workspace.work.check import looked_at
from mlcore.workspace.work.errand import Done, Errand, Work

SECONDS = 3600.0
PREVIEW_SECONDS = 120.0


async def prepare(errand: Errand, dataset: str) -> None:
    """Make the table of the recipe that is saved for the dataset, so that `Store.dataset` gives it.

    Raises a `UserError` when a step does not fit: the dataset stays as it was.
    """
    recipe = errand.store.recipe(dataset)
    name = errand.store.prepared_name(dataset, recipe)
    if name:
        folder = places.prepared_folder(errand.store.home, dataset, name)
        args = {**_args(errand, dataset, recipe), "folder": str(folder)}
        await errand.run(
            Task(call="mlcore.workspace.preparing:prepare", title="Preparing the table", args=args, seconds=SECONDS)
        )
        errand.store.apply_recipe(dataset, name)
        errand.store.forget_old_tables(dataset)


async def replayed(errand: Errand, old: str, new: str) -> tuple[Finding, ...]:
    """Do the recipe of one version to the next: where a step does not fit, that stays raw, and a finding says so."""
    recipe = errand.store.recipe(old)
    errand.store.set_recipe(new, recipe)
    try:
        await prepare(errand, new)
    except UserError as error:
        if errand.wish() is not None:
            raise
        errand.store.set_recipe(new, EMPTY)
        return (_not_replayed(error),)
    return ()


def _not_replayed(error: UserError) -> Finding:
    return Finding(
        code="recipe_not_carried",
        level="watch",
        title="The recipe could not be done again",
        what=f"A step of the recipe does not fit this version: {error}",
        why="Without its recipe the table is not what the models of the version before learned from.",
        remedy="Make the recipe anew, leaving out or changing this step.",
    )


async def _prepare(errand: Errand) -> Done:
    """Args: `dataset`, and optionally `recipe` (JSON), which is saved first."""
    args = errand.job.args
    if args.get("recipe") is not None:
        errand.store.set_recipe(args["dataset"], records.from_json(Recipe, args["recipe"]))
    await prepare(errand, args["dataset"])
    await looked_at(errand, args["dataset"], None, None)
    return Done(result={"dataset": args["dataset"]})


async def _preview(errand: Errand) -> Done:
    """Args: `dataset`, `recipe` (JSON; its last active step is shown), and optionally `step`: where to stop."""
    args = errand.job.args
    recipe = records.from_json(Recipe, args["recipe"])
    if args.get("step") is not None:
        last = [step.id for step in recipe.steps].index(args["step"])
        recipe = Recipe(steps=recipe.steps[: last + 1])
    folder = places.job_folder(errand.store.home, errand.job.id)
    await errand.run(
        Task(
            call="mlcore.workspace.preparing:preview",
            title="Trying the step",
            args={**_args(errand, args["dataset"], recipe), "folder": str(folder)},
            seconds=PREVIEW_SECONDS,
        )
    )
    return Done(result={"dataset": args["dataset"]})


def _args(errand: Errand, dataset: str, recipe: Recipe) -> dict[str, Any]:
    others = errand.store.others(dataset, recipe)
    return {
        "raw": records.to_json(errand.store.raw(dataset)),
        "recipe": records.to_json(recipe),
        "others": records.to_json(others),
    }


PREPARE = Work(key="prepare", queue="quick", carry_out=_prepare)
RECIPE_PREVIEW = Work(key="recipe_preview", queue="quick", carry_out=_preview)

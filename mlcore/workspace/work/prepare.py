"""Prepare: the table that a recipe makes of a dataset, with its profile; and a look at what one step would do."""

from __future__ import annotations

from typing import Any

from mlcore import records
from mlcore.data.recipe import Recipe
from mlcore.workspace import places
from mlcore.workspace.task import Task
from mlcore.workspace.work.check import looked_at
from mlcore.workspace.work.errand import Done, Errand, Work

SECONDS = 3600.0
PREVIEW_SECONDS = 120.0


async def prepare(errand: Errand, dataset: str) -> None:
    """Make the table of the recipe that is saved for the dataset, so that `Store.dataset` gives it; then profile it.

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
    errand.tell(0.6, "Looking at the columns")
    await looked_at(errand, dataset, None, None)


async def _prepare(errand: Errand) -> Done:
    """Args: `dataset`, and optionally `recipe` (JSON), which is saved first."""
    args = errand.job.args
    if args.get("recipe") is not None:
        errand.store.set_recipe(args["dataset"], records.from_json(Recipe, args["recipe"]))
    await prepare(errand, args["dataset"])
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

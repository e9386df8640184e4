"""Every kind of job, carried out by a real worker, and the scorer that answers about single rows."""

from __future__ import annotations

import shutil
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlcore.errors import UserError
from mlcore.evaluation.policy import Rule
from mlcore.explanation import read
from mlcore.explanation.answers import Wanted
from mlcore.explanation.moves import Limit
from mlcore.learning import scoring
from mlcore.learning.goal import Goal
from mlcore.learning.model import Model
from mlcore.workspace import batch, graphs, places, processes, scorer
from mlcore.workspace.store import Job, Store
from tests.mlcore.workspace.conftest import ended, killed

MODEL = "linear"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A workspace with a worker, in which a table was imported and a linear model trained, by jobs."""
    folder = tmp_path_factory.mktemp("shop")
    store = Store.open(folder / "home")
    variables = {"TABLESMITH_HOME": str(store.home), "TABLESMITH_WORKER_NAME": "shop"}
    worker = processes.start_detached(processes.command("mlcore.workspace.worker"), folder / "log", variables)
    try:
        made = table()
        made.to_csv(folder / "customers.csv", index=False)
        dataset = done(store, "import", path=str(folder / "customers.csv"), name="customers").result["dataset"]
        store.save_goal(dataset, Goal(target="answer", task="binary", metric="", positive="yes"))
        done(store, "train", dataset=dataset, seconds=60, search=False, models=[MODEL])
        yield store
    finally:
        killed(worker)
        store.close()


def table() -> pd.DataFrame:
    chance = np.random.default_rng(2)
    made = pd.DataFrame({"size": chance.normal(size=900).round(3), "shop": chance.choice(["a", "b", "=1+1"], 900)})
    made["answer"] = np.where(made["size"] + chance.normal(size=900) > 0, "yes", "no")
    return made


def done(store: Store, kind: Any, **args: Any) -> Job:
    job = ended(store, store.submit(kind, args, kind), 120)
    assert job.state == "done", (job.error, store.detail(job.id))
    return job


def failed(store: Store, kind: Any, **args: Any) -> Job:
    job = ended(store, store.submit(kind, args, kind), 120)
    assert job.state == "failed"
    assert "Traceback" not in job.error
    assert store.detail(job.id)
    return job


def run_of(store: Store) -> str:
    return store.jobs(kind="train")[-1].id


def test_an_imported_table_has_a_profile_and_findings(shop: Store) -> None:
    card = shop.datasets()[0]
    assert (card.dataset.name, card.dataset.rows) == ("customers", 900)
    profile = shop.profile(card.id)
    assert profile is not None
    assert profile.rows == 900
    assert shop.findings(card.id) is not None


def test_a_sample_can_be_imported_by_its_key(shop: Store) -> None:
    job = done(shop, "import", sample="penguins")
    assert shop.dataset(job.result["dataset"]).source == "sample:penguins"
    shop.remove_dataset(job.result["dataset"])


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"\x00\x01\x02\xff" * 500], ids=["empty", "header only", "binary"])
def test_a_file_that_is_no_table_leaves_a_sentence_and_nothing_else(
    shop: Store, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "0123abc"
    path.write_bytes(content)
    before = {card.id for card in shop.datasets()}
    job = failed(shop, "import", path=str(path), name="customers")
    assert job.error.endswith(".")
    assert "(customers" in job.error
    assert path.name not in job.error
    assert {card.id for card in shop.datasets()} == before
    folder = places.dataset_folder(shop.home, job.id)
    assert not folder.exists() or not list(folder.iterdir())


def test_a_file_is_looked_at_before_it_is_imported(shop: Store, tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes("Größe;Preis\nklein;1,5\n".encode("cp1252"))
    job = done(shop, "preview", path=str(tmp_path / "rows"), name="rows.csv", choices={"encoding": "cp1252"})
    found = shop.preview(job.id)
    assert found is not None
    assert found.schema.names == ("Größe", "Preis")
    assert (found.reading.decimal, found.rows) == (",", 1)
    assert "(rows.csv)" in failed(shop, "preview", path=str(tmp_path), name="rows.csv").error


def test_a_finished_run_is_explained_without_being_asked(shop: Store) -> None:
    run, best = run_of(shop), shop.run(run_of(shop)).best
    assert best is not None
    job = ended(shop, shop.jobs(kind="explain", run=run)[0].id)
    assert job.state == "done", shop.detail(job.id)
    folder = shop.explanation_folder(run, best)
    assert folder is not None
    assert read(folder).columns == ("size", "shop")


def test_a_model_is_measured_when_asked(shop: Store) -> None:
    run = run_of(shop)
    done(shop, "evaluate", run=run, key="baseline")
    found = shop.evaluation(run, "baseline")
    assert found is not None
    assert found.measured == "cross-validation"


def test_the_holdout_is_opened_once_and_that_is_recorded(shop: Store) -> None:
    run = run_of(shop)
    assert shop.holdout(run, MODEL) is None
    done(shop, "open_holdout", run=run, key=MODEL)
    first = shop.opened(run)
    found = shop.holdout(run, MODEL)
    assert found is not None
    assert (found.measured, found.n) == ("hold-out", shop.plan(run).validation.holdout)
    done(shop, "open_holdout", run=run, key=MODEL)
    assert shop.opened(run) == first


def test_a_model_learns_from_all_rows_only_after_the_locked_ones_judged_it(shop: Store) -> None:
    run = run_of(shop)
    early = ended(shop, shop.submit("again", {"run": run, "key": "baseline"}, "All rows"))
    assert "not opened for this model" in early.error
    done(shop, "open_holdout", run=run, key=MODEL)
    done(shop, "again", run=run, key=MODEL)
    made = next(trial for trial in shop.run(run).trials if trial.all_rows)
    assert (made.of, made.key) == (MODEL, f"{MODEL}-all")
    locked = ended(shop, shop.submit("open_holdout", {"run": run, "key": made.key}, "Open"))
    assert "cannot judge what has learned from them" in locked.error
    assert made.key not in shop.opened(run)


@pytest.mark.slow
def test_a_bundle_is_listed_when_it_is_proven(shop: Store) -> None:
    run = run_of(shop)
    job = done(shop, "bundle", run=run, key=MODEL)
    bundle = shop.bundles(run)[0]
    assert bundle.id == job.result["bundle"]
    assert bundle.proof["ok"] is True
    assert "manifest.json" in {Path(name).name for name in zipfile.ZipFile(bundle.path).namelist()}


def test_a_fast_version_is_made_of_an_ensemble_or_the_reason_is_told(shop: Store) -> None:
    run = run_of(shop)
    made = ended(shop, shop.submit("compact", {"run": run}, "Faster"))
    if made.state == "done":
        notes = [note for trial in shop.run(run).trials if trial.key == "compact" for note in trial.notes]
        assert notes == ([made.result["said"]] if made.result["key"] == "compact" else [])
    else:
        assert "ensemble" in made.error


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_is_scored_in_its_own_order(shop: Store, tmp_path: Path, ending: str) -> None:
    rows = table().drop(columns="answer").iloc[::-1].head(50)
    rows.to_csv(tmp_path / "rows.csv", index=False)
    run = run_of(shop)
    job = done(shop, "score_file", run=run, key=MODEL, path=str(tmp_path / "rows.csv"), format=ending)
    file = Path(job.result["file"])
    scored = pd.read_parquet(file) if ending == "parquet" else pd.read_csv(file)
    model = Model.load(shop.model_folder(run, MODEL))
    expected = model.predict(rows.reset_index(drop=True)).score
    np.testing.assert_allclose(scored["probability_yes"], expected, atol=1e-12)
    assert job.result["rows"] == 50


@pytest.mark.slow
def test_a_file_to_score_that_is_read_wrongly_is_read_by_choices(shop: Store, tmp_path: Path) -> None:
    rows = table().drop(columns="answer").head(20)
    rows.to_csv(tmp_path / "rows.csv", index=False, sep="^")
    path, run = str(tmp_path / "rows.csv"), run_of(shop)
    wrong = failed(shop, "score_file", run=run, key=MODEL, path=path, name="mine.csv", choices={"delimiter": ","})
    assert "(mine.csv)" in wrong.error
    assert shop.reading(wrong.id) is not None
    job = done(shop, "score_file", run=run, key=MODEL, path=path, choices={"delimiter": "^", "encoding": None})
    reading = shop.reading(job.id)
    assert reading is not None
    assert (job.result["rows"], reading.delimiter) == (20, "^")


@pytest.mark.slow
def test_a_refused_file_leaves_the_list_of_its_cells_and_nothing_else(shop: Store, tmp_path: Path) -> None:
    rows = table().drop(columns="answer").astype(object).head(30)
    rows.iloc[4, 0] = "much"
    rows.to_csv(tmp_path / "rows.csv", index=False)
    asked = {"run": run_of(shop), "key": MODEL, "path": str(tmp_path / "rows.csv")}
    job = failed(shop, "score_file", **asked, name="mine.csv", handling={"unreadable": "reject"})
    assert "(mine.csv; first: row 5, column 'size': 'much')" in job.error
    folder = places.job_folder(shop.home, job.id)
    left = {path.name for path in folder.iterdir()} - {"detail.txt"}
    assert left == {"reading.json", "errors.csv", "errors.json"}
    (fault,) = batch.faults(folder)
    assert (fault.column, fault.cells, fault.action, fault.first[0].row) == ("size", 1, "reject", 5)
    filled = done(shop, "score_file", **asked, handling={"unreadable": "fill"}, keep=True, format="xlsx")
    assert (filled.result["rows"], filled.result["filled"], filled.result["faults"]) == (30, 1, 1)
    folder = places.job_folder(shop.home, filled.id)
    assert [row["size"] for row in batch.head(folder)][4] == "much"
    assert batch.progress(folder) is None


def test_a_scoring_that_is_begun_again_starts_from_nothing(shop: Store, tmp_path: Path) -> None:
    table().drop(columns="answer").head(20).to_csv(tmp_path / "rows.csv", index=False)
    left = places.job_folder(shop.home, "123456789abc")
    (left / ".rows-x").mkdir(parents=True)
    (left / ".rows-x" / "rows.parquet").write_bytes(b"half")
    (left / ".predictions.csv.ab.part").write_bytes(b"half")
    (left / "progress.json").write_text('{"share": 0.4, "message": "Scored 8 of 20 rows"}')
    assert batch.progress(left) == (0.4, "Scored 8 of 20 rows")
    batch.tidy(left)
    assert list(left.iterdir()) == []


def test_a_file_without_a_needed_column_is_refused_in_words(shop: Store, tmp_path: Path) -> None:
    table()[["size"]].to_csv(tmp_path / "rows.csv", index=False)
    job = failed(shop, "score_file", run=run_of(shop), key=MODEL, path=str(tmp_path / "rows.csv"))
    assert "shop" in job.error


def test_work_on_a_model_that_is_not_there_is_refused_in_words(shop: Store) -> None:
    for kind in ("evaluate", "explain", "bundle", "open_holdout"):
        job = failed(shop, kind, run=run_of(shop), key="../../etc")
        assert "no model" in job.error


def test_training_without_a_goal_is_refused_in_words(shop: Store) -> None:
    dataset = shop.datasets()[0].id
    other = shop.add_dataset(shop.dataset(dataset))
    assert "goal" in failed(shop, "train", dataset=other).error
    shop.remove_dataset(other)


@pytest.fixture(scope="module")
def client(shop: Store) -> Iterator[scorer.Client]:
    """A scorer in a thread of the test, so that nothing is left behind."""
    place = scorer.socket_path(shop.home)
    server = scorer.Server(place, scorer.Scorer(shop.home))
    thread = threading.Thread(target=server.serve_until_idle, args=(20,))
    thread.start()
    yield scorer.Client(shop.home)
    server.asked = -1e9
    thread.join()
    server.server_close()
    place.unlink(missing_ok=True)


def test_the_scorer_says_what_the_model_says(shop: Store, client: scorer.Client) -> None:
    rows = table().drop(columns="answer").head(3)
    said = client.predict(run_of(shop), MODEL, rows.to_dict("records"))
    model = Model.load(shop.model_folder(run_of(shop), MODEL))
    np.testing.assert_allclose([row["probability_yes"] for row in said], model.predict(rows).score, atol=1e-6)


@pytest.fixture(scope="module")
def bundled(shop: Store) -> Path:
    """The folder of the model, of which a bundle was proven."""
    if not shop.bundles(run_of(shop)):
        done(shop, "bundle", run=run_of(shop), key=MODEL)
    return shop.model_folder(run_of(shop), MODEL)


def test_the_scorer_answers_by_the_proven_graph(
    shop: Store, bundled: Path, client: scorer.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, graph = table().drop(columns="answer").head(3), graphs.load(bundled)
    expected = Model.load(bundled).predict(rows).score

    def untouched(*_: Any) -> None:
        raise AssertionError("the pipelines were asked")

    monkeypatch.setattr(scoring.Scorer, "values_of", untouched)
    said = client.predict(run_of(shop), MODEL, rows.to_dict("records"))
    assert graph is not None
    np.testing.assert_allclose([row["probability_yes"] for row in said], expected, rtol=0, atol=graph.tolerance)


def test_a_row_on_the_threshold_is_decided_by_the_graph_as_in_a_file(bundled: Path) -> None:
    model, graph, rows = Model.load(bundled).scorer, graphs.load(bundled), table().drop(columns="answer").head(12)
    assert graph is not None
    for place, score in enumerate(model.frame(rows)["probability_yes"]):
        model.obey({"threshold": score})
        row = rows.iloc[[place]]
        assert graphs.answers(model, graph, row)["prediction"].tolist() == model.frame(row)["prediction"].tolist()


def test_a_graph_counts_only_for_the_files_it_was_drawn_from(bundled: Path, tmp_path: Path) -> None:
    shutil.copytree(bundled.parent, tmp_path / "trial")
    assert graphs.load(tmp_path / "trial" / "model") is not None
    (tmp_path / "trial" / "model" / "scoring.json").write_text("{}")
    assert graphs.load(tmp_path / "trial" / "model") is None
    shutil.rmtree(tmp_path / "trial" / graphs.KEPT)
    assert (graphs.load(tmp_path / "trial" / "model"), graphs.mark(tmp_path / "trial" / "model")) == (None, 0)


def test_the_scorer_obeys_a_decision_rule_as_soon_as_it_is_saved(shop: Store, client: scorer.Client) -> None:
    row, run = {"size": 0.5, "shop": None}, run_of(shop)
    usual = shop.policy(run, MODEL)
    assert (usual.threshold, shop.policy_mark(run, MODEL)) == (0.5, "")
    asked = Rule(column="shop", op="is empty", then="no", why="Unknown shops are not served.")
    saved = shop.save_policy(run, MODEL, replace(usual, threshold=0.0, rules=(asked,)))
    try:
        assert shop.policy(run, MODEL) == saved
        assert shop.policy_mark(run, MODEL)
        assert client.predict(run, MODEL, [{"size": -9.0, "shop": "a"}])[0]["prediction"] == "yes"
        said = client.predict(run, MODEL, [row])[0]
        assert (said["prediction"], said["flags"]) == ("no", "missing:shop;rule:1")
    finally:
        shop.forget_policy(run, MODEL)
    assert shop.policy(run, MODEL) == usual
    assert client.predict(run, MODEL, [row])[0]["flags"] == "missing:shop"


def test_a_file_is_scored_by_the_saved_decision_rule(shop: Store, tmp_path: Path) -> None:
    run = run_of(shop)
    table().drop(columns="answer").to_csv(tmp_path / "rows.csv", index=False)
    shop.save_policy(run, MODEL, replace(shop.policy(run, MODEL), threshold=1.5))
    try:
        job = done(shop, "score_file", run=run, key=MODEL, path=str(tmp_path / "rows.csv"), format="parquet")
    finally:
        shop.forget_policy(run, MODEL)
    assert set(pd.read_parquet(job.result["file"])["prediction"]) == {"no"}


def test_a_decision_rule_for_a_model_that_is_not_there_is_refused_in_words(shop: Store) -> None:
    with pytest.raises(UserError, match="not there"):
        shop.policy(run_of(shop), "nothing")


def test_the_scorer_explains_a_row_and_it_adds_up(shop: Store, client: scorer.Client) -> None:
    row = {"size": 0.5, "shop": None}
    why = client.explain_row(run_of(shop), MODEL, row)
    assert why.columns == ("size", "shop")
    np.testing.assert_allclose(why.base + why.values.sum(axis=1), why.output, atol=1e-6)
    said = client.predict(run_of(shop), MODEL, [row])[0]["probability_yes"]
    np.testing.assert_allclose(why.output[0, 0], said, atol=1e-9)


def test_the_scorer_flags_what_it_never_saw(shop: Store, client: scorer.Client) -> None:
    said = client.predict(run_of(shop), MODEL, [{"size": 99, "shop": "nowhere"}])[0]
    assert set(said["flags"].split(";")) == {"range:size", "unseen:shop"}


def test_the_scorer_says_how_unlike_anything_seen_a_row_is(shop: Store, client: scorer.Client) -> None:
    usual, odd = client.likeness(run_of(shop), MODEL, [{"size": 0.0, "shop": "a"}, {"size": 99.0, "shop": "nowhere"}])
    assert (usual.unlike, usual.strange) == (False, ())
    assert odd.unlike
    assert {one.column: one.code for one in odd.strange} == {"size": "range", "shop": "unseen"}
    with pytest.raises(UserError, match="lacks the column 'shop'"):
        client.likeness(run_of(shop), MODEL, [{"size": 0.0}])


def test_the_typical_row_is_a_row_of_the_table_in_its_middle(shop: Store, client: scorer.Client) -> None:
    at = client.typical(run_of(shop), MODEL)
    assert abs(pd.read_parquet(shop.dataset(shop.datasets()[0].id).path)["size"].iloc[at]) < 0.3


def test_what_the_scorer_finds_to_change_gets_the_wanted_answer(shop: Store, client: scorer.Client) -> None:
    row, run = {"size": -1.5, "shop": "b"}, run_of(shop)
    assert client.predict(run, MODEL, [row])[0]["prediction"] == "no"
    limits = [Limit(column="shop", fixed=True), Limit(column="size", direction="up", step=0.25)]
    found = client.counterfactuals(run, MODEL, row, Wanted(label="yes"), limits, seconds=60)
    assert [[change.column for change in one.changes] for one in found.answers] == [["size"]]
    one = found.answers[0]
    assert (one.changes[0].after + 1.5) / 0.25 % 1 == 0
    assert client.predict(run, MODEL, [one.row])[0]["prediction"] == "yes"
    back = {**one.row, "size": one.changes[0].after - 0.25}
    assert client.predict(run, MODEL, [back])[0]["prediction"] == "no"
    with pytest.raises(UserError, match="never says 'maybe'"):
        client.counterfactuals(run, MODEL, row, Wanted(label="maybe"))


def test_the_scorer_refuses_in_words(shop: Store, client: scorer.Client) -> None:
    with pytest.raises(UserError, match="no model"):
        client.predict(run_of(shop), "../..", [{}])
    with pytest.raises(UserError, match="not there"):
        client.predict("0123456789ab", MODEL, [{}])


def test_the_scorer_is_started_when_it_is_first_asked(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with pytest.raises(UserError, match="not there"):
        scorer.Client(home).predict("0123456789ab", MODEL, [{}])
    assert processes.is_held(home / "scorer.lock")
    processes.kill_group(int((home / "scorer.lock").read_text()))

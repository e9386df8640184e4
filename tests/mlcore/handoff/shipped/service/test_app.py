"""The service in process: what it answers, what it refuses, and that nothing makes it fall."""

from __future__ import annotations

import json
import logging
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from mlcore.handoff.shipped.service.guard import Lines
from mlcore.handoff.shipped.service.model import Served
from mlcore.handoff.shipped.service.trial import trial
from mlcore.learning.scoring import Scorer
from tests.mlcore.handoff.shipped.conftest import Ask

Row = dict[str, Any]
SECRET = "a cell of " + "somebody"


def as_file(folder: Path, rows: list[Row]) -> pd.DataFrame:
    return Scorer.load(folder).frame(pd.DataFrame(rows, dtype=object))


@pytest.mark.slow
@pytest.mark.parametrize("way", ["onnx", "scoring"])
def test_a_row_gets_the_answer_that_a_file_gets(species: Path, stored: Path, ask: Ask, flower: Row, way: str) -> None:
    rows = [flower, {**flower, "open": "perhaps", "länge; cm": None, "rate": 99}]
    said = ask(stored if way == "scoring" else species).post("/predict", json={"rows": rows})
    assert said.status_code == 200, said.text
    expected = as_file(species, rows)
    for answer, line in zip(said.json()["predictions"], expected.to_dict("records"), strict=True):
        assert answer["prediction"] == line["prediction"]
        assert ";".join(answer["flags"]) == line["flags"]
        for label, share in answer["probabilities"].items():
            assert share == pytest.approx(line[f"probability_{label}"], abs=5e-5 if way == "onnx" else 1e-12)
    assert "unseen:open" in said.json()["predictions"][1]["flags"]
    assert said.json()["model"] | {"target": "species", "task": "multiclass", "way": way} == said.json()["model"]
    assert "ignored" not in said.json()


@pytest.mark.slow
def test_a_number_comes_with_its_interval(disease: Path, ask: Ask) -> None:
    row = {"age": 50, "bmi": 26.1, "bp": 90}
    (answer,) = ask(disease).post("/predict", json={"rows": [row]}).json()["predictions"]
    line = as_file(disease, [row]).iloc[0]
    assert answer == {"flags": []} | {
        name: pytest.approx(line[name], rel=1e-4) for name in ("prediction", "low", "high")
    }


@pytest.mark.slow
def test_a_policy_is_obeyed(species: Path, disease: Path, tmp_path: Path, ask: Ask, flower: Row) -> None:
    copy = Path(shutil.copytree(disease, tmp_path / "ruled"))
    policy = json.loads((copy / "policy.json").read_text())
    policy["rules"] = [{"column": "bmi", "op": ">", "value": 30, "then": 7.0, "why": ""}]
    (copy / "policy.json").write_text(json.dumps(policy))
    scorer = Scorer.load(copy)
    scorer.frame(pd.read_parquet(copy / "golden" / "input.parquet")).to_parquet(copy / "golden" / "output.parquet")
    rows = [{"age": 50, "bmi": bmi, "bp": 90} for bmi in (26, 35)]
    first, second = ask(copy).post("/predict", json={"rows": rows}).json()["predictions"]
    assert first["decision"] == first["prediction"]
    assert (second["decision"], second["flags"]) == (7.0, ["rule:1"])


@pytest.mark.slow
def test_what_is_not_asked_for_is_named_and_ignored(species: Path, ask: Ask, flower: Row) -> None:
    said = ask(species).post("/predict", json={"rows": [{**flower, "customer": 12}]}).json()
    assert said["ignored"] == ["customer"]


@pytest.mark.slow
def test_no_rows_get_no_predictions(species: Path, ask: Ask) -> None:
    assert ask(species).post("/predict", json={"rows": []}).json()["predictions"] == []


@pytest.mark.slow
def test_bad_cells_are_refused_with_row_column_and_remedy(species: Path, ask: Ask, flower: Row) -> None:
    short = {name: cell for name, cell in flower.items() if name != "zip"}
    said = ask(species).post("/predict", json={"rows": [flower, short]})
    assert said.status_code == 422
    assert said.json()["problems"][0] | {"row": 1, "column": "zip"} == said.json()["problems"][0]
    body = json.dumps({"rows": [{**flower, "rate": float("nan"), "länge; cm": "5,1"}]})
    said = ask(species).post("/predict", content=body, headers={"content-type": "application/json"})
    assert said.status_code == 422
    told = {one["column"]: one for one in said.json()["problems"]}
    assert told["rate"]["value"] == "NaN"
    assert "null" in told["rate"]["remedy"]
    assert told["länge; cm"] | {"row": 0, "value": "5,1", "expected": "a number, or null"} == told["länge; cm"]
    assert said.json()["detail"].startswith("2 cells cannot be scored. The first: row 0, column 'länge; cm'")


HOSTILE = [
    (b"", 400), (b"{", 400), (b"\xff\xfe", 400), (b"[" * 100_000, 400), (b'{"rows": [{"a": "\\ud800"}]}', 400),
    (b"1" * 5_000, 400), (b"[]", 422), (b"null", 422), (b"{}", 422), (b'{"rows": 3}', 422),
    (b'{"rows": {"a": 1}}', 422),
    (b'{"rows": [1, null]}', 422), (b'{"rows": [{}]}', 422), (b'{"rows": [], "more": 1}', 422),
    (b'{"rows": [], "reasons": "x"}', 422), (b'{"rows": [], "reasons": 21}', 422), (b'{"rows": NaN}', 422),
    (b'{"rows": [{"\\u0000": 1e999}]}', 422), (b'{"rows": [' + b"[" * 900 + b"]" * 900 + b"]}", 422),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("body", "status"), HOSTILE, ids=lambda value: str(value)[:24])
def test_a_hostile_body_is_one_sentence(species: Path, ask: Ask, body: bytes, status: int) -> None:
    said = ask(species).post("/predict", content=body, headers={"content-type": "application/json"})
    assert said.status_code == status, said.text
    assert said.json()["detail"].endswith((".", "}"))


@pytest.mark.slow
def test_another_content_type_method_and_path_are_refused(species: Path, ask: Ask, flower: Row) -> None:
    client = ask(species)
    body = json.dumps({"rows": [flower]})
    assert client.post("/predict", content=body, headers={"content-type": "text/plain"}).status_code == 415
    assert client.post("/predict", content=body).status_code == 415
    packed = {"content-type": "application/json; charset=utf-8", "content-encoding": "gzip"}
    assert client.post("/predict", content=body, headers=packed).status_code == 415
    wrong = client.get("/predict")
    assert (wrong.status_code, wrong.headers["allow"], wrong.json()["detail"][-1]) == (405, "POST", ".")
    assert client.get("/etc/passwd").status_code == 404


@pytest.mark.slow
def test_too_much_is_refused_before_it_is_read(species: Path, ask: Ask, flower: Row) -> None:
    client = ask(species, megabytes=0.01, rows=5)
    said = client.post("/predict", content=b" " * 200_000, headers={"content-type": "application/json"})
    assert said.status_code == 413
    assert "0.01 MB" in said.json()["detail"]
    said = client.post("/predict", json={"rows": [flower] * 6})
    assert said.status_code == 422
    assert "6 rows are more than the 5" in said.json()["detail"]


@pytest.mark.slow
def test_a_key_is_asked_for_where_one_is_set(species: Path, ask: Ask, flower: Row) -> None:
    client = ask(species, keys=(b"first", b"second"))
    body = {"rows": [flower]}
    for wrong in ({}, {"x-api-key": ""}, {"x-api-key": "firs"}, {"x-api-key": b"first\xe9"}):
        assert client.post("/predict", json=body, headers=wrong).status_code == 401
    assert client.get("/schema").status_code == client.get("/openapi.json").status_code == 401
    for right in ("first", "second"):
        assert client.post("/predict", json=body, headers={"x-api-key": right}).status_code == 200
    assert client.get("/health").status_code == client.get("/ready").status_code == 200
    assert client.get("/metrics").status_code == 200


@pytest.mark.slow
def test_other_names_than_its_own_are_refused(species: Path, ask: Ask) -> None:
    client = ask(species, hosts=("127.0.0.1", "::1"))
    assert client.get("/health").status_code == 400
    for host in ("127.0.0.1:8000", "[::1]:8000"):
        assert client.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.slow
def test_a_model_that_scores_otherwise_is_not_served(species: Path, tmp_path: Path, ask: Ask, flower: Row) -> None:
    copy = Path(shutil.copytree(species, tmp_path / "copy"))
    output = pd.read_parquet(copy / "golden" / "output.parquet")
    column = next(name for name in output if name.startswith("probability_"))
    output.assign(**{column: output[column] + 1e-4}).to_parquet(copy / "golden" / "output.parquet")
    client = ask(copy)
    ready = client.get("/ready")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    assert ready.json()["difference"] == pytest.approx(1e-4, rel=0.1)
    assert client.post("/predict", json={"rows": [flower]}).status_code == 503
    assert client.get("/health").status_code == 200
    assert "scoring_ready 0" in client.get("/metrics").text


@pytest.mark.slow
def test_a_policy_that_decides_otherwise_is_not_served(disease: Path, tmp_path: Path, ask: Ask) -> None:
    copy = Path(shutil.copytree(disease, tmp_path / "copy"))
    output = pd.read_parquet(copy / "golden" / "output.parquet")
    output.assign(low=output["low"] - 1).to_parquet(copy / "golden" / "output.parquet")
    assert "policy" in ask(copy).get("/ready").json()["note"]


@pytest.mark.slow
def test_ready_says_what_was_replayed(species: Path, stored: Path, ask: Ask) -> None:
    for folder, way, tolerance in ((species, "onnx", 5e-5), (stored, "scoring", 1e-9)):
        told = ask(folder).get("/ready").json()
        assert told | {"ready": True, "way": way, "note": "", "tolerance": tolerance} == told
        assert told["rows"] >= 100
        assert told["difference"] <= tolerance


@pytest.mark.slow
def test_a_mistake_of_ours_is_no_500_and_tells_no_cell(
    species: Path, ask: Ask, flower: Row, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = ask(species)

    def broken(cells: Any) -> Any:
        raise ZeroDivisionError(SECRET)

    monkeypatch.setattr(client.app.state.desk.model, "answers", broken)  # type: ignore[attr-defined]
    with caplog.at_level(logging.INFO, "service"):
        said = client.post("/predict", json={"rows": [flower]}, headers={"x-request-id": "abc"})
    assert said.status_code == 503
    assert "abc" in said.json()["detail"]
    lines = [Lines().format(record) for record in caplog.records if record.name == "service"]
    assert any("ZeroDivisionError" in line for line in lines)
    assert not any(SECRET in line for line in lines)
    assert client.get("/health").status_code == 200


@pytest.mark.slow
def test_what_takes_too_long_is_told(stored: Path, ask: Ask, flower: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    client = ask(stored, seconds=0.1)
    monkeypatch.setattr(client.app.state.desk.model, "answers", lambda cells: time.sleep(0.4))  # type: ignore[attr-defined]
    said = client.post("/predict", json={"rows": [flower]})
    assert said.status_code == 503
    assert "longer than 0.1 seconds" in said.json()["detail"]
    assert said.headers["retry-after"] == "1"


@pytest.mark.slow
def test_a_request_is_one_line_of_the_log_without_its_rows(
    species: Path, ask: Ask, flower: Row, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "service"):
        ask(species).post("/predict", json={"rows": [flower]}, headers={"x-request-id": "one"})
        ask(species, log_rows=True).post("/predict", json={"rows": [flower]})
    first, second = (json.loads(Lines().format(one)) for one in caplog.records if one.name == "service")
    told = {"event": "request", "id": "one", "path": "/predict", "status": 200, "rows": 1, "method": "POST"}
    assert first | told == first
    assert "input" not in first
    assert second["input"] == [flower]


@pytest.mark.slow
def test_an_id_that_is_none_is_not_repeated(species: Path, ask: Ask) -> None:
    said = ask(species).get("/health", headers={"x-request-id": "<b>\\n"})
    assert said.headers["x-request-id"].isalnum()


@pytest.mark.slow
def test_metrics_are_counted(species: Path, ask: Ask, flower: Row) -> None:
    client = ask(species)
    said = client.post("/predict", json={"rows": [flower, {**flower, "open": "perhaps"}]})
    client.post("/predict", json={"rows": [{}]})
    label = said.json()["predictions"][0]["prediction"]
    text = client.get("/metrics").text
    assert 'scoring_requests_total{path="/predict",status="200"} 1' in text
    assert "scoring_rows_total 2" in text
    assert f"scoring_refused_cells_total {len(flower)}" in text
    assert f'scoring_predictions_total{{label="{label}"}} 2' in text
    assert 'scoring_flags_total{code="unseen"} 1' in text
    assert 'scoring_request_seconds_bucket{le="+Inf"} 2' in text
    assert text.endswith("\n")


@pytest.mark.slow
def test_reasons_are_given_where_there_are_any_to_give(species: Path, ask: Ask, flower: Row) -> None:
    client = ask(species, lambda columns, top: [["because"] * top] * len(columns["rate"]), reasoned=2)
    said = client.post("/predict", json={"rows": [flower, flower], "reasons": 2}).json()
    assert [one["reasons"] for one in said["predictions"]] == [["because"] * 2] * 2
    assert client.post("/predict", json={"rows": [flower] * 3, "reasons": 2}).status_code == 422
    request = client.get("/openapi.json").json()["components"]["schemas"]["Request"]
    assert request["properties"]["reasons"]["maximum"] == 20


@pytest.mark.slow
def test_a_bundle_alone_has_no_reasons_and_says_so(species: Path, ask: Ask, flower: Row) -> None:
    client = ask(species)
    said = client.post("/predict", json={"rows": [flower], "reasons": 3})
    assert said.status_code == 422
    assert "tablesmith serve" in said.json()["detail"]
    described = client.get("/openapi.json").json()
    assert "reasons" not in described["components"]["schemas"]["Request"]["properties"]
    assert "gives no reasons" in described["info"]["description"]


@pytest.mark.slow
def test_the_description_is_typed_by_the_schema(species: Path, ask: Ask) -> None:
    client = ask(species, keys=())
    described = client.get("/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    row = described["components"]["schemas"]["Row"]
    assert row["required"] == list(row["properties"])
    assert row["properties"]["rate"]["type"] == ["number", "null"]
    assert row["properties"]["rate"]["x-high"] == 3.0
    assert "From 1.5 to 3.0 in training" in row["properties"]["rate"]["description"]
    assert row["properties"]["seen"]["format"] == "date-time"
    assert set(row["properties"]["open"]["examples"]) == {"yes", "no"}
    prediction = described["components"]["schemas"]["Prediction"]["properties"]
    assert set(prediction["prediction"]["enum"]) == {"setosa", "versicolor", "virginica"}
    assert set(described["paths"]["/predict"]["post"]["responses"]) >= {"200", "400", "413", "415", "422", "503"}
    assert client.get("/schema").json() == json.loads((species / "schema.json").read_text())


@pytest.mark.slow
def test_predictions_are_kept_for_monitoring_where_asked(species: Path, tmp_path: Path, ask: Ask, flower: Row) -> None:
    client = ask(species, predictions=tmp_path / "kept")
    rows = [flower, {**flower, "rate": None, "open": "perhaps"}]
    said = client.post("/predict", json={"rows": rows}, headers={"x-request-id": "one"}).json()["predictions"]
    client.app.state.desk._log.close()  # type: ignore[attr-defined]
    (file,) = (tmp_path / "kept").glob("*.parquet")
    kept = pq.read_table(file).to_pandas()
    assert kept["_id"].tolist() == ["one-0", "one-1"]
    assert kept["_prediction"].tolist() == [one["prediction"] for one in said]
    assert kept["_flags"].tolist() == [";".join(one["flags"]) for one in said]
    assert np.isnan(kept["rate"][1])
    again = Scorer.load(species).frame(kept)
    np.testing.assert_allclose(again["probability_setosa"], kept["_probability_setosa"], atol=5e-5)


@pytest.mark.slow
def test_large_batches_say_what_single_rows_say(species: Path, ask: Ask, flower: Row) -> None:
    client = ask(species)
    rows = [{**flower, "rate": place % 4, "open": "yes" if place % 2 else None} for place in range(300)]
    together = client.post("/predict", json={"rows": rows}).json()["predictions"]
    alone = [client.post("/predict", json={"rows": [row]}).json()["predictions"][0] for row in rows[:8]]
    for one, other in zip(together, alone, strict=False):
        assert one["flags"] == other["flags"]
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-6)


@pytest.mark.slow
def test_a_batch_is_answered_in_pieces_as_it_is_at_once(
    species: Path, ask: Ask, flower: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ask(species)
    rows: list[Row] = [{**flower, "rate": place / 3, "open": "perhaps" if place == 5 else None} for place in range(8)]
    at_once = client.post("/predict", json={"rows": rows}).json()["predictions"]
    monkeypatch.setattr("mlcore.handoff.shipped.service.model.PIECE", 3)
    pieces = client.post("/predict", json={"rows": rows}).json()["predictions"]
    assert [one["flags"] for one in pieces] == [one["flags"] for one in at_once]
    for one, other in zip(pieces, at_once, strict=True):
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-12)
    assert "unseen:open" in at_once[5]["flags"]
    said = client.post("/predict", json={"rows": [*rows, {**flower, "rate": "x"}, {**flower, "zip": []}]})
    assert [(one["row"], one["column"]) for one in said.json()["problems"]] == [(8, "rate"), (9, "zip")]


@pytest.mark.slow
def test_of_very_many_columns_some_golden_rows_are_sent_from_the_first_to_the_last(
    species: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = Served(species)
    every = served.golden_rows()
    monkeypatch.setattr("mlcore.handoff.shipped.service.model.MOST_CELLS", 7 * len(served.reader.fields))
    sent = served.golden_rows()
    assert len(every) >= 100
    assert (len(sent), sent[0], sent[-1]) == (7, every[0], every[-1])
    assert (served.replay().rows, served.replay().ok) == (7, True)
    told = trial(species)
    assert (told["rows"], told["ok"]) == (7, True)


@pytest.mark.slow
def test_the_golden_rows_over_http_are_within_the_tolerance(species: Path, stored: Path) -> None:
    for folder, tolerance in ((species, 5e-5), (stored, 1e-9)):
        told = trial(folder)
        assert told | {"key": "service", "ok": True, "note": "", "tolerance": tolerance} == told
        assert told["difference"] <= tolerance


@pytest.mark.slow
def test_a_trial_that_fails_says_why(disease: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(disease, tmp_path / "copy"))
    output = pd.read_parquet(copy / "golden" / "output.parquet")
    output.assign(prediction=output["prediction"] + 1).to_parquet(copy / "golden" / "output.parquet")
    told = trial(copy)
    assert not told["ok"]
    assert "nothing is answered" in told["note"]


@pytest.mark.slow
def test_rows_that_could_not_be_written_are_counted(disease: Path, tmp_path: Path, ask: Ask) -> None:
    client = ask(disease, predictions=tmp_path / "kept")
    (tmp_path / "kept").rmdir()
    client.post("/predict", json={"rows": [{"age": 50, "bmi": 26.1, "bp": 90}] * 3})
    log = client.app.state.desk._log  # type: ignore[attr-defined]
    log.close()
    assert "scoring_unlogged_rows_total 3" in client.get("/metrics").text


@pytest.mark.slow
def test_a_title_is_no_part_of_the_page_of_docs(disease: Path, tmp_path: Path, ask: Ask) -> None:
    copy = Path(shutil.copytree(disease, tmp_path / "titled"))
    told = json.loads((copy / "manifest.json").read_text()) | {"title": "</title><script>alert(1)</script>"}
    (copy / "manifest.json").write_text(json.dumps(told))
    assert "<script>alert" not in ask(copy).get("/docs").text


@pytest.mark.slow
def test_a_policy_of_a_newer_format_is_not_obeyed_in_part(disease: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(disease, tmp_path / "newer"))
    told = json.loads((copy / "policy.json").read_text()) | {"format": 99}
    (copy / "policy.json").write_text(json.dumps(told))
    with pytest.raises(ValueError, match="format 99"):
        Served(copy)

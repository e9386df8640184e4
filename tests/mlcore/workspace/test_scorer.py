"""The scorer follows what is stored, says in words that it died, and its answers fit into JSON."""

from __future__ import annotations

import json
import shutil
import socket
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from mlcore import files
from mlcore.errors import UserError
from mlcore.learning.model import Model
from mlcore.workspace import places, scorer
from tests.mlcore.explanation.made import explanation_of

RUN, KEY = "0123456789ab", "linear"


def test_a_model_that_was_made_anew_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = places.model_folder(tmp_path, RUN, KEY)
    monkeypatch.setattr(Model, "load", lambda place: SimpleNamespace(folder=place))
    files.write_text(folder / "scoring.json", "{}")
    answers = scorer.Scorer(tmp_path)
    first = answers._model(RUN, KEY)
    assert answers._model(RUN, KEY) is first
    files.write_text(folder / "scoring.json", "{}")
    assert answers._model(RUN, KEY) is not first
    shutil.rmtree(folder)
    with pytest.raises(UserError, match="not there"):
        answers._model(RUN, KEY)


def test_a_scorer_that_dies_before_it_answers_is_a_sentence(tmp_path: Path) -> None:
    place = scorer.socket_path(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as ear:
        ear.bind(str(place))
        ear.listen()

        def dies() -> None:
            asking, _ = ear.accept()
            asking.recv(1)  # the rest stays unread, as when it is killed
            asking.close()

        thread = threading.Thread(target=dies, daemon=True)
        thread.start()
        with pytest.raises(UserError, match="ended before it answered"):
            scorer.Client(tmp_path).typical(RUN, KEY)
    place.unlink()


def test_a_scorer_that_does_not_answer_is_given_up_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scorer, "ANSWER_SECONDS", 0.05)
    place = scorer.socket_path(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as ear:
        ear.bind(str(place))
        ear.listen()
        with pytest.raises(UserError, match="did not answer within"):
            scorer.Client(tmp_path).typical(RUN, KEY)
    place.unlink()


def test_an_explained_row_with_dates_fits_into_json() -> None:
    table = pd.DataFrame({"since": pd.to_datetime(["2024-01-05 00:00", "2024-01-05 13:30"]), "size": [0.5, np.nan]})
    plain = json.loads(json.dumps(scorer._plain(explanation_of(table, np.zeros((2, 2))))))
    assert plain["table"] == {"since": ["2024-01-05", "2024-01-05 13:30:00"], "size": [0.5, None]}

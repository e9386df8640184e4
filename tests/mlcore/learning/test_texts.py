"""Texts become numbers: as stock scikit-learn would, quicker, and never from rows that are not learned from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from mlcore.data.schema import Column, Schema
from mlcore.learning import encode
from mlcore.learning.encode import Intake, Wish
from mlcore.learning.fields import fields_of
from mlcore.learning.gist import Gist
from mlcore.learning.scoring import conform
from mlcore.learning.texts import NO_TERM, Words

PATTERN = "[a-zA-Z0-9]+"
WORDS = [
    "the",
    "cat",
    "sat",
    "on",
    "a",
    "mat",
    "and",
    "ate",
    "my",
    "fine",
    "red",
    "hat",
    "while",
    "dogs",
    "ran",
    "far",
    "away",
    "from",
    "home",
    "to",
    "sea",
]


def texts(rows: int = 200, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    said = [" ".join(random.choice(WORDS, random.integers(0, 9))) + "!" for _ in range(rows)]
    return np.array(said, dtype=object)


@pytest.mark.parametrize(
    ("pattern", "stock"),
    [
        (PATTERN, {"token_pattern": PATTERN, "ngram_range": (1, 2)}),
        (None, {"analyzer": "char_wb", "ngram_range": (2, 5)}),
    ],
)
def test_terms_are_counted_and_weighed_as_scikit_learn_does(pattern: str | None, stock: dict[str, Any]) -> None:
    theirs = TfidfVectorizer(lowercase=False, min_df=2, max_features=20_000, sublinear_tf=True, **stock)
    ours, known, new = Words(pattern), texts(), np.array([*texts(9, 1), "a b unseen", "", "  "], dtype=object)
    np.testing.assert_allclose(ours.fit_transform(known).toarray(), theirs.fit_transform(known).toarray())
    assert list(ours.get_feature_names_out()) == list(theirs.get_feature_names_out())
    np.testing.assert_allclose(ours.transform(new).toarray(), theirs.transform(new).toarray())
    np.testing.assert_array_equal(ours.plain_.transform(new).toarray(), ours.transform(new).toarray())


def test_at_most_so_many_terms_are_kept_and_these_are_the_most_frequent() -> None:
    words = Words(PATTERN, most=2).fit(np.array(["b b b c", "b c c", "d c", "d"], dtype=object))
    assert list(words.get_feature_names_out()) == ["b", "c"]


@pytest.mark.parametrize("hardly", [["", "", ""], ["one", "two", "three"], ["same", "same", "same"]])
def test_hardly_any_words_are_no_reason_to_fail(hardly: list[str]) -> None:
    said = np.array(hardly, dtype=object)
    for step in (Words(PATTERN), Words(None), Gist(PATTERN, classes=None), Gist(PATTERN, classes=2, scaled=True)):
        made = step.fit_transform(said, np.array([0, 1, 0]))
        assert made.shape[1] == len(step.get_feature_names_out())
        assert step.plain_.transform(said).shape == made.shape
    assert list(Words(PATTERN).fit(np.array([""], dtype=object)).get_feature_names_out()) == [NO_TERM]


def test_what_the_gist_says_of_a_row_it_learned_from_does_not_know_the_row() -> None:
    random = np.random.default_rng(1)
    said = np.array([f"{word} {random.choice(WORDS)}" for word in random.permutation(2 * list(range(100)))], object)
    luck = random.integers(0, 2, len(said))
    gist = Gist(PATTERN, classes=2)
    crossed, seen = gist.fit_transform(said, luck)[:, 0], gist.transform(said)[:, 0]
    assert abs(np.corrcoef(crossed, luck)[0, 1]) < 0.3
    assert np.corrcoef(seen, luck)[0, 1] > 0.6


def table(rows: int = 160) -> pd.DataFrame:
    random = np.random.default_rng(3)
    said = texts(rows)
    names = [f"{random.choice(WORDS)} {random.choice(WORDS)} {number % 120}" for number in range(rows)]
    return pd.DataFrame({"note": said, "other": texts(rows, 5), "name": names, "size": random.normal(size=rows)})


SCHEMA = Schema(
    columns=(
        Column(name="note", kind="text", storage="text"),
        Column(name="other", kind="text", storage="text"),
        Column(name="name", kind="categorical", storage="text"),
        Column(name="size", kind="numeric", storage="float"),
    )
)


def test_sentences_of_few_different_words_are_read_as_text_and_codes_of_as_few_are_not() -> None:
    random = np.random.default_rng(0)
    for length, read in ((6, True), (2, False)):
        cells = [" ".join(random.choice(WORDS[:15], length)) + f" {row}" for row in range(300)]
        schema = Schema(columns=(Column(name="note", kind="text", storage="text"),))
        (field,) = fields_of(schema, pd.DataFrame({"note": cells}))
        assert ("pattern" in field) == read


@pytest.fixture
def many_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlcore.learning.fields.TOKENS", 5)
    monkeypatch.setattr("mlcore.learning.encode.COLUMNS", 100)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:`TargetEncoder:FutureWarning")
@pytest.mark.parametrize(
    ("intake", "classes"), [("gaps", 0), ("filled", 40), ("scaled", 2), ("sparse", 0), ("sparse", 3)]
)
def test_several_texts_and_wordy_names_are_traced_and_stored_as_stock_steps(
    intake: Intake, classes: int, many_words: None
) -> None:
    frame = table()
    fields = fields_of(SCHEMA, frame)
    assert ["pattern" in field for field in fields] == [True, True, True, False]
    X, y = conform(frame, fields), np.arange(len(frame)) % max(classes, 7)
    pipeline = make_pipeline(encode.encoder(fields, Wish(intake=intake, rows=len(frame), classes=classes)))
    pipeline.steps[0] = ("encode", pipeline.steps[0][1])
    pipeline.fit(X, y)
    before = _dense(pipeline.transform(X))
    stored = encode.plain(pipeline)
    np.testing.assert_array_equal(_dense(stored.transform(X)), before)
    assert set(encode.origins(stored, fields)) == {0, 1, 2, 3}
    assert len(encode.origins(stored, fields)) == before.shape[1]
    assert not [step for step in _steps(stored) if type(step).__module__.startswith("mlcore")]


def test_trees_are_told_what_a_text_means(many_words: None) -> None:
    frame = table()[["note"]]
    y = frame["note"].str.contains("cat").to_numpy().astype(int)
    fields = fields_of(Schema(columns=SCHEMA.columns[:1]), frame)
    X = conform(frame, fields)
    made = encode.encoder(fields, Wish(intake="gaps", rows=len(y), classes=2)).fit_transform(X, y)
    assert LogisticRegression().fit(made[:, :1] * 10, y).score(made[:, :1] * 10, y) > 0.95


def _dense(matrix: Any) -> Any:
    return matrix.toarray() if hasattr(matrix, "toarray") else np.asarray(matrix)


def _steps(pipeline: Any) -> list[BaseEstimator]:
    found = [step for _, step, _ in pipeline.named_steps["encode"].transformers_]
    return [one for step in found for one in (step, *dict(getattr(step, "steps", [])).values())]

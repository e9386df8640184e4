"""Texts as numbers: which words and groups of letters they hold, and for trees the gist of them.

The steps here count quickly, and learn what stock steps cannot (cross-fitted). The attribute `plain_` of a fitted one
is the stock scikit-learn step that says the same of new rows; only that is stored (`encode.plain`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from mlcore.evaluation.predictions import Integers

CHUNK = 10_000  # texts held as lists of words at a time
MOST_READ = 20_000_000  # characters that a vocabulary is learned from; of more, evenly spaced texts are read
LEAST_TEXTS = 2  # a term must occur in so many
GROUPS = range(2, 6)  # letters in a group
LONGEST = 60  # letters of a term
NO_TERM = "␀"  # the one term of a vocabulary that would be empty


@dataclass(frozen=True, eq=False)
class Counts:
    """How often each term occurs in each text, (n, terms) and sparse; `named` gives the words of some terms."""

    matrix: Any
    named: Callable[[Integers], list[str]]


class Words(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Weights of the words and pairs of words of `pattern` (None: of groups of letters), at most `most` of them."""

    def __init__(self, pattern: str | None, lower: bool = False, most: int = 20_000) -> None:
        self.pattern = pattern
        self.lower = lower
        self.most = most

    def fit(self, X: Any, y: Any = None) -> Words:
        """Learn the vocabulary, and how rare each term is."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """The weights of these texts, (n, terms), sparse."""
        del y
        texts = self._texts(X)
        step = 1 + sum(map(len, texts)) // MOST_READ
        counts = self._counted(texts[::step])
        kept, terms = _vocabulary(counts, self.most)
        matrix = counts.matrix[:, kept] if len(kept) else _nothing(len(texts[::step]))
        self.places_ = {term: place for place, term in enumerate(terms)}
        self.weigher_ = _weigher().fit(matrix)
        self.plain_ = self._stock(terms, self.weigher_.idf_)
        return self.weigher_.transform(matrix) if step == 1 else self.transform(X)

    def transform(self, X: Any) -> Any:
        """The same for other texts, as `plain_` would give it."""
        from scipy import sparse

        texts = self._texts(X)
        pieces = [self._placed(texts[start : start + CHUNK]) for start in range(0, max(len(texts), 1), CHUNK)]
        return self.weigher_.transform(sparse.vstack(pieces, format="csr"))

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """The terms."""
        del input_features
        return self.plain_.get_feature_names_out()

    def _texts(self, X: Any) -> list[str]:
        texts = list(X)
        return [text.lower() for text in texts] if self.lower else texts

    def _counted(self, texts: Sequence[str]) -> Counts:
        return _letter_counts(texts) if self.pattern is None else _word_counts(texts, self.pattern)

    def _placed(self, texts: Sequence[str]) -> Any:
        """Counts of the vocabulary's terms, in its order."""
        from scipy import sparse

        counts, width = self._counted(texts), len(self.places_)
        terms = np.arange(counts.matrix.shape[1])
        places = np.array([self.places_.get(word, -1) for word in counts.named(terms)], dtype=np.int64)
        known = np.flatnonzero(places >= 0)
        onto = sparse.csr_matrix(
            (np.ones(len(known), dtype=np.int64), (known, places[known])), shape=(len(terms), width)
        )
        return counts.matrix @ onto

    def _stock(self, terms: list[str], rarity: Any) -> Any:
        """Holds its terms as one array, which is stored and read quickly, and looks them up when first used."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        kind: dict[str, Any] = {"analyzer": "char_wb", "ngram_range": (GROUPS[0], GROUPS[-1])}
        if self.pattern is not None:
            kind = {"token_pattern": self.pattern, "ngram_range": (1, 2)}
        made = TfidfVectorizer(lowercase=self.lower, vocabulary=np.array(terms), sublinear_tf=True, **kind)
        made.idf_ = rarity
        del made.vocabulary_
        return made


def _vocabulary(counts: Counts, most: int) -> tuple[Integers, list[str]]:
    """The columns of the terms that are kept, in the order of their words, and the words.

    As scikit-learn chooses them: those in enough texts, of these the most frequent; those in one text when no term is
    in more.
    """
    if not counts.matrix.shape[1]:
        return np.arange(0), [NO_TERM]
    texts = np.bincount(counts.matrix.indices, minlength=counts.matrix.shape[1])
    common = np.flatnonzero(texts >= min(LEAST_TEXTS, texts.max()))
    words = counts.named(common)
    storable = [at for at, word in enumerate(words) if len(word) <= LONGEST and "\0" not in word]
    order = np.array(sorted(storable, key=words.__getitem__), dtype=np.int64)
    if len(order) > most:
        times = np.asarray(counts.matrix.sum(axis=0)).ravel()[common[order]]
        order = order[np.sort((-times).argsort(kind="stable")[:most])]
    return common[order], [words[at] for at in order.tolist()] or [NO_TERM]


def _weigher() -> Any:
    from sklearn.feature_extraction.text import TfidfTransformer

    return TfidfTransformer(sublinear_tf=True)


def _nothing(rows: int) -> Any:
    from scipy import sparse

    return sparse.csr_matrix((rows, 1), dtype=np.int64)


def _word_counts(texts: Sequence[str], pattern: str) -> Counts:
    """Words and pairs of neighbouring words."""
    codes, rows, words = _split(texts, re.compile(pattern).findall)
    neighbours = np.flatnonzero(rows[1:] == rows[:-1])
    pairs, distinct = pd.factorize(codes[neighbours] * max(len(words), 1) + codes[neighbours + 1])
    terms = np.concatenate([codes, len(words) + pairs])
    matrix = _summed(np.concatenate([rows, rows[neighbours]]), terms, (len(texts), len(words) + len(distinct)))

    def named(chosen: Integers) -> list[str]:
        single = chosen[chosen < len(words)]
        first, second = np.divmod(distinct[chosen[len(single) :] - len(words)], max(len(words), 1))
        together = [f"{words[a]} {words[b]}" for a, b in zip(first.tolist(), second.tolist(), strict=True)]
        return [words[at] for at in single.tolist()] + together

    return Counts(matrix, named)


def _letter_counts(texts: Sequence[str]) -> Counts:
    """Groups of neighbouring letters within words, the edges of a word being blanks: of distinct words only once."""
    codes, rows, words = _split(texts, str.split)
    groups = [_groups(f" {word} ") for word in words]
    lengths = np.array([len(found) for found in groups], dtype=np.int64)
    terms, distinct = pd.factorize(np.array([*chain.from_iterable(groups)], dtype=object))
    within = _summed(np.repeat(np.arange(len(words)), lengths), terms, (len(words), len(distinct)))
    matrix = _summed(rows, codes, (len(texts), len(words))) @ within

    def named(chosen: Integers) -> list[str]:
        return [str(distinct[at]) for at in chosen.tolist()]

    return Counts(matrix, named)


def _groups(word: str) -> list[str]:
    found = []
    for size in GROUPS:
        found += [word[start : start + size] for start in range(max(1, len(word) - size + 1))]
        if size >= len(word):  # a short word counts once, as a whole
            break
    return found


def _split(texts: Sequence[str], split: Callable[[str], list[str]]) -> tuple[Integers, Integers, list[str]]:
    """The code of every word, the text it is in, and the distinct words by code."""
    known: dict[str, int] = {}
    codes, lengths = [np.arange(0)], [np.arange(0)]
    for start in range(0, len(texts), CHUNK):
        found = [split(text) for text in texts[start : start + CHUNK]]
        own, distinct = pd.factorize(np.array([*chain.from_iterable(found)], dtype=object))
        places = np.array([known.setdefault(word, len(known)) for word in distinct], dtype=np.int64)
        codes.append(places[own])
        lengths.append(np.array([len(words) for words in found], dtype=np.int64))
    return np.concatenate(codes), np.repeat(np.arange(len(texts)), np.concatenate(lengths)), list(known)


def _summed(rows: Integers, columns: Integers, shape: tuple[int, int]) -> Any:
    from scipy import sparse

    made = sparse.coo_matrix((np.ones(len(rows), dtype=np.int64), (rows, columns)), shape=shape).tocsr()
    made.sum_duplicates()
    return made

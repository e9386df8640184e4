"""From internal columns to the numbers a model learns from: stock scikit-learn steps only, fitted inside the fold.

Three rules keep exports and explanations equal (ARCHITECTURE.md): numbers are float32 already when they come here,
nothing is scaled in front of a tree, and a tree never splits on native categories.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mlcore.learning.wide import WIDE

Intake = Literal["nothing", "gaps", "filled", "scaled", "sparse"]
"""What a model takes in. `nothing`: no encoding is needed beyond a number. `gaps`: numbers as they are, nan allowed
in columns that had some; in the others it becomes the median, as LightGBM would take it for 0.
`filled`: gaps filled with the median, beside an indicator. `scaled`: filled, then to mean 0 and variance 1, dense.
`sparse`: scaled, with every common category as its own column and thousands of words."""

Field = Mapping[str, Any]
FEW = 12  # up to here a category gets one column a level in front of trees
MANY_CLASSES = 15  # beyond this a rate for each class is too many columns
CYCLES = ("month", "weekday", "hour")
COLUMNS = 1_000  # of a category for linear models; with more names, the words in them tell more
SHORT = 100  # up to so many letters on average, groups of letters tell more than words do
MOST_LETTERS = 20_000_000  # beyond, in all texts, groups of letters take too long
TERM_WEIGHT = 0.3  # when a number is predicted
DENSE = {"line", "straight", "gone", "sine", "cosine", "light", "remainder"}
"""Steps for linear models that are dense once they are stored."""

TERMS = re.compile(r"^(?:text|letters)c\d+$")
ID = re.compile(r"^[a-z]+__(c\d+)(?:_|$)|^(?:text|letters)(c\d+)__")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the encoder is built for.

    `classes` is the number of labels (0: regression); `curves` adds bins of the numbers, `common` (for trees) how
    common each of many categories is. In a wide table at most `most` columns are learned from (0: all), and `light`
    ones, mostly zero, are `sparse` where the model takes that.
    """

    intake: Intake
    rows: int
    classes: int
    curves: bool = False
    common: bool = False
    seed: int = 0
    most: int = 0
    sparse: bool = False


def encoder(fields: Sequence[Field], wish: Wish, weights: Any = None) -> Any:
    """An unfitted ColumnTransformer from internal columns to a matrix; categories unseen at fit are welcome.

    `weights`: what each row counts that it will be fitted on, (n,); None: all alike.
    """
    from sklearn.compose import ColumnTransformer

    used = () if wish.intake == "nothing" else fields
    steps = [*_numbers(used, wish), *_categories(used, wish), *_common(used, wish, weights), *_texts(used, wish)]
    return ColumnTransformer(
        [step for step in steps if step[2]],
        sparse_threshold=_sparse_threshold(wish),
        transformer_weights=_weights(steps, wish),
    )


def plain(pipeline: Any) -> Any:
    """The pipeline with stock steps only, as it is stored: those of our own have learned what stock steps cannot."""
    encode = pipeline.named_steps["encode"]
    encode.transformers_ = [(name, _stock(step), places) for name, step, places in encode.transformers_]
    stock = {name: step for name, step, _ in encode.transformers_}
    if stock.keys() <= DENSE or {"scant", "scantgap"} & stock.keys():  # what is stored keeps no columns sparse
        encode.sparse_output_, encode.sparse_threshold = False, 0.0
    encode.transformers = [(name, stock.get(name, step), places) for name, step, places in encode.transformers]
    if encode.n_features_in_ > WIDE:
        _packed(encode)
    return pipeline


def _packed(encode: Any) -> None:
    """Thousands of names and places as arrays, which are stored and read as one piece each."""

    def packed(places: Any) -> Any:
        return np.array(places) if isinstance(places, list) and places else places

    encode.transformers = [(name, step, packed(places)) for name, step, places in encode.transformers]
    encode.transformers_ = [(name, step, packed(places)) for name, step, places in encode.transformers_]
    encode._remainder = (*encode._remainder[:2], packed(encode._remainder[2]))
    encode._columns = [packed(places) for places in encode._columns]
    places = encode._transformer_to_input_indices
    encode._transformer_to_input_indices = {name: np.array(at, dtype=np.int64) for name, at in places.items()}
    steps = [step for _, step, _ in encode.transformers_]
    inner = [part for step in steps if hasattr(step, "named_steps") for part in step.named_steps.values()]
    for step in (encode, *steps, *inner):
        if "feature_names_in_" in getattr(step, "__dict__", {}):
            step.feature_names_in_ = np.asarray(step.feature_names_in_, dtype=str)


def _stock(step: Any) -> Any:
    """The step itself, or the stock one that says the same; of steps in a row each."""
    if hasattr(step, "steps"):
        step.steps = [(name, _stock(one)) for name, one in step.steps]
    return getattr(step, "plain_", step)


def origins(pipeline: Any, fields: Sequence[Field]) -> tuple[int, ...]:
    """For each column that the pipeline's encoder makes, the index of the user's field it comes from.

    The order is that of the encoded matrix (which may be sparse for the linear models).
    """
    places = {field["id"]: index for index, field in enumerate(fields)}
    found = []
    for name in pipeline.named_steps["encode"].get_feature_names_out():
        match = ID.match(name)
        assert match is not None, name
        found.append(places[match.group(1) or match.group(2)])
    return tuple(found)


def _numbers(fields: Sequence[Field], wish: Wish) -> list[tuple[str, Any, list[str]]]:
    light = [field["id"] for field in fields if wish.sparse and field.get("light")]
    scarce = set(light)
    plain = [field["id"] for field in fields if field["kind"] == "number" and field["id"] not in scarce]
    indicators = [
        f"{field['id']}_missing" for field in fields if field["kind"] in ("number", "time") and field["missing"]
    ]
    parts = [f"{field['id']}_{part}" for field in fields if field["kind"] == "time" for part in field["parts"]]
    between = [f"{field['id']}_since{other}" for field in fields for other in field.get("since", ())]
    if wish.intake == "gaps":
        gone = {field["id"] for field in fields if field["missing"]}
        every = plain + parts + between
        open_ = {name for name in every if not gone.isdisjoint(name.replace("since", "").split("_"))}
        gaps = [name for name in every if name in open_]
        whole = [name for name in every if name not in open_]
        scant = [("scant", _scant(), [name for name in light if name not in gone])]
        scant.append(("scantgap", _scant(gaps=True), [name for name in light if name in gone]))
        return [("gap", "passthrough", gaps), ("whole", _filler(), whole), *scant]
    if wish.intake == "filled":
        return [("fill", _filler(), plain + parts + between), ("gone", "passthrough", indicators)]
    cycles = [part for part in parts if part.rsplit("_", 1)[1] in CYCLES]
    straight = [part for part in parts if part not in cycles and not part.endswith("_yearday")]  # that is a wave
    flags = _scant(scaled=True) if wish.sparse else _scaler()
    steps = [("straight", _scaler(), straight), ("gone", flags, indicators), ("cycle", _one_hot(wish, 32), cycles)]
    steps += [*_waves(parts), ("light", _scant(scaled=True), light)]
    bins = [("bin", _bins(), plain)] if wish.curves else []
    return [("line", _evened() if wish.intake == "sparse" else _scaler(), plain + between), *bins, *steps]


def _waves(parts: Sequence[str]) -> list[tuple[str, Any, list[str]]]:
    """Beside a column for each month and weekday: those learn what stands out, a wave carries over to months unseen."""
    from mlcore.learning.waves import ROUNDS, wave

    round_ = [part for part in parts if part.rsplit("_", 1)[1] in ROUNDS]
    return [("sine", wave(round_, cosine=False), round_), ("cosine", wave(round_, cosine=True), round_)]


def _categories(fields: Sequence[Field], wish: Wish) -> list[tuple[str, Any, list[str]]]:
    found = [field for field in fields if field["kind"] == "category"]
    if wish.intake == "sparse":
        return [("hot", _one_hot(wish, COLUMNS), [field["id"] for field in found])]
    few = [field["id"] for field in found if field["levels"] <= FEW]
    many = [field["id"] for field in found if field["levels"] > FEW]
    steps = [("hot", _one_hot(wish, FEW + 2), few)]
    if wish.classes <= MANY_CLASSES:
        steps.append(("rate", _target(wish), many))
    elif wish.intake == "scaled":
        steps.append(("common", _one_hot(wish, 2 * FEW), many))
    return steps if wish.intake == "scaled" else [*steps, ("code", _ordinal(wish), many)]


def _common(fields: Sequence[Field], wish: Wish, weights: Any) -> list[tuple[str, Any, list[str]]]:
    from mlcore.learning.levels import Shares

    many = [field["id"] for field in fields if field["kind"] == "category" and field["levels"] > FEW]
    return [("share", Shares(weights), many)] if wish.common and wish.intake in ("gaps", "filled") else []


def _texts(fields: Sequence[Field], wish: Wish) -> list[tuple[str, Any, str]]:
    """Texts, and categories whose names have words in common: thousands of terms, or the gist of them."""
    found = [field for field in fields if field.get("pattern")]
    if wish.intake != "sparse":
        return [(f"text{field['id']}", _gist(field, wish), field["id"]) for field in found]
    found = [field for field in found if field["kind"] == "text" or field["levels"] > COLUMNS]
    words = [(f"text{field['id']}", _words(field, field["pattern"]), field["id"]) for field in found]
    if wish.classes > 2:  # a weight for each label and group of letters takes longer than it gains
        return words
    short = [field for field in found if field["length"] <= min(SHORT, MOST_LETTERS / max(1, wish.rows))]
    return words + [(f"letters{field['id']}", _words(field, None), field["id"]) for field in short]


def _filler() -> Any:
    from mlcore.learning.filling import Filler

    return Filler()


def _scaler() -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(_filler(), StandardScaler())


def _evened() -> Any:
    """Scaled, long tails drawn in: straight near the middle, like a logarithm far out, the same on both sides."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, RobustScaler, StandardScaler

    bend = FunctionTransformer(np.arcsinh, feature_names_out="one-to-one")
    return make_pipeline(_filler(), RobustScaler(), bend, StandardScaler())


def _scant(*, scaled: bool = False, gaps: bool = False) -> Any:
    from mlcore.learning.scant import Scant

    return Scant(scaled=scaled, gaps=gaps)


def _bins() -> Any:
    """Eight columns a number, one for each eighth of the rows: what splines would do, but storable and exportable."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import KBinsDiscretizer

    bins = KBinsDiscretizer(n_bins=8, encode="onehot", strategy="quantile", quantile_method="averaged_inverted_cdf")
    return make_pipeline(_filler(), bins)


def _one_hot(wish: Wish, most: int) -> Any:
    from sklearn.preprocessing import OneHotEncoder

    from mlcore.learning.levels import Coded

    least = max(2, min(10, wish.rows // 200))
    return Coded(
        OneHotEncoder(
            handle_unknown="infrequent_if_exist",
            min_frequency=least,
            max_categories=most,
            sparse_output=wish.intake == "sparse",
        )
    )


def _target(wish: Wish) -> Any:
    """The rate of the target in each category, cross-fitted within the training rows and shrunk to the mean."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler, TargetEncoder

    from mlcore.learning.levels import Coded

    parts = max(2, min(5, wish.rows // max(1, wish.classes)))
    rate = Coded(TargetEncoder(target_type=_target_type(wish), cv=parts, random_state=wish.seed, shuffle=True))
    return make_pipeline(rate, StandardScaler()) if wish.intake == "scaled" else rate


def _target_type(wish: Wish) -> str:
    if not wish.classes:
        return "continuous"
    return "binary" if wish.classes == 2 else "multiclass"


def _ordinal(wish: Wish) -> Any:
    from sklearn.preprocessing import OrdinalEncoder

    from mlcore.learning.levels import Coded

    least = max(2, min(10, wish.rows // 200))
    return Coded(OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, min_frequency=least))


def _words(field: Field, pattern: str | None) -> Any:
    from mlcore.learning.texts import Words

    return Words(pattern, lower=field["kind"] != "text")  # of texts the scorer makes small letters


def _gist(field: Field, wish: Wish) -> Any:
    from mlcore.learning.gist import Gist

    return Gist(
        field["pattern"],
        lower=field["kind"] != "text",
        classes=wish.classes if wish.classes <= MANY_CLASSES else None,
        scaled=wish.intake == "scaled",
        seed=wish.seed,
    )


def _weights(steps: Sequence[tuple[str, Any, Any]], wish: Wish) -> dict[str, float] | None:
    """Weaker terms of texts: the same as a stronger penalty on them, which are so many. Logistic losses do without."""
    if wish.intake != "sparse" or wish.classes:
        return None
    return {name: TERM_WEIGHT for name, _, _ in steps if TERMS.match(name)} or None


def _sparse_threshold(wish: Wish) -> float:
    return 0.3 if wish.intake == "sparse" or wish.sparse else 0.0

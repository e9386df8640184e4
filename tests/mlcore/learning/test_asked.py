"""Models asked for by name, with settings of somebody's own."""

from __future__ import annotations

import pytest

from mlcore.errors import UserError
from mlcore.learning.goal import Goal
from mlcore.learning.models import MODELS
from mlcore.learning.models.asked import kinds_asked, word
from mlcore.learning.planning import candidates


def test_a_model_with_settings_is_one_more_configuration() -> None:
    kinds = kinds_asked(("baseline", "forest", "forest:trees=500:balanced=yes", "forest:columns=0.5", "forest"))
    found = {one.key: one for one in candidates(kinds, Goal(target="y", task="binary", metric="roc_auc"), 500, 5)}
    assert {"forest", "forest-own", "forest-own2"} < set(found)
    assert dict(found["forest-own"].params) == {"trees": 500, "balanced": True}
    assert dict(found["forest-own2"].params) == {"columns": 0.5}
    assert found["forest-own"].model == "forest"
    assert found["forest-own"].title == "Random forest, trees 500, equal weight for every label yes"


def test_what_a_form_gives_is_read_as_it_was_meant() -> None:
    for kind in MODELS:
        settings = {param.key: param.default for param in kind.params}
        (again,) = kinds_asked([word(kind.key, settings)])
        assert not settings or dict(again.portfolio[0].params) == settings


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("forrest:trees=5", "There is no model 'forrest'. Did you mean 'forest'?"),
        ("forest:tree=5", "There is no setting of forest 'tree'. Did you mean 'trees'?"),
        ("forest:trees", "'trees' is no setting. Write it as trees="),
        ("forest:trees=many", "Trees cannot be 'many'. It must be between 10 and 2000."),
        ("forest:trees=1", "Trees cannot be 1."),
        ("forest:balanced=perhaps", "cannot be 'perhaps'. It must be yes or no."),
    ],
)
def test_a_wrong_setting_is_told(asked: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        kinds_asked([asked])
    assert said in str(caught.value)

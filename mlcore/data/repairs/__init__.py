"""What a step of a recipe can do, in the order in which people look for it."""

from __future__ import annotations

from mlcore.data.repairs.append import APPEND
from mlcore.data.repairs.cap import CAP
from mlcore.data.repairs.change_kind import CHANGE_KIND
from mlcore.data.repairs.combine import COMBINE
from mlcore.data.repairs.deduplicate import DEDUPLICATE
from mlcore.data.repairs.derive import DERIVE
from mlcore.data.repairs.drop import DROP
from mlcore.data.repairs.extract import EXTRACT
from mlcore.data.repairs.fill import FILL
from mlcore.data.repairs.filter_rows import FILTER_ROWS
from mlcore.data.repairs.join import JOIN
from mlcore.data.repairs.merge_rare import MERGE_RARE
from mlcore.data.repairs.parse_date import PARSE_DATE
from mlcore.data.repairs.rename import RENAME
from mlcore.data.repairs.repair import Ask, AskKind, Change, Repair
from mlcore.data.repairs.replace import REPLACE
from mlcore.data.repairs.split import SPLIT
from mlcore.registry import Catalogue

REPAIRS: Catalogue[Repair] = Catalogue(
    "repair",
    (
        DROP, RENAME, CHANGE_KIND, FILL, CAP, REPLACE, MERGE_RARE, SPLIT, COMBINE, PARSE_DATE, EXTRACT, FILTER_ROWS,
        DEDUPLICATE, DERIVE, JOIN, APPEND,
    ),
)  # fmt: skip

__all__ = ["REPAIRS", "Ask", "AskKind", "Change", "Repair"]

"""The table as a whole: what goes with the target, what goes together, its course in time, some of its rows."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.data.dictionary import titles
from mlcore.data.profile import Profile
from pages.ui import cache, charts, show, words


def target(table: cache.TableCard, profile: Profile) -> None:
    """How strongly each column goes with the target, with intervals."""
    made = charts.draw("strengths", profile, table.schema)
    if made is None:
        show.lede(f"No column could be related to {table.title(profile.target)}: too few rows have a value of it.")
    charts.panel(made, f"strengths_{table.id}")


def together(table: cache.TableCard, profile: Profile) -> None:
    """Columns that go together, and columns that are missing together."""
    matrix, gaps = (charts.draw(key, profile, table.schema) for key in ("associations", "gaps"))
    charts.panel(matrix, f"associations_{table.id}")
    charts.panel(gaps, f"gaps_{table.id}")
    if matrix is None:
        show.lede("There are not two columns whose values could be compared.")
    if gaps is None:
        show.lede("No cell is missing.")


@st.fragment
def over_time(table: cache.TableCard, profile: Profile) -> None:
    """Rows per period, and one column in the same periods."""
    charts.panel(charts.draw("periods", profile, None, table.schema), f"periods_{table.id}")
    names = [column.name for column in profile.columns if column.over_time is not None]
    if not names:
        return
    first = names.index(profile.target) if profile.target in names else 0
    chosen = st.selectbox("Column", names, index=first, format_func=table.chosen, key=f"timeline_{table.id}", width=420)
    charts.panel(charts.draw("periods", profile, str(chosen), table.schema), f"timeline_chart_{table.id}")


def rows(table: cache.TableCard, profile: Profile) -> None:
    """Some rows as they are stored, drawn evenly from the table."""
    if not profile.examples:
        show.lede("The table has no rows.")
        return
    names = [column.name for column in profile.columns][: len(profile.examples[0].cells)]
    called = titles(table.schema, names, unit=True)
    frame = pd.DataFrame([one.cells for one in profile.examples], columns=[called[name] for name in names])
    frame.insert(0, "row", [one.number for one in profile.examples], allow_duplicates=True)
    numbers = [called[name] for name in names if table.schema[name].storage in ("integer", "float")]
    st.dataframe(
        frame,
        hide_index=True,
        key=f"rows_{table.id}",
        column_config={name: st.column_config.Column(alignment="right") for name in numbers},
        placeholder="(empty)",
        alt="Some rows of the table",
    )
    hidden = len(profile.columns) - len(names)
    more = f" The first {len(names)} of {len(profile.columns):,} columns." if hidden else ""
    show.lede(f"{words.count(len(frame), 'row')} of {profile.rows:,}, drawn evenly from first to last.{more}")

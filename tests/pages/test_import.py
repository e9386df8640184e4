"""A file on its way in: looked at, corrected, imported; and every way that can end."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mlcore.errors import UserError
from mlcore.workspace.store import Store
from pages.ui import reading
from tests.pages.working import carry_out, newest

PAGE = "pages/data/import_.py"
GERMAN = "Größe;Preis;Datum\nklein;1.234,5;03.02.2025\ngroß;2,5;04.02.2025\n".encode("cp1252")


def html(at: AppTest) -> str:
    return "\n".join(str(element.value) for element in at.html)


def looked(app: Any, store: Store, name: str, content: bytes) -> AppTest:
    """The import page after a file was dropped and looked at."""
    at = app(PAGE)
    at.file_uploader[0].upload(name, content).run()
    carry_out(store, newest(store, "preview"))
    return at.run()


@pytest.fixture
def store(empty: Path):
    opened = Store.open(empty)
    yield opened
    opened.close()


def test_a_dropped_file_is_kept_under_an_id_and_looked_at_not_imported(app, store) -> None:
    at = app(PAGE)
    at.file_uploader[0].upload("../../my <i>table.csv", b"a,b\n1,2\n").run()
    job = newest(store, "preview")
    path = Path(str(job.args["path"]))
    assert path.read_bytes() == b"a,b\n1,2\n"
    assert path.parent.parent == store.home / "uploads"
    assert "<i>table" in job.args["name"]
    assert "<i>table" not in html(at)
    assert not store.jobs(kind="import")
    assert at.query_params["bring"] in (job.id, [job.id])


def test_a_preview_shows_how_the_file_is_read_and_its_first_rows(app, store) -> None:
    at = looked(app, store, "prices.csv", GERMAN)
    assert not at.exception
    assert "How it will be read" in [title.value for title in at.header]
    for fact in ("Windows-1252", "semicolon", "comma", "1 number"):
        assert fact in html(at)
    assert at.dataframe[0].value.columns.tolist() == ["Größe", "Preis", "Datum"]


def test_the_first_row_of_buttons_imports_by_what_was_seen(app, store) -> None:
    at = looked(app, store, "prices.csv", GERMAN)
    at.button(key="import_it").click().run()
    job = newest(store, "import")
    assert (job.args["name"], job.args["file"]) == ("prices", "prices.csv")
    carry_out(store, job)
    at.run()
    assert not at.exception
    assert "How it was read" in [title.value for title in at.header]
    assert at.query_params["table"] in (job.id, [job.id])
    assert at.button(key="next_profile").label == "Look at the columns"


def test_a_correction_is_looked_at_again_and_travels_with_the_import(app, store) -> None:
    at = looked(app, store, "prices.csv", GERMAN)
    first = newest(store, "preview").id
    at.selectbox(key=f"choice_delimiter_{first}").select("Comma ,")
    at.selectbox(key=f"choice_header_{first}").select("In row 2")
    at.button(key=f"again_{first}").click().run()
    again = newest(store, "preview")
    wanted = {"delimiter": ",", "header": True, "header_row": 2}
    assert again.id != first
    assert again.args["choices"] == wanted
    carry_out(store, again)
    at.run()
    assert at.selectbox(key=f"choice_delimiter_{again.id}").value == "Comma ,"
    assert at.selectbox(key=f"choice_header_{again.id}").value == "In row 2"
    at.button(key="import_it_end").click().run()
    assert newest(store, "import").args["choices"] == wanted


def test_a_form_that_is_given_back_to_finding_out_asks_for_nothing(app, store) -> None:
    at = looked(app, store, "x.csv", b"a,b\n1,2\n")
    job = newest(store, "preview").id
    at.button(key=f"again_{job}").click().run()
    assert newest(store, "preview").args["choices"] is None


def test_a_delimiter_of_several_characters_is_refused_in_words() -> None:
    assert reading.merged({"encoding": "cp1252"}, {"delimiter": "~"}) == {"encoding": "cp1252", "delimiter": "~"}
    with pytest.raises(UserError, match="single character"):
        reading.merged({}, {"delimiter": "::"})


def test_dates_that_can_be_read_two_ways_are_asked_openly(app, store) -> None:
    at = looked(app, store, "dates.csv", b"n,when <b>\n1,03/02/2025\n2,04/02/2025\n")
    job = newest(store, "preview")
    asked = at.segmented_control(key=f"order_{job.id}")
    assert asked.value is True
    assert [str(option) for option in asked.options] == ["3 February 2025", "2 March 2025"]
    asked.set_value(False).run()
    assert newest(store, "preview").args["choices"] == {"day_first": False}


def test_the_form_is_folded_unless_the_reading_is_doubtful(app, store) -> None:
    at = looked(app, store, "fine.csv", b"a,b\n1,2\n3,4\n")
    assert not at.expander[0].proto.expanded
    at.button(key="another").click().run()
    at.file_uploader[0].upload("odd.csv", b"a\n1\n2\n").run()
    carry_out(store, newest(store, "preview"))
    at.run()
    assert "Only one column was found" in html(at)
    assert at.expander[0].proto.expanded


def test_a_file_that_cannot_be_read_ends_in_a_sentence_and_an_open_form(app, store) -> None:
    at = looked(app, store, "junk.csv", b"\x00\x01" * 50)
    job = newest(store, "preview")
    store.keep_detail(job.id, "Traceback <b>")
    at.run()
    assert "junk.csv" in html(at)
    assert [expander.proto.expanded for expander in at.expander if expander.label == "It was read wrongly"] == [True]
    assert "import_it" not in [button.key for button in at.button]
    at.button(key=f"retry_{job.id}").click().run()
    assert newest(store, "preview").id != job.id


def test_a_cancelled_look_can_be_taken_again(app, store) -> None:
    at = app(PAGE)
    at.file_uploader[0].upload("x.csv", b"a,b\n1,2\n").run()
    job = newest(store, "preview")
    store.cancel(job.id)
    at.run()
    assert "cancelled" in html(at)
    at.button(key=f"retry_{job.id}").click().run()
    carry_out(store, newest(store, "preview"))
    assert at.run().button(key="import_it")


def test_a_failed_import_keeps_the_way_back_to_the_choices(app, store) -> None:
    at = looked(app, store, "prices.csv", GERMAN)
    at.button(key="import_it").click().run()
    job = newest(store, "import")
    store.begin(job.id, "test")
    store.finish(job.id, "test", "failed", error="The disk is full. Free some space.")
    at.run()
    assert "<b>The disk is full.</b></p><p>Free some space.</p>" in html(at)
    at.button(key=f"again_{job.id}").click().run()
    assert newest(store, "preview").args["name"] == "prices.csv"


def test_a_refresh_and_a_link_find_the_preview_again(app, store) -> None:
    looked(app, store, "prices.csv", GERMAN)
    at = app(PAGE, bring=newest(store, "preview").id)
    assert at.button(key="import_it")
    assert "prices.csv" in html(at)


@pytest.mark.parametrize("job", ["000000000000", "../../etc", "<b>"])
def test_a_link_to_nothing_leads_to_the_choice_of_a_source(app, store, job) -> None:
    at = app(PAGE, bring=job)
    assert not at.exception
    assert at.file_uploader


def test_another_table_can_be_brought_at_any_time(app, store) -> None:
    at = looked(app, store, "prices.csv", GERMAN)
    at.button(key="another").click().run()
    assert at.file_uploader
    assert "bring" not in at.query_params


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.csv", content)
    return made.getvalue()


def test_of_several_files_in_an_archive_one_is_chosen_openly(app, store) -> None:
    at = looked(app, store, "both.zip", zipped(one=b"a,b\n1,2\n", two=b"c;d\n3;4\n5;6\n"))
    job = newest(store, "preview")
    pick = at.selectbox(key=f"member_{job.id}")
    assert (pick.value, pick.options) == ("one.csv", ["one.csv", "two.csv"])
    assert "1 of 2" in html(at)
    pick.select("two.csv").run()
    again = newest(store, "preview")
    assert again.args["choices"] == {"member": "two.csv"}
    carry_out(store, again)
    at.run()
    assert at.dataframe[0].value.columns.tolist() == ["c", "d"]


def test_what_was_seen_of_an_archive_is_what_is_imported(app, store) -> None:
    at = looked(app, store, "both.zip", zipped(one=b"a,b\n1,2\n", two=b"c;d\n3;4\n5;6\n"))
    at.button(key="import_it").click().run()
    job = newest(store, "import")
    assert job.args["choices"] == {"member": "one.csv"}
    carry_out(store, job)
    assert store.dataset(job.id).schema.names == ("a", "b")


def test_another_file_can_be_chosen_when_the_first_of_an_archive_cannot_be_read(app, store) -> None:
    at = looked(app, store, "both.zip", zipped(one=b"\x00\x01" * 50, two=b"c;d\n3;4\n"))
    job = newest(store, "preview")
    assert job.state == "failed"
    at.selectbox(key=f"member_{job.id}").select("two.csv").run()
    carry_out(store, newest(store, "preview"))
    assert at.run().button(key="import_it")


def test_hostile_names_are_shown_and_never_run(app, store) -> None:
    at = looked(app, store, "<script>x</script>.csv", b"<b>a,:red[b]\n<i>1,=2\n<i>2,3\n")
    assert not at.exception
    assert "<script>" not in html(at)
    assert "&lt;script&gt;" in html(at)


def test_a_sample_is_one_click_on_the_import_page_too(app, store) -> None:
    at = app(PAGE)
    at.segmented_control(key="source").set_value("Sample tables").run()
    at.button(key="sample_penguins").click().run()
    assert newest(store, "import").args == {"sample": "penguins"}
    assert not at.exception

"""Import: a table comes in; how it is read is shown before it is kept, so that it can be corrected."""

from pages.ui import cache, importing, session, show, sources

QUESTION = "Which table do you bring?"
CONTEXT = "One row for each case, one column for the outcome you know. You see how it is read before it is kept."

action = show.header(QUESTION, CONTEXT)

work = importing.current("preview", "import")
if work is None:
    sources.choose()
    table = cache.table_card(session.chosen().table)
    if table is not None:
        importing.kept(table)
elif work.kind == "preview":
    importing.looked(work, action)
else:
    importing.imported(work)

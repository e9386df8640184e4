"""What the process behind the pages never loads: models, databases and readers of foreign files belong to jobs."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.pages.conftest import ROOT
from tests.pages.test_pages import PAGES

OPEN_ALL = """
import json, sys
from streamlit.testing.v1 import AppTest
from mlcore.errors import UserError
from mlcore.workspace import scorer

def busy(*_):
    raise UserError("The model is not asked here")

scorer.Client._ask = busy
pages, ids = json.loads(sys.argv[1])
at = AppTest.from_file("app.py", default_timeout=60)
for name, value in ids.items():
    at.query_params[name] = value
at.run()
for page in pages:
    at.switch_page(page).run()
    assert at.title and at.query_params == ids, (page, at.query_params)
    assert not at.exception, at.exception
heavy = "sklearn scipy shap numba lightgbm skops dbos duckdb python_calamine pymysql psycopg"
print(",".join(sorted(set(heavy.split()) & set(sys.modules))) or "nothing")
"""


def test_no_page_loads_models_databases_or_readers(workspace) -> None:
    made = workspace["binary"]
    ids = {"table": made.table, "run": made.run, "model": made.model}
    code = [sys.executable, "-c", OPEN_ALL, json.dumps([list(PAGES), ids])]
    done = subprocess.run(code, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "nothing", done.stderr

"""A few words are enough to tell Western text from other alphabets."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcore.data.load import load

TEXTS = {
    "German": ("Größe;Straße\nklein;Müllerweg\ngroß;Allee\n", "cp1252"),
    "a currency only": ("preis;n\n12 €;1\n13 €;2\n", "cp1252"),
    "Spanish and French": ("nombre,ciudad\nJosé,Málaga\nFrançois,Besançon\n", "latin-1"),
    "Russian": ("имя,город\nИван,Москва\nАнна,Пермь\n", "cp1251"),
    "Japanese": ("名前,都市\n山田太郎,東京\n鈴木花子,大阪市\n", "shift_jis"),
    "Chinese": ("姓名,城市\n王小明,北京\n李雷,上海市\n", "gbk"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_short_texts_keep_their_letters(name: str, tmp_path: Path) -> None:
    text, encoding = TEXTS[name]
    (tmp_path / "table.csv").write_bytes(text.encode(encoding))
    dataset = load(tmp_path / "table.csv", out=tmp_path / "table.parquet")
    header = text.splitlines()[0].replace(";", ",").split(",")
    assert list(dataset.schema.names) == header

"""Tables out: whatever was kept, a file comes of it, and no cell of it is a formula."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from app.services.sheets_out import OutTable, write


@pytest.mark.parametrize("sign", ["\x00", "\x0b", "\x1b", "\x1f", "\ufffe"])
def test_a_sign_that_a_sheet_cannot_hold_is_left_out(sign: str) -> None:
    table = OutTable(f"Ana{sign}", (f"Na{sign}me",), ((f"Ana{sign} Lima",), (f"{sign}=1+1",)))
    sheet = load_workbook(io.BytesIO(write([table], "xlsx"))).worksheets[0]
    assert sheet.title == "Ana"
    assert [row[0].value for row in sheet.rows] == ["Name", "Ana Lima", "'=1+1"]
    told = write([table], "csv").decode("utf-8-sig")
    assert told.split("\r\n") == ["Name", "Ana Lima", "'=1+1", ""]

"""XLSX files as no spreadsheet writes them, part by part."""

import io
import zipfile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKED = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKED}/content-types">'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    "</Types>",
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
    '<sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKED}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>",
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"/>',
    "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"/>',
}
TEXT = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
"""A cell of its own text: where, what."""


def hostile(
    rows: str, styles: str = "", strings: str = "", before: str = "", more: int = 0
) -> bytes:
    """An archive whose sheet (and what stands before its rows), styles and shared strings hold
    this XML, with so many parts `more` that nothing refers to."""
    parts = dict(_PARTS)
    parts["xl/worksheets/sheet1.xml"] = (
        f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>'
    )
    parts["xl/styles.xml"] = f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    parts |= {f"xl/media/{number}.png": "" for number in range(more)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def line(number: int, *texts: str) -> str:
    cells = (TEXT.format(f"{chr(65 + at)}{number}", one) for at, one in enumerate(texts))
    return f'<row r="{number}">{"".join(cells)}</row>'


def far_row(number: int) -> bytes:
    """Three lines of which the last is said to stand at `number`."""
    return hostile(line(1, "nome", "data") + line(2, "ana", "1") + line(number, "bo", "2"))


def wide_row(cells: int) -> bytes:
    """One row of empty cells: four bytes each here, some hundreds in a tree."""
    return hostile(line(1, "nome", "data") + f"<row>{'<c/>' * cells}</row>")


def many_styles(count: int) -> bytes:
    return hostile(line(1, "nome", "data"), styles=f"<fonts>{'<font/>' * count}</fonts>")


def shared_formula(length: int, cells: int) -> bytes:
    """A long formula, worked out anew for each of the cells that share it."""
    body = "+".join(["A1"] * (length // 3))
    first = f'<row r="1"><c r="A1"><f t="shared" si="0" ref="A1:A9">{body}</f></c></row>'
    others = (
        f'<row r="{n}"><c r="A{n}"><f t="shared" si="0"/></c></row>' for n in range(2, cells + 2)
    )
    return hostile(first + "".join(others))


def same_text(length: int, cells: int, sign: str = "x") -> bytes:
    """A text that is kept once and shown by many cells."""
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, cells + 1)
    )
    return hostile(rows, strings=f"<si><t>{sign * length}</t></si>")

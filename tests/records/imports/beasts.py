"""The zoo: each file of `zoo/` describes the files of one import in words, and the exact report that is expected of it.

    python -m tests.records.imports.beasts       write the reports anew, to be read before they are kept

A beast has `files`: text with its encoding, bytes in hexadecimal, or rows of a spreadsheet in the form that its ending
says. It may have a `profile` and a register that is there `before`. The text of a beast is invented.
"""

from __future__ import annotations

import struct
import sys
import tempfile
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import polars as pl
import yaml

from clemency.law.source import SourceErrors
from clemency.records.imports.importing import Unanswered, prepare, write_prepared
from clemency.records.imports.limits import Limits
from clemency.records.imports.profile import Profile, parse_profile
from clemency.records.quarantine import RegisterError
from clemency.records.record import known_facts

ZOO = Path(__file__).parent / "zoo"
DAY = "2025-12-20"


def beasts() -> list[Path]:
    """All beasts, by name."""
    return sorted(ZOO.glob("*.yaml"))


def read_beast(path: Path) -> dict[str, Any]:
    """The description of a beast."""
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


def told(beast: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What the import of a beast says, as far as a reader cares: the cases, the counts and every problem."""
    register = folder / "register.parquet"
    facts = known_facts()
    limits = Limits(**beast.get("limits", {}))
    try:
        if "before" in beast:
            before = written_files(beast["before"], folder / "before")
            write_prepared(prepare(before, Profile(), facts, register), register, DAY)
        profile = parse_profile(beast["profile"], facts, "profile.yaml") if "profile" in beast else Profile()
        files = written_files(beast["files"], folder / "files")
        prepared = prepare(files, profile, facts, register, tuple(beast.get("sheets", ())), limits)
    except Unanswered as asked:
        return {"questions": [str(one).replace("\n    ", " | ") for one in asked.questions]}
    except (RegisterError, SourceErrors) as refused:
        return {"refused": str(refused).replace(f"{folder}/files/", "").replace(str(folder), "")}
    report = write_prepared(prepared, register, DAY)
    problems = [_line(one) for one in report.problems.to_dicts()]
    notes = [_line(one) for one in report.notes.to_dicts()]
    found: dict[str, Any] = {
        "read_as": [_reading(file) for file in report.files],
        "counts": report.counts(),
        "cases": [_case(row) for row in prepared.cases.to_dicts()],
        "put_aside": problems,
        "notes": notes,
    }
    comparison = prepared.comparison
    if comparison.fields:
        found["changed_fields"] = comparison.fields
    if len(comparison.gone):
        found["gone"] = comparison.gone.to_list()
    if comparison.look_alikes:
        found["look_alikes"] = [list(pair) for pair in comparison.look_alikes]
    return {name: value for name, value in found.items() if value != []}


def _reading(file: dict[str, Any]) -> str:
    how = [str(file[key]) for key in ("encoding", "delimiter") if key in file]
    how += [f"heading in row {file['header_row']}"] if "header_row" in file else []
    how += [f"{file[key]} {key.replace('_', ' ')}" for key in ("empty_rows", "formulas") if file.get(key)]
    columns = "; ".join(f"{name} = {said['field']}" for name, said in file["columns"].items())
    guesses = "".join(f"; {name}: {said}" for name, said in file["guesses"].items())
    left = f"; left out: {', '.join(file['left_out'])}" if file["left_out"] else ""
    sheet = f" [{file['sheet']}]" if file["sheet"] else ""
    return f"{file['file']}{sheet}: {', '.join(how)}{': ' if how else ''}{columns}{guesses}{left}"


def _line(one: dict[str, Any]) -> str:
    place = f"{one['file']}{' [' + one['sheet'] + ']' if one['sheet'] else ''} row {one['row']}"
    value = "" if one["value"] is None else f" {one['value']!r}"
    return f"{place}, {one['column'] or 'the row'}{value}: {one['code']}: {one['what']} ({one['mend']})"


def _case(row: dict[str, Any]) -> str:
    known = {name: value for name, value in _plain(row).items() if value not in (None, {}, [])}
    return ", ".join(f"{name} {_told(value)}" for name, value in known.items() if name != "offences") + "".join(
        f" | {', '.join(str(value) for value in offence.values())}" for offence in known.get("offences", [])
    )


def _told(value: Any) -> str:
    return ", ".join(f"{name} {inner}" for name, inner in value.items()) if isinstance(value, dict) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


# --- writing files --------------------------------------------------------------------------------------------


def written_files(files: list[dict[str, Any]], folder: Path) -> list[Path]:
    """The files of a beast, written into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for file in files:
        path = folder / file["name"]
        if "hex" in file:
            path.write_bytes(bytes.fromhex(file["hex"].replace(" ", "").replace("\n", "")))
        elif "text" in file:
            lines = file.get("line_ends", "\n")
            encoded = file["text"].replace("\n", lines).encode(file.get("encoding", "utf-8"))
            path.write_bytes(bytes.fromhex(file.get("mark", "")) + encoded)
        elif path.suffix == ".parquet":
            pl.DataFrame(file["columns"], strict=False).write_parquet(path)
        else:
            writer = {".xls": write_xls, ".ods": write_ods}.get(path.suffix, write_xlsx)
            writer(path, file)
        if "packed_again" in file:
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
                package.writestr("xl/workbook.xml", b"\0" * file["packed_again"])
        written.append(path)
    return written


def write_xlsx(path: Path, file: dict[str, Any]) -> None:
    """An xlsx of typed cells; a text that begins with `=` is a formula, whose stored value is given after `=>`."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"date_1904": file.get("date_1904", False)})
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    for told in file["sheets"]:
        sheet = book.add_worksheet(told["name"])
        if told.get("hidden"):
            sheet.hide()
        for line, row in enumerate(told["rows"]):
            for place, cell in enumerate(row):
                _write_cell(sheet, line, place, cell, day)
        for first, left, last, right, value in told.get("merged", []):
            sheet.merge_range(first, left, last, right, value)
    visible = [number for number, told in enumerate(file["sheets"]) if not told.get("hidden")]
    book.worksheets()[visible[0]].activate()
    book.worksheets()[visible[0]].set_first_sheet()
    book.close()


def _write_cell(sheet: Any, line: int, place: int, cell: Any, day: Any) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(line, place, cell)
    elif isinstance(cell, date):
        whole = cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)
        sheet.write_datetime(line, place, whole, day)
    elif isinstance(cell, int | float):
        sheet.write_number(line, place, cell)
    elif isinstance(cell, str) and cell.startswith("="):
        formula, _, value = cell.partition("=>")
        sheet.write_formula(line, place, formula.strip(), None, value.strip())
    elif cell is not None:
        sheet.write_string(line, place, cell)


def write_ods(path: Path, file: dict[str, Any]) -> None:
    """An OpenDocument spreadsheet of typed cells, written by hand."""
    sheets = []
    for told in file["sheets"]:
        rows = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in told["rows"])
        sheets.append(f'<table:table table:name="{escape(told["name"])}">{rows}</table:table>')
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names} office:version="1.2">'
        f"<office:body><office:spreadsheet>{''.join(sheets)}</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    listed = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", kind)
        package.writestr("content.xml", content, zipfile.ZIP_DEFLATED)
        package.writestr("META-INF/manifest.xml", listed)


def _ods_cell(cell: Any) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, bool):
        return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(cell).lower()}"/>'
    if isinstance(cell, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{cell.isoformat()}"/>'
    if isinstance(cell, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'


def write_xls(path: Path, file: dict[str, Any]) -> None:
    """An old workbook (BIFF8) of text and numbers, one sheet, written by hand."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def name(text: str) -> bytes:
        return struct.pack("<BB", len(text), 1) + text.encode("utf-16-le")

    told = file["sheets"][0]
    cells = b""
    for line, row in enumerate(told["rows"]):
        for place, cell in enumerate(row):
            if isinstance(cell, int | float):
                cells += record(0x0203, struct.pack("<HHHd", line, place, 0, float(cell)))
            elif cell is not None:
                text = struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")
                cells += record(0x0204, struct.pack("<HHH", line, place, 0) + text)
    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    formats = record(0x00E0, b"\0" * 20) + record(0x0022, b"\0\0")
    bound = 4 + 6 + len(name(told["name"]))
    offset = len(begin) + len(formats) + bound + 4
    book = (
        begin + record(0x0085, struct.pack("<IBB", offset, 0, 0) + name(told["name"])) + formats + record(0x000A, b"")
    )
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + cells + record(0x000A, b"")
    path.write_bytes(_compound(book + sheet))


def _compound(stream: bytes) -> bytes:
    """A compound file with one stream called Workbook."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    count = len(stream) // 512
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, count + 2), 0xFFFFFFFE]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += b"\0" * 6 + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", 0) + b"\xff" * (512 - len(header) - 4)

    def entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
        coded = (name + "\0").encode("utf-16-le")
        whole = coded.ljust(64, b"\0") + struct.pack("<HBBIII", len(coded), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        return whole + b"\0" * 36 + struct.pack("<IQ", first, size)

    entries = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 2, len(stream))
    return header + table + entries.ljust(512, b"\0") + stream


def main() -> int:
    """Write the expected report of every beast anew."""
    for path in beasts():
        beast = read_beast(path)
        with tempfile.TemporaryDirectory() as folder:
            found = told(beast, Path(folder))
        text = path.read_text(encoding="utf-8").partition("\nexpected:")[0].rstrip("\n")
        shown = yaml.safe_dump({"expected": found}, allow_unicode=True, sort_keys=False, width=110)
        path.write_text(f"{text}\n\n{shown}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

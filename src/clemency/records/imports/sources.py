"""Files brought in: which form each has by its content, and the tables in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from clemency.records.imports.limits import Limits, check_size
from clemency.records.imports.objects import read_json, read_lines, read_parquet
from clemency.records.imports.spreadsheets import LeftSheet, SheetSettings, read_workbook
from clemency.records.imports.tables import Table
from clemency.records.imports.text_tables import TextSettings, read_text_table
from clemency.records.quarantine import RegisterError

_FORMS = "an import takes CSV, TSV, xlsx, xls, ods, JSON, JSON Lines and Parquet"
_PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"7z": "7z", b"Rar": "rar", b"\xfd7z": "xz", b"\x28\xb5": "zstd"}


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """What a profile and the command say about reading; None and nothing leave it to the guess."""

    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    sheets: tuple[str, ...] = ()
    leave_out_sheets: tuple[str, ...] = ()


@dataclass
class Sources:
    """All tables of all files, and the sheets that were left."""

    tables: list[Table] = field(default_factory=list)
    left: list[tuple[Path, LeftSheet]] = field(default_factory=list)


def read_sources(paths: list[Path], settings: ReadSettings, known: Collection[str], limits: Limits) -> Sources:
    """The tables of the files, in their order. Raises RegisterError for a file that cannot be read as a whole."""
    found = Sources()
    for path in paths:
        _check_there(path, limits)
        form = form_of(path)
        if form == "workbook":
            chosen = SheetSettings(settings.sheets, settings.leave_out_sheets, settings.header_row)
            tables, left = read_workbook(path, chosen, known, limits)
            found.tables += tables
            found.left += [(path, one) for one in left]
        elif form == "parquet":
            found.tables.append(read_parquet(path, limits))
        elif form in ("lines", "json"):
            reader = read_lines if form == "lines" else read_json
            found.tables.append(reader(path, settings.encoding, limits))
        else:
            text = TextSettings(settings.encoding, settings.delimiter, settings.header_row)
            found.tables.append(read_text_table(path, text, known, limits))
    return found


def _check_there(path: Path, limits: Limits) -> None:
    if path.is_dir():
        raise RegisterError(f"{path} is a folder; name its files")
    if not path.exists():
        raise RegisterError(f"there is no file {path}")
    if not path.is_file():
        raise RegisterError(f"{path} is no ordinary file")
    check_size(path, limits)


def form_of(path: Path) -> str:
    """The form of a file by its first bytes; its ending counts only among forms of text."""
    with path.open("rb") as file:
        head = file.read(512)
    ending = path.suffix.lower()
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        if ending in (".xlsx", ".xlsm", ".xlsb", ".ods", ".xls", ".xltx"):
            return "workbook"
        raise RegisterError(f"{path} is a packed file; unpack it first. {_FORMS[0].upper()}{_FORMS[1:]}")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "workbook"
    packed = next((name for mark, name in _PACKED.items() if head.startswith(mark)), None)
    if packed:
        raise RegisterError(f"{path} is packed with {packed}; unpack it first")
    if head.startswith(b"%PDF"):
        raise RegisterError(f"{path} is a PDF, from which no table can be read safely; ask for the spreadsheet")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        raise RegisterError(
            f"{path} is a web page, whatever its name says; open it in a spreadsheet and save it as xlsx"
        )
    if ending in (".xlsx", ".xlsm", ".xlsb", ".ods", ".parquet", ".pq"):
        raise RegisterError(f"{path} is no {ending[1:]} file, whatever its name says")
    if ending in (".jsonl", ".ndjson"):
        return "lines"
    if ending == ".json":
        return "json"
    return "text"

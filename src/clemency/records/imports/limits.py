"""How large a file may be. What is larger is refused with the number, before it is read; no packed file is trusted."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from clemency.records.quarantine import RegisterError


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that an import takes: bytes of a file, rows and columns of a table, letters of a cell, unpacked bytes.

    >>> Limits().rows
    20000000
    """

    bytes: int = 8_000_000_000
    rows: int = 20_000_000
    columns: int = 2_000
    cell: int = 100_000
    unpacked: int = 4_000_000_000
    unpacking: int = 400
    parts: int = 2_000


def check_size(path: Path, limits: Limits) -> None:
    """A file that is too large, or empty, is refused before it is read."""
    size = path.stat().st_size
    if not size:
        raise RegisterError(f"{path} is empty: there is no case in it")
    if size > limits.bytes:
        raise RegisterError(f"{path} has {size:,} bytes; an import takes up to {limits.bytes:,}. Split the file")


def check_rows(count: int, where: str, limits: Limits) -> None:
    """A table with too many rows is refused as soon as that is seen."""
    if count > limits.rows:
        raise RegisterError(f"{where} has over {limits.rows:,} rows, the most that an import takes. Split the file")


def check_columns_count(count: int, where: str, limits: Limits) -> None:
    """A table with too many columns is refused."""
    if count > limits.columns:
        raise RegisterError(f"{where} has {count:,} columns; an import takes up to {limits.columns:,}")


def check_package(path: Path, limits: Limits) -> list[str]:
    """A packed file (xlsx, xlsm, ods) says what it unpacks to; one that unpacks beyond all sense is refused unread.

    Gives the names of its parts.
    """
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise RegisterError(
            f"{path} is damaged: it cannot be unpacked. Open it in a spreadsheet and save it again"
        ) from (None)
    unpacked = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    if len(parts) > limits.parts:
        raise RegisterError(f"{path} packs {len(parts):,} parts; a spreadsheet has up to {limits.parts:,}")
    if unpacked > limits.unpacked:
        raise RegisterError(f"{path} unpacks to {unpacked:,} bytes; an import takes up to {limits.unpacked:,}")
    if unpacked > 50_000_000 and unpacked > packed * limits.unpacking:
        raise RegisterError(
            f"{path} unpacks to {unpacked // packed:,} times its size, as no register does. Save it again as CSV"
        )
    if any(part.flag_bits & 1 for part in parts):
        raise RegisterError(f"{path} is protected by a password. Save it without one")
    return [part.filename for part in parts]

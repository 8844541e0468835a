"""All tables in one SQLite file, with a description of each for Datasette. The same edition gives the same bytes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from typing import Any

from clemency.observe.data_package import Column, DataPackage, Value
from clemency.web.observatory.exports.forms import Table, as_text

_TYPES = {"whole": "INTEGER", "number": "REAL", "yes_no": "INTEGER"}
# A database writes into its head which version of SQLite wrote it last; the content is the same with any.
_WRITTEN_BY, _NOBODY = slice(96, 100), b"\0\0\0\0"

LICENCE = "CC BY 4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/legalcode"


def database(tables: Iterable[Table], about: dict[str, str]) -> bytes:
    """The tables as one SQLite file; `about` becomes a table of two columns."""
    with closing(sqlite3.connect(":memory:")) as made:
        made.execute("PRAGMA page_size = 4096")
        made.execute("CREATE TABLE about (what TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID")
        made.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        for table in tables:
            _fill(made, table)
        made.commit()
        made.execute("VACUUM")
        content = bytearray(made.serialize())
    content[_WRITTEN_BY] = _NOBODY
    return bytes(content)


def _fill(made: sqlite3.Connection, table: Table) -> None:
    columns = [_column(column) for column in table.about.columns]
    if table.about.key:
        columns.append(f"PRIMARY KEY ({', '.join(map(_named, table.about.key))})")
    columns += [
        f"FOREIGN KEY ({_named(name)}) REFERENCES {_named(other)}" for name, other in table.about.refers.items()
    ]
    made.execute(f"CREATE TABLE {_named(table.name)} ({', '.join(columns)})")
    places = ", ".join("?" for _ in table.about.columns)
    rows = ([_cell(row.get(one.name)) for one in table.about.columns] for row in table.rows)
    made.executemany(f"INSERT INTO {_named(table.name)} VALUES ({places})", rows)


def _column(column: Column) -> str:
    return f"{_named(column.name)} {_TYPES.get(column.kind, 'TEXT')}"


def _named(name: str) -> str:
    return f'"{name}"'


def _cell(value: Value) -> Any:
    return as_text(value) if isinstance(value, list) else value


def for_datasette(package: DataPackage, tables: Iterable[Table], version: str) -> str:
    """What Datasette shows about the file: `datasette serve observatory.db --metadata datasette.json`."""
    described = {
        "title": package.title["en"],
        "description": f"{package.about['en']} Version {version}.",
        "license": LICENCE,
        "license_url": LICENCE_URL,
        "databases": {
            "observatory": {
                "tables": {
                    table.name: {
                        "title": table.about.title["en"],
                        "description": table.about.about["en"],
                        "columns": {column.name: column.about for column in table.about.columns},
                    }
                    for table in tables
                }
            }
        },
    }
    return json.dumps(described, ensure_ascii=False, indent=1) + "\n"

"""The package: its description as a Frictionless Data Package, its README, its checksums, and all of it in one file."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from clemency.observe.data_package import Column, DataPackage
from clemency.web.observatory.exports.database import LICENCE_URL
from clemency.web.observatory.exports.forms import BETWEEN, ENDINGS, Table

Files = Mapping[str, bytes]
_TYPES: Mapping[str, dict[str, Any]] = {
    "day": {"type": "date"},
    "day_or_month": {"type": "string", "constraints": {"pattern": r"\d{4}-\d\d(-\d\d)?"}},
    "year_or_years": {"type": "string", "constraints": {"pattern": r"\d{4}(-\d{4})?"}},
    "whole": {"type": "integer"},
    "number": {"type": "number"},
    "yes_no": {"type": "boolean", "trueValues": ["true"], "falseValues": ["false"]},
    "address": {"type": "string", "format": "uri"},
}
_KINDS = {
    "json": ("json", "application/json"),
    "parquet": ("parquet", "application/vnd.apache.parquet"),
    "db": ("sqlite", "application/vnd.sqlite3"),
    "ftm.json": ("jsonl", "application/x-ndjson"),
}
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def descriptor(package: DataPackage, version: str, tables: Iterable[Table], files: Files) -> str:
    """`datapackage.json`: every file with its size and checksum, every column with its type and what it says."""
    shown = list(tables)
    by_file = {f"{table.name}.csv": table for table in shown}
    resources = [_resource(name, content, by_file.get(name)) for name, content in files.items() if _is_data(name)]
    told = {
        "profile": "data-package",
        "name": package.name,
        "title": package.title["en"],
        "description": package.about["en"],
        "version": version,
        "keywords": list(package.keywords),
        "licenses": [
            {"name": "CC-BY-4.0", "path": LICENCE_URL, "title": "Creative Commons Attribution 4.0 International"}
        ],
        "contributors": [{"title": "Clemency", "role": "publisher"}],
        "resources": resources,
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _is_data(name: str) -> bool:
    return name.rpartition(".")[2] in ("csv", "json", "parquet", "db") and name != "datasette.json"


def _resource(name: str, content: bytes, table: Table | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": name.replace("_", "-"),
        "path": name,
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
    if table is None:
        stem, _, ending = name.partition(".")
        kind, media = _KINDS[ending]
        return told | {"type": "file", "title": stem, "format": kind, "mediatype": media}
    schema: dict[str, Any] = {"fields": [_field(column) for column in table.about.columns], "missingValues": [""]}
    if table.about.key:
        schema["primaryKey"] = list(table.about.key)
    if table.about.refers:
        schema["foreignKeys"] = [
            {"fields": [column], "reference": {"resource": f"{other.replace('_', '-')}.csv", "fields": _key(other)}}
            for column, other in table.about.refers.items()
        ]
    return told | {
        "profile": "tabular-data-resource",
        "title": table.about.title["en"],
        "description": table.about.about["en"],
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def _key(table: str) -> list[str]:
    return {"quantities": ["quantity"], "scopes": ["scope"], "cases": ["person_id"]}[table]


def _field(column: Column) -> dict[str, Any]:
    about = f"{column.about}; values are separated by {BETWEEN!r}" if column.kind == "list" else column.about
    return {"name": column.name, **_TYPES.get(column.kind, {"type": "string"}), "description": about}


def readme(package: DataPackage, version: str, tables: Iterable[Table]) -> str:
    """What somebody who finds only the folder has to know."""
    lines = [
        f"# {package.title['en']}",
        "",
        package.about["en"],
        "",
        f"Version {version}: the version, then the edition, which names the content: same edition, same bytes.",
        "",
        "- An empty cell is unknown; it is never zero. Days are as precise as the source.",
        "- Two pages that repeat one statement are two rows of `claims`, so rows are never added up.",
        "- Conflicting reports stay in, each with its source.",
        "- Columns called `rules` and the table `estimates` are synthetic: counted on invented populations.",
        "- A charge is what an investigator alleges, a sentence what a court pronounced. Nothing here finds guilt.",
        "- A person is named on a list by its publisher. Always say whose list, and of which day.",
        "",
        "Every table is there as CSV, JSON and Parquet. `observatory.db` holds them all for SQLite and Datasette",
        "(`datasette serve observatory.db --metadata datasette.json`); `entities.ftm.json` holds people, organisations",
        "and events for FollowTheMoney. `datapackage.json` describes all files; `sha256sum -c SHA256SUMS` checks them.",
        "What changed stands in `CHANGES.md`, corrections of entries in the table `corrections`, the licence in",
        "`LICENCE.txt`.",
        "",
        "| table | rows | what a row is |",
        "| --- | ---: | --- |",
        *(f"| `{table.name}` | {len(table.rows)} | {table.about.about['en']} |" for table in tables),
        "",
    ]
    return "\n".join(lines)


def checksums(files: Files) -> str:
    """A line for each file, as `sha256sum -c` reads it."""
    return "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))


def packed(files: Files) -> bytes:
    """All files in one ZIP, which says nothing of when it was made."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            about = zipfile.ZipInfo(f"clemency-observatory/{name}", _LONG_AGO)
            about.compress_type = zipfile.ZIP_DEFLATED
            about.create_system, about.external_attr = 3, 0o644 << 16
            archive.writestr(about, data)
    return content.getvalue()


def media_type(name: str) -> str:
    """How a file of the package is announced."""
    endings = {
        **ENDINGS,
        "db": "application/vnd.sqlite3",
        "zip": "application/zip",
        "md": "text/markdown; charset=utf-8",
        "txt": "text/plain; charset=utf-8",
        "ftm.json": "application/x-ndjson; charset=utf-8",
    }
    return endings.get(name.partition(".")[2], "text/plain; charset=utf-8")

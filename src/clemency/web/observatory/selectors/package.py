"""The files of the data package, made once for an edition."""

from __future__ import annotations

from collections.abc import Mapping

from clemency.web.edition import kept_for_the_edition
from clemency.web.observatory.exports import entities, package
from clemency.web.observatory.exports.database import LICENCE, LICENCE_URL, database, for_datasette
from clemency.web.observatory.exports.forms import ENDINGS
from clemency.web.observatory.selectors import tables

ARCHIVE = "clemency-observatory.zip"


@kept_for_the_edition
def files() -> Mapping[str, bytes]:
    """Every file of the package by its name; the archive is beside the package, not in it."""
    about, version, shown = tables.package(), tables.release().name, tables.every_table()
    made: dict[str, bytes] = {
        f"{table.name}.{ending}": tables.file_of_table(table.name, ending) for table in shown for ending in ENDINGS
    }
    told = {
        "title": about.title["en"],
        "description": about.about["en"],
        "version": version,
        "licence": f"{LICENCE}, {LICENCE_URL}",
    }
    found = entities.entities(tables.table("cases").rows, tables.table("events").rows)
    made["observatory.db"] = database(shown, told)
    made["entities.ftm.json"] = entities.as_lines(found).encode()
    made["datasette.json"] = for_datasette(about, shown, version).encode()
    made["README.md"] = package.readme(about, version, shown).encode()
    made["CHANGES.md"] = tables.text_of("CHANGES.md").encode()
    made["LICENCE.txt"] = tables.text_of("LICENCE.txt").encode()
    made["datapackage.json"] = package.descriptor(about, version, shown, made).encode()
    made["SHA256SUMS"] = package.checksums(made).encode()
    return made


@kept_for_the_edition
def archive() -> bytes:
    """The package in one file."""
    return package.packed(files())

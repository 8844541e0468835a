"""The two tables that a query reads: the flat sheets of the record, `cases` and `offences`, in a database.

A column bears the name of its field; a fact has a column of its own, such as `facts.combatant`. What is null is
unknown.
"""

from __future__ import annotations

from sqlglot import exp

from clemency.determine.sql_dates import SQL, Dialect, column, text
from clemency.law.act import Act
from clemency.law.vocabulary import CASE_FIELDS, FORM, GUILT, Kind, ValueType

CASES, OFFENCES = "cases", "offences"
FACT = "facts."
_IDS = ValueType(Kind.TEXT)
_OFFENCE_COLUMNS = {
    "case_id": _IDS,
    "article": ValueType(Kind.TEXT),
    "committed_on": ValueType(Kind.DATE),
    "guilt": GUILT,
    "form": FORM,
}
#: Facts that are numbers may have a fraction; the numbers of the record are whole.
_PLAIN_TYPES = {Kind.DATE: "date", Kind.TEXT: "varchar(400)", Kind.ENUMERATION: "varchar(40)"}


def column_name(name: str, act: Act) -> str:
    """The column that holds a field or a fact."""
    return FACT + name if name in act.facts else name


def write_tables(act: Act, dialect: str) -> str:
    """The statements that make the two empty tables, with what may stand in them.

    >>> from clemency.law.act import load_act
    >>> print(write_tables(load_act("az-2025"), "duckdb").splitlines()[0])
    CREATE TABLE "cases" (
    """
    engine = Dialect(dialect)
    facts = {FACT + fact.name: fact.type for fact in act.facts.values()}
    cases = {"case_id": _IDS, "person_id": _IDS, **CASE_FIELDS, **facts}
    made = [_table(CASES, cases, engine), _table(OFFENCES, _OFFENCE_COLUMNS, engine)]
    return "".join(f"{one.sql(dialect=dialect, pretty=True)};\n" for one in made)


def _table(name: str, columns: dict[str, ValueType], engine: Dialect) -> exp.Create:
    definitions = [_definition(one, kind, engine, name == CASES) for one, kind in columns.items()]
    table = exp.Table(this=exp.to_identifier(name, quoted=True))
    return exp.Create(this=exp.Schema(this=table, expressions=definitions), kind="TABLE")


def _definition(name: str, kind: ValueType, engine: Dialect, of_cases: bool) -> exp.ColumnDef:
    rules: list[exp.ColumnConstraint] = []
    if name == "case_id":
        rules.append(exp.ColumnConstraint(kind=exp.NotNullColumnConstraint()))
        if of_cases and engine.name != "spark":
            rules.append(exp.ColumnConstraint(kind=exp.PrimaryKeyColumnConstraint()))
    if kind.values and engine.name not in ("spark", "sqlite"):
        allowed: SQL = exp.In(this=column(name), expressions=[text(value) for value in kind.values])
        rules.append(exp.ColumnConstraint(kind=exp.CheckColumnConstraint(this=allowed)))
    return exp.ColumnDef(
        this=exp.to_identifier(name, quoted=True),
        kind=exp.DataType.build(_type(name, kind, engine), dialect=engine.name),
        constraints=rules,
    )


def _type(name: str, kind: ValueType, engine: Dialect) -> str:
    if kind.kind is Kind.BOOLEAN:
        return {"sqlite": "INTEGER", "mysql": "TINYINT", "tsql": "BIT", "oracle": "NUMBER(1)"}.get(
            engine.name, "BOOLEAN"
        )
    if kind.kind is Kind.NUMBER:
        whole = {"oracle": "NUMBER(10)"}.get(engine.name, "INTEGER")
        fraction = {"oracle": "BINARY_DOUBLE", "postgres": "DOUBLE PRECISION", "tsql": "FLOAT"}
        return fraction.get(engine.name, "DOUBLE") if name.startswith(FACT) else whole
    if engine.name == "sqlite":
        return "TEXT"
    if engine.name == "spark":
        return "DATE" if kind.kind is Kind.DATE else "STRING"
    return _PLAIN_TYPES[kind.kind].replace("varchar", "VARCHAR2" if engine.name == "oracle" else "VARCHAR").upper()


__all__ = ["CASES", "FACT", "OFFENCES", "column_name", "write_tables"]

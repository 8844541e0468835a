"""YAML files read with the place of every value kept, so that each problem can be shown where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from clemency.law.rules import Span

MAX_BYTES = 2_000_000
MAX_VALUES = 200_000
MAX_DEPTH = 40
Path_ = tuple[str | int, ...]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a file: where, what, why, and what to write instead."""

    line: int
    column: int
    what: str
    write: str = ""
    excerpt: str = ""
    caret: Span | None = None

    def show(self, file: str) -> str:
        """The problem as a few lines for a person, with a caret under the place."""
        lines = [f"{file}:{self.line}:{self.column}: {self.what}"]
        if self.excerpt:
            lines.append(f"    {self.excerpt}")
            if self.caret:
                start, end = self.caret
                lines.append("    " + " " * start + "^" * max(1, min(end, len(self.excerpt)) - start))
        if self.write:
            lines.append(f"    {self.write}")
        return "\n".join(lines)


class SourceErrors(ValueError):
    """Everything wrong with one file."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file, self.problems = (
            file,
            sorted(set(problems), key=lambda problem: (problem.line, problem.column, problem.what)),
        )
        super().__init__("\n".join(problem.show(file) for problem in self.problems))


#: How a character that closes a quoted value is written inside it.
_ESCAPED = {"'": ("''",), '"': ('\\"', "\\\\")}


@dataclass
class Source:
    """A YAML file as plain data, with the place of every value and key in it."""

    file: str
    text: str
    data: Any = None
    problems: list[Problem] = field(default_factory=list)
    _nodes: dict[Path_, yaml.Node] = field(default_factory=dict)
    _keys: dict[Path_, yaml.Node] = field(default_factory=dict)

    def node(self, path: Path_) -> yaml.Node | None:
        """The value at a path, or the nearest one around it."""
        while path and path not in self._nodes:
            path = path[:-1]
        return self._nodes.get(path)

    def problem(self, path: Path_, what: str, write: str = "", at_key: bool = False) -> None:
        """Record a problem at a value, or at its key."""
        node = self._keys.get(path) if at_key else None
        node = node or self.node(path)
        if node is None:
            self.problems.append(Problem(1, 1, what, write.strip()))
            return
        line, column = node.start_mark.line, node.start_mark.column
        excerpt, caret = self._excerpt(node)
        self.problems.append(Problem(line + 1, column + 1, what, write.strip(), excerpt, caret))

    def rule_problem(self, path: Path_, span: Span, what: str, write: str = "") -> None:
        """Record a problem inside a rule: the span counts characters of the rule's text."""
        if path not in self._nodes:
            self.problem(path, what, write)
            return
        node = self._nodes[path]
        start = self._place(node, span[0])
        end = self._place(node, max(span[1] - 1, span[0])) + 1
        line = self.text.count("\n", 0, start)
        line_start = self.text.rfind("\n", 0, start) + 1
        line_end = self.text.find("\n", start)
        raw = self.text[line_start : line_end if line_end >= 0 else len(self.text)]
        shift = len(raw) - len(raw.lstrip())
        stop = min(end, line_start + len(raw))
        caret = (start - line_start - shift, max(stop, start + 1) - line_start - shift)
        self.problems.append(Problem(line + 1, start - line_start + 1, what, write.strip(), raw.strip(), caret))

    def point(self, at: Source, moved: list[tuple[Path_, Path_]], else_at: Path_) -> None:
        """Take the places of values from another source, under other paths; what is not among them is at `else_at`."""
        for own, other in ((self._nodes, at._nodes), (self._keys, at._keys)):
            for old, new in moved:
                own.update({(*new, *path[len(old) :]): node for path, node in other.items() if path[: len(old)] == old})
        self._nodes[()] = at._keys.get(else_at) or at._nodes[()]

    def _excerpt(self, node: yaml.Node) -> tuple[str, Span | None]:
        lines = self.text.splitlines()
        if node.start_mark.line >= len(lines):
            return "", None
        raw = lines[node.start_mark.line]
        shift = len(raw) - len(raw.lstrip())
        end = node.end_mark.column if node.end_mark.line == node.start_mark.line else len(raw.rstrip())
        return raw.strip(), (node.start_mark.column - shift, max(end, node.start_mark.column + 1) - shift)

    def _place(self, node: yaml.Node, offset: int) -> int:
        """Where a character of a scalar's value stands in the file: folded lines count as one blank."""
        at = node.start_mark.index
        style = (isinstance(node, yaml.ScalarNode) and node.style) or ""
        if style in ("'", '"'):
            at += 1
        if style in ("|", ">"):
            at = self.text.index("\n", at) + 1
            at += len(self.text[at:]) - len(self.text[at:].lstrip())
        value = str(node.value)
        for character in value[:offset]:
            if character.isspace():
                while at < len(self.text) and self.text[at].isspace():
                    at += 1
            else:
                at += 2 if self.text[at : at + 2] in _ESCAPED.get(style, ()) else 1
        return at


def read_source(path: Path) -> Source:
    """Read a YAML file; what is wrong with its form (encoding, syntax, a key given twice) is in `problems`."""
    if path.stat().st_size > MAX_BYTES:
        raise SourceErrors(
            str(path), [Problem(1, 1, f"the file has over {MAX_BYTES} bytes", "an act is a small text file")]
        )
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise SourceErrors(
            str(path), [Problem(line, column, "the file is not UTF-8 text", "save it with the encoding UTF-8")]
        ) from None
    return parse_source(str(path), text)


def parse_source(file: str, text: str) -> Source:
    """Read YAML text that came from `file`."""
    source = Source(file, text)
    try:
        _check_depth(file, text)
        loader = _LOADER(text)
        try:
            root = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise SourceErrors(file, [_yaml_problem(error, text)]) from None
    if root is None:
        raise SourceErrors(file, [Problem(1, 1, "the file is empty", "begin with id: and title:")])
    source.data = _Builder(source).build(root, ())
    return source


def _check_depth(file: str, text: str) -> None:
    """Lists and keys nested beyond all sense are refused before anything descends into them."""
    depth = 0
    for event in yaml.parse(text, _LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            mark = event.start_mark
            line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
            raise SourceErrors(file, [Problem(line, column, _TOO_DEEP)])


_TOO_DEEP = f"lists and keys are nested over {MAX_DEPTH} deep"


def _yaml_problem(error: yaml.YAMLError, text: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    if mark is None:
        return Problem(1, 1, f"this is not YAML: {what}")
    lines = text.splitlines()
    excerpt = lines[mark.line] if mark.line < len(lines) else ""
    shift = len(excerpt) - len(excerpt.lstrip())
    caret = (max(0, mark.column - shift), mark.column - shift + 1)
    write = "indent with blanks, not with tabs" if "\t" in excerpt[: mark.column + 1] else ""
    return Problem(mark.line + 1, mark.column + 1, f"this is not YAML: {what}", write, excerpt.strip(), caret)


class _Builder:
    """Turns YAML nodes into plain data and notes where each value stands."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.count = 0

    def build(self, node: yaml.Node, path: Path_) -> Any:
        self.count += 1
        if self.count > MAX_VALUES:
            raise SourceErrors(self.source.file, [Problem(1, 1, f"the file holds over {MAX_VALUES} values")])
        if len(path) > MAX_DEPTH:
            mark = node.start_mark
            raise SourceErrors(self.source.file, [Problem(mark.line + 1, mark.column + 1, _TOO_DEEP)])
        self.source._nodes[path] = node
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*path, index)) for index, child in enumerate(node.value)]
        return _scalar(node)

    def mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            self.source._keys[(*path, key)] = key_node
            if key in built:
                self.source.problem((*path, key), f"the key {key} is given twice", "keep one of the two", at_key=True)
                continue
            built[key] = self.build(value_node, (*path, key))
        return built


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _scalar(node: yaml.Node) -> Any:
    kind, text = node.tag.rsplit(":", 1)[-1], str(node.value)
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind == "int" and re.fullmatch(r"[-+]?\d+", text):
        return int(text)
    if kind == "float" and re.fullmatch(r"[-+]?\d*\.\d*", text):
        return float(text)
    if kind == "timestamp" and _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text

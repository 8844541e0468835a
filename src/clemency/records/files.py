"""Files that appear whole or not at all."""

from __future__ import annotations

import glob
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class OutputError(ValueError):
    """A file that cannot be written where it was asked for."""


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A file takes its name only when it is complete and on the disk; what stood there before stays until then.

    Yields a path in the same folder to write to. When the block ends well the file there is flushed to the disk and
    takes its place; when it ends badly, an interruption included, it is removed. Raises OutputError where no file can
    stand.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with atomic_path(folder / "answers.txt") as partial:
    ...     _ = partial.write_text("all of it")
    >>> [file.name for file in folder.iterdir()]
    ['answers.txt']
    """
    target = path.resolve() if path.is_symlink() else path
    check_place(target)
    _clear_after_the_killed(target)
    partial = target.with_name(f".{target.name[:100]}.{os.getpid()}.{secrets.token_hex(4)}.partial")
    try:
        yield partial
        settle(partial)
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    settle(target.parent)


def _clear_after_the_killed(target: Path) -> None:
    """Remove what a process left that was killed while it wrote the same file; one that still runs keeps its own."""
    for left in target.parent.glob(f".{glob.escape(target.name[:100])}.*.*.partial"):
        process = left.name.split(".")[-3]
        if process.isdigit() and not _runs(int(process)):
            left.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def check_place(path: Path) -> None:
    """A file can be written only into a folder that exists, and not over a folder."""
    if path.is_dir():
        raise OutputError(f"{path} is a folder; name a file")
    if not path.parent.is_dir():
        raise OutputError(f"the folder {path.parent} does not exist")
    if path.exists() and not path.is_file():
        raise OutputError(f"{path} is no ordinary file")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(f"no permission to write into {path.parent}")


def settle(path: Path) -> None:
    """Have the operating system put what a file, or the list of a folder, holds so far on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Small files that must be whole, and on the disk, whatever happens meanwhile."""

import os
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone may read: all of it or nothing, and durably."""
    write_whole(path, text, 0o600)


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file: all of it or nothing, and durably.

    Raises:
        OSError: it cannot be written; the one before stays.
    """
    aside = path.with_name(f".{path.name}.part")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

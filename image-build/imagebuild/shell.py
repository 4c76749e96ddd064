"""Runs the tools that an image is made with, and says how far it is."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from officelib.errors import KnownError

LAST_LINES = 15


def run(words: Iterable[object], log: Path, what: str, more: Mapping[str, str] | None = None) -> None:
    """Run a tool; what it says goes to the end of `log`, never through a pipe that could break.

    Raises:
        KnownError: it failed, or is not there.
    """
    env = {**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8", "TMPDIR": "/tmp", **(more or {})}  # noqa: S108 (inside a root, too)
    line = [str(word) for word in words]
    with log.open("ab") as file:
        try:
            done = subprocess.run(line, stdout=file, stderr=file, env=env, check=False)
        except OSError as error:
            raise KnownError(f"{what}: {error}", where=line[0], mend="make image-tools installs it.") from error
    if done.returncode:
        last = "\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:])
        raise KnownError(f"{what} failed ({done.returncode}):\n{last}", where=str(log), mend="Read the log.")


@contextmanager
def step(title: str) -> Iterator[None]:
    """Says that something begins, and how long it took."""
    sys.stdout.write(f"image: {title} ...")
    sys.stdout.flush()
    began = time.monotonic()
    yield
    sys.stdout.write(f" {time.monotonic() - began:.0f} s\n")


def mib(path: Path) -> str:
    """A file's size, for people."""
    return f"{path.stat().st_size / (1 << 20):.0f} MiB"

"""A program that is killed by the kernel in the middle of a system call, at each one that it makes on some files."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

CALLS = ("openat", "write", "pwrite64", "fdatasync", "fsync", "ftruncate", "unlink", "close")
ROOT = Path(__file__).parents[2]
STRACE = shutil.which("strace")


def need_strace() -> None:
    """Skip where processes may not be traced."""
    if STRACE is None or subprocess.run([STRACE, "-o", "/dev/null", "true"], check=False).returncode:
        pytest.skip("strace is not installed, or may not trace here")


def run(script: Path, *words: str, strace: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """The program to its end, under strace or not."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [*([str(STRACE), *strace] if strace else []), sys.executable, str(script), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def points(script: Path, *words: str, files: Sequence[Path]) -> list[tuple[str, int]]:
    """(call, how many-th) of each write-type system call on the files; the program runs for it."""
    done = run(script, *words, strace=["-f", *_paths(files), "-e", f"trace={','.join(CALLS)}"])
    counts = Counter(re.findall(r"^(?:\[pid +\d+\] )?(\w+)\(", done.stderr, re.MULTILINE))
    return [(call, n) for call, count in counts.items() for n in range(1, count + 1)]


def kill_at(point: tuple[str, int], script: Path, *words: str, files: Sequence[Path]) -> None:
    """Run the program and kill it there."""
    call, n = point
    killed = run(
        script,
        *words,
        strace=["-f", *_paths(files), "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={n}"],
    )
    assert killed.returncode == -9, f"{call} {n}: {killed.returncode} {killed.stderr[-300:]}"


def _paths(files: Sequence[Path]) -> list[str]:
    return [word for file in files for word in ("-P", str(file))]

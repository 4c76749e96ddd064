"""SIGKILL at each write-type system call of the ticket path: no paper without a ticket, no number twice."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from officelib import events as e
from officelib.clock import Clock
from officelib.journal.device import open_journal

CALLS = ("openat", "write", "pwrite64", "fdatasync", "fsync", "ftruncate", "unlink", "close")
SHORT, TICKETS = 40, 2
HERE = Path(__file__).parent
STRACE = shutil.which("strace")


def run(folder: Path, *strace: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(HERE / "ticket_path.py"), str(folder), str(TICKETS)]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([*strace, *command], env=environment, capture_output=True, text=True, check=False, timeout=60)


def begun(folder: Path) -> None:
    """A kiosk that has given some tickets already."""
    folder.mkdir()
    assert run(folder).returncode == 0


def calls_of(folder: Path) -> Counter[str]:
    """How often each call is made on the journal's folder."""
    assert STRACE
    done = run(folder, STRACE, "-f", "-P", str(folder / "journal.db"), "-P", str(folder / "journal.db-wal"),
               "-P", str(folder / "paper"), "-e", f"trace={','.join(CALLS)}")  # fmt: skip
    return Counter(re.findall(r"^(?:\[pid +\d+\] )?(\w+)\(", done.stderr, re.MULTILINE))


@pytest.mark.timeout(1_200)
def test_sigkill_at_each_write_of_the_ticket_path(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if STRACE is None or subprocess.run([STRACE, "-o", "/dev/null", "true"], check=False).returncode:
        pytest.skip("strace is not installed, or may not trace here")
    begun(tmp_path / "first")
    shutil.copytree(tmp_path / "first", tmp_path / "counted")
    points = [(call, n) for call, count in calls_of(tmp_path / "counted").items() for n in range(1, count + 1)]
    assert len(points) > 20, points
    if not request.config.getoption("--long"):
        points = points[:: max(1, len(points) // SHORT)]
    for call, n in points:
        folder = tmp_path / f"{call}-{n}"
        shutil.copytree(tmp_path / "first", folder)
        files = [word for name in ("journal.db", "journal.db-wal", "paper") for word in ("-P", str(folder / name))]
        killed = run(folder, STRACE, "-f", *files, "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={n}")
        assert killed.returncode == -9, f"{call} {n}: {killed.returncode} {killed.stderr[-300:]}"
        assert run(folder).returncode == 0, f"{call} {n}: it does not start again"
        judge(folder, f"{call} {n}")
        shutil.rmtree(folder)


def judge(folder: Path, where: str) -> None:
    journal, aside = open_journal(folder / "journal.db", "k1", Clock("boot"))
    assert aside is None, where
    rows = journal._connection.execute("SELECT body FROM event ORDER BY seq").fetchall()
    journal.close()
    events = [msgspec.json.decode(body, type=e.DeviceEvent) for (body,) in rows]
    issued = Counter(event.label for event in events if isinstance(event, e.Lane))
    papers = Counter((folder / "paper").read_text().splitlines())
    assert max(issued.values()) == 1, f"{where}: a number twice"
    assert {label.removesuffix(" copy") for label in papers} == set(issued), f"{where}: papers and tickets differ"
    assert all(n == 1 for label, n in papers.items() if not label.endswith("copy")), f"{where}: two unmarked papers"
    wants = sum(isinstance(event, e.Want) for event in events)
    ends = sum(isinstance(event, e.Lane | e.Abandon) for event in events)
    assert wants == ends, f"{where}: a want without an end"

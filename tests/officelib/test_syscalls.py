"""SIGKILL at each write-type system call of the ticket path: no paper without a ticket, no number twice."""

import shutil
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from officelib import events as e
from officelib.clock import Clock
from officelib.journal.device import open_journal
from tests.officelib import killed

SHORT, TICKETS = 24, "2"
SCRIPT = Path(__file__).parent / "ticket_path.py"


def files_of(folder: Path) -> list[Path]:
    return [folder / name for name in ("journal.db", "journal.db-wal", "paper")]


@pytest.mark.timeout(1_200)
def test_sigkill_at_each_write_of_the_ticket_path(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    killed.need_strace()
    first = tmp_path / "first"
    first.mkdir()
    assert killed.run(SCRIPT, str(first), TICKETS).returncode == 0, "a kiosk that has given some tickets already"
    counted = shutil.copytree(first, tmp_path / "counted")
    points = killed.points(SCRIPT, str(counted), TICKETS, files=files_of(counted))
    assert len(points) > 20, points
    if not request.config.getoption("--long"):
        points = points[:: max(1, len(points) // SHORT)]
    for point in points:
        folder = shutil.copytree(first, tmp_path / "one")
        killed.kill_at(point, SCRIPT, str(folder), TICKETS, files=files_of(folder))
        assert killed.run(SCRIPT, str(folder), TICKETS).returncode == 0, f"{point}: it does not start again"
        judge(folder, str(point))
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

"""Archives: written once a day is over, checked to the last byte."""

import gzip
from pathlib import Path

import pytest

from officelib import events as e
from officelib.errors import KnownError
from officelib.ids import EventId
from officelib.journal import archive, succession
from officelib.journal.office_log import Commit, open_office_log


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Three days; the last one is not over."""
    path = tmp_path / "office.db"
    log = open_office_log(path)
    n = 0
    for day in ("2026-01-05", "2026-01-06", "2026-01-07"):
        bodies: list[e.LogBody] = [e.DayOpened(day), *(e.EventRejected("k1", f"ñ {number}") for number in range(5))]
        entries = [e.LogEntry(n + i, 1, 1_000 + i, b, EventId("k1", 1, n + i)) for i, b in enumerate(bodies, start=1)]
        log.commit(Commit(entries, {}, {}, day), 0)
        n += len(entries)
    log.close()
    return path


def test_a_day_that_is_over_is_written_once_and_checks(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    names = [path.name for path in archive.write_missing(database, folder)]
    assert names == ["2026-01-05-0000000001.jsonl.gz", "2026-01-06-0000000007.jsonl.gz"]
    assert archive.write_missing(database, folder) == []
    assert archive.verify(folder) == archive.Verdict(2, 12, ())


def test_every_changed_byte_shows(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    path = archive.write_missing(database, folder)[0]
    whole = gzip.decompress(path.read_bytes())
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 1
        path.write_bytes(gzip.compress(bytes(changed), 1))
        assert archive.verify(folder).faults, f"byte {at} of {whole[max(0, at - 20) : at + 20]!r}"


def test_a_missing_a_cut_and_an_exchanged_file_show(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    first, second = archive.write_missing(database, folder)
    kept = first.read_bytes()
    first.write_bytes(kept[:-20])
    assert "2026-01-05" in archive.verify(folder).faults[0]
    first.write_bytes(kept)
    third = folder / "2026-01-07-0000000013.jsonl.gz"
    third.write_bytes(kept)
    assert "begins at entry" in archive.verify(folder).faults[0]
    third.unlink()
    second.unlink()
    assert archive.verify(folder).faults == ()


def test_a_backup_is_whole_and_overwrites_nothing(database: Path, tmp_path: Path) -> None:
    to = tmp_path / "copy.db"
    succession.back_up(database, to)
    copy, log = open_office_log(to), open_office_log(database)
    assert (copy.head, copy.link_at(copy.head), copy.secret) == (log.head, log.link_at(log.head), log.secret)
    copy.close()
    log.close()
    with pytest.raises(KnownError, match="already"):
        succession.back_up(database, to)

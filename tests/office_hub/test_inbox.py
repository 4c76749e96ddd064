"""The bookings' inbox: whatever is dropped there, the next file goes in."""

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from bench.office.stage import wait_for
from office_hub import bookings
from office_hub.bookings import ImportResult, Inbox
from office_hub.work import BookingsCame
from officelib.booking import Booking
from officelib.catalogue import Catalogue
from officelib.journal.office_log import OfficeLog, open_office_log

GOOD = b"ref,service,slot\n" + b"ab" * 10 + b",taxes,2026-01-07T10:30\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[OfficeLog]:
    one = open_office_log(tmp_path / "office.db")
    yield one
    one.close()


@pytest.fixture
def folder(tmp_path: Path, store: OfficeLog, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(bookings, "LOOK_S", 0.02)
    monkeypatch.setattr(bookings, "SETTLED_S", 0.2)

    def submit(came: BookingsCame) -> None:
        came.done(store.bookings.put(came.bookings))

    inbox = Inbox(tmp_path / "inbox", lambda: catalogue, submit)
    inbox.start()
    yield tmp_path / "inbox"
    inbox.stop()


def result_of(path: Path) -> ImportResult:
    result = path.with_name(path.name + ".result")
    wait_for(result.exists, f"the result of {path.name}", 10)
    return msgspec.json.decode(result.read_bytes(), type=ImportResult)


@pytest.mark.parametrize("bad", [b'ref,service,slot\n"' + b"x" * 200_000, b"\xff\xfe", b"[{", b"", b"{}"])
def test_a_broken_file_is_told_and_stops_no_other(folder: Path, store: OfficeLog, bad: bytes) -> None:
    (folder / "a.csv").write_bytes(bad)
    (folder / "b.csv").write_bytes(GOOD)
    assert result_of(folder / "b.csv") == ImportResult(1, ())
    assert result_of(folder / "a.csv").accepted == 0
    assert store.bookings.find(ref="ab" * 10) is not None


def test_a_file_that_is_still_written_is_waited_for(folder: Path) -> None:
    path = folder / "slow.csv"
    lines = ["ref,service,slot\n", *(f"{n:020x},taxes,2026-01-07T10:30\n" for n in range(2**60, 2**60 * 7, 2**60))]
    with path.open("w") as file:
        for line in lines:
            file.write(line)
            file.flush()
            time.sleep(0.06)
    assert result_of(path).accepted == len(lines) - 1


def test_a_booking_whose_short_code_is_taken_is_refused_alone(folder: Path, store: OfficeLog) -> None:
    ref = "ab" * 5 + "00" * 5
    twin = ref[:-1] + "1"
    store.bookings.put([Booking(ref, "taxes", 1, bookings_short(ref))])
    rows = f"{twin},taxes,2026-01-07T10:30\n{'cd' * 10},taxes,2026-01-07T10:30\n"
    (folder / "twin.csv").write_text("ref,service,slot\n" + rows)
    result = result_of(folder / "twin.csv")
    assert result.accepted == 1
    assert "short code of another" in result.refused[0].reason


def bookings_short(ref: str) -> str:
    from officelib.booking import short_code

    return short_code(ref)

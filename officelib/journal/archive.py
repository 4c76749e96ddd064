"""Archives of an office's log: a compressed file a day, chained to the one before, kept as long as the law asks.

A file is gzip over JSON lines: first a head, then one line an entry, then a foot. The entries' chain runs through all
files, so that a missing, changed or exchanged file shows. They can be read without this software.
"""

import gzip
import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec

from officelib import events as e
from officelib.errors import KnownError
from officelib.ids import EventId
from officelib.journal import chain
from officelib.journal.database import open_reader

SUFFIX = ".jsonl.gz"


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="archive", tag="head"):
    """What a file holds: the entries from `first` on of a business day, after the link `before` (16 hex digits)."""

    day: str
    first: int
    before: str


class Foot(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="archive", tag="foot"):
    """The last entry, the link after it, and SHA-256 over all lines above."""

    last: int
    link: str
    sha256: str


class Line(msgspec.Struct, frozen=True):
    """An entry as it stands in the log; its body is not read, so that any release can check any file."""

    n: int
    ep: int
    at_ms: int
    src: EventId | None
    body: msgspec.Raw


class Verdict(NamedTuple):
    """What a check found."""

    files: int
    entries: int
    faults: tuple[str, ...]

    def sentence(self) -> str:
        """For the operator."""
        if not self.faults:
            return f"{self.files} files, {self.entries} entries: all whole, each follows from the one before."
        return "\n".join(self.faults) + f"\n{len(self.faults)} faults in {self.files} files."


class _Row(NamedTuple):
    """A row of the log."""

    n: int
    ep: int
    at_ms: int
    device: str | None
    inc: int
    seq: int
    body: str
    link: bytes

    @property
    def src(self) -> EventId | None:
        return EventId(self.device, self.inc, self.seq) if self.device else None


def write_missing(database: Path, folder: Path) -> list[Path]:
    """Write each business day that is over and not yet there; reads beside a running hub.

    Returns:
        The new files. A file appears whole, and on the disk, or not at all.
    Raises:
        KnownError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    reader = open_reader(database)
    try:
        openings = reader.execute(
            'SELECT n, body FROM log WHERE body LIKE \'{"t":"day.opened"%\' ORDER BY n'
        ).fetchall()
        written = []
        for (first, body), (after, _) in pairwise(openings):
            day = msgspec.json.decode(body, type=e.DayOpened).day
            path = folder / f"{day}-{first:010d}{SUFFIX}"
            if not path.exists():
                before = reader.execute("SELECT link FROM log WHERE n = ?", (first - 1,)).fetchone()
                rows = reader.execute(
                    "SELECT n, ep, at_ms, device, inc, seq, body, link FROM log WHERE n >= ? AND n < ? ORDER BY n",
                    (first, after),
                )
                _write(path, Head(day, first, (before[0] if before else chain.GENESIS).hex()), map(_Row._make, rows))
                written.append(path)
    except OSError as error:
        raise KnownError(str(error), where=str(folder), mend="Check the folder and the disk's space.") from error
    finally:
        reader.close()
    return written


def last_archived_before(folder: Path, at_ms: int) -> int:
    """The newest entry of the whole archives of days that began before a moment; 0 for none."""
    day = datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()
    for path in sorted(folder.glob(f"*{SUFFIX}"), reverse=True):
        if path.name[: len(day)] < day:
            try:
                return _check(path)[1].last
            except (OSError, EOFError, ValueError) as error:
                raise KnownError(str(error), where=str(path), mend="It is damaged: keep the database.") from error
    return 0


def verify(folder: Path) -> Verdict:
    """Check every archive of a folder: each whole, its entries chained, and each going on from the one before."""
    faults: list[str] = []
    entries = 0
    expected: tuple[int, str] | None = None
    paths = sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: path.name[-len(SUFFIX) - 10 : -len(SUFFIX)])
    for path in paths:
        try:
            head, foot, count = _check(path)
        except (OSError, EOFError, ValueError) as error:
            faults.append(f"{path.name}: {error}")
            expected = None
            continue
        entries += count
        if expected is not None and expected != (head.first, head.before):
            faults.append(f"{path.name}: begins at entry {head.first}, after a file that ends before {expected[0]}")
        expected = (foot.last + 1, foot.link)
    return Verdict(len(paths), entries, tuple(faults))


def _write(path: Path, head: Head, rows: Iterator[_Row]) -> None:
    aside = path.with_name(f".{path.name}.part")
    digest = hashlib.sha256()
    with aside.open("wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as file:

            def put(line: bytes) -> None:
                digest.update(line + b"\n")
                file.write(line + b"\n")

            put(msgspec.json.encode(head))
            last, link = head.first - 1, head.before
            for row in rows:
                put(msgspec.json.encode(Line(row.n, row.ep, row.at_ms, row.src, msgspec.Raw(row.body.encode()))))
                last, link = row.n, row.link.hex()
            file.write(msgspec.json.encode(Foot(last, link, digest.hexdigest())) + b"\n")
        raw.flush()
        os.fsync(raw.fileno())
    aside.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _check(path: Path) -> tuple[Head, Foot, int]:
    """Raises ValueError with what is wrong."""
    with gzip.open(path, "rb") as file:
        lines = file.read().splitlines()
    if len(lines) < 2:
        raise ValueError("is not whole")
    head, foot = msgspec.json.decode(lines[0], type=Head), msgspec.json.decode(lines[-1], type=Foot)
    if hashlib.sha256(b"".join(line + b"\n" for line in lines[:-1])).hexdigest() != foot.sha256:
        raise ValueError("was changed: its checksum is another one")
    link, n = bytes.fromhex(head.before), head.first - 1
    for line in lines[1:-1]:
        entry = msgspec.json.decode(line, type=Line)
        if entry.n != n + 1:
            raise ValueError(f"entry {entry.n} follows entry {n}")
        n = entry.n
        link = chain.link(link, n, entry.ep, entry.at_ms, str(entry.src or ""), bytes(entry.body))
    if (n, link.hex()) != (foot.last, foot.link):
        raise ValueError("was changed: its entries do not give the link at its end")
    return head, foot, n - head.first + 1

"""The bookings' inbox: a folder. A file that is dropped there goes in, and what was refused is written beside it."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from office_hub.work import BookingsCame
from officelib.booking import Booking, BookingCode, Refused, mint, read_bookings
from officelib.catalogue import Catalogue

log = logging.getLogger(__name__)

BOOKING_KEY_ID = 1
WINDOW_MIN = 15
LOOK_S = 0.5
SETTLED_S = 1.0
"""A file that changed later than that is still being written."""
KEPT_S = 30.0
SUFFIXES = (".csv", ".json")
RESULT_SUFFIX = ".result"


def code_of(booking: Booking, catalogue: Catalogue, key: Ed25519PrivateKey) -> str:
    """The signed text of a booking's QR."""
    service = catalogue.services[booking.service]
    fields = BookingCode(BOOKING_KEY_ID, catalogue.office.code, service.code, booking.slot_ms, WINDOW_MIN, booking.ref)
    return mint(fields, key)


class ImportResult(msgspec.Struct, frozen=True):
    """What became of a file."""

    accepted: int
    refused: tuple[Refused, ...]


class Inbox:
    """Looks into a folder from time to time, in a thread of its own."""

    def __init__(
        self, folder: Path, catalogue: Callable[[], Catalogue], submit: Callable[[BookingsCame], None]
    ) -> None:
        self._folder, self._catalogue, self._submit = folder, catalogue, submit
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bookings", daemon=True)

    def start(self) -> None:
        """Watch.

        Raises:
            OSError: the folder cannot be made.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(LOOK_S):
            try:
                self._look()
            except OSError as error:
                log.error("%s: %s; check the folder and the disk", self._folder, error)

    def _look(self) -> None:
        for path in sorted(self._folder.iterdir()):
            if path.suffix in SUFFIXES and time.time() - path.stat().st_mtime > SETTLED_S:
                self._take(path)

    def _take(self, path: Path) -> None:
        bookings, refused = read_bookings(path.read_bytes(), self._catalogue())
        kept = threading.Event()
        collided: list[Refused] = []

        def done(refs: list[str]) -> None:
            collided.extend(Refused(0, f"ref {ref} has the short code of another booking") for ref in refs)
            kept.set()

        self._submit(BookingsCame(bookings, done))
        if not kept.wait(KEPT_S):
            log.error("%s: the hub did not keep it; it will be tried again", path)
            return
        refused += collided
        for wrong in refused:
            log.warning("%s, line %d was refused; the reason is in the file's result", path.name, wrong.line)
        accepted = len(bookings) - len(collided)
        result = path.with_name(path.name + RESULT_SUFFIX)
        aside = result.with_name(f".{result.name}.part")
        aside.write_bytes(msgspec.json.format(msgspec.json.encode(ImportResult(accepted, tuple(refused)))) + b"\n")
        aside.replace(result)
        path.unlink()
        log.info("%s: %d bookings taken in, %d lines refused", path.name, accepted, len(refused))

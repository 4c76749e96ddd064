"""The bookings' inbox: a folder. A file that is dropped there goes in, and what was refused is written beside it."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from office_hub.engine import BookingsCame
from officelib.booking import Refused, read_bookings
from officelib.catalogue import Catalogue

log = logging.getLogger(__name__)

LOOK_S = 0.5
SUFFIXES = (".csv", ".json")
RESULT_SUFFIX = ".result"


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
            for path in sorted(self._folder.iterdir()):
                if path.suffix in SUFFIXES:
                    self._take(path)

    def _take(self, path: Path) -> None:
        try:
            bookings, refused = read_bookings(path.read_bytes(), self._catalogue())
        except OSError as error:
            log.error("%s: %s", path, error)
            return
        kept = threading.Event()
        self._submit(BookingsCame(bookings, kept.set))
        if not kept.wait(30):
            log.error("%s: the hub did not keep it; it will be tried again", path)
            return
        for wrong in refused:
            log.warning("%s, line %d refused: %s", path.name, wrong.line, wrong.reason)
        result = path.with_name(path.name + RESULT_SUFFIX)
        result.write_bytes(
            msgspec.json.format(msgspec.json.encode(ImportResult(len(bookings), tuple(refused)))) + b"\n"
        )
        path.unlink()
        log.info("%s: %d bookings taken in, %d lines refused", path.name, len(bookings), len(refused))

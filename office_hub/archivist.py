"""Writes days that are over into the archive, and lets the hub forget what is old and archived."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from office_hub.work import Archived
from officelib.errors import KnownError
from officelib.journal import archive

log = logging.getLogger(__name__)

EVERY_S = 3_600.0
DAY_MS = 86_400_000


class Archivist:
    """Looks every hour, in a thread of its own; reads the log beside the hub."""

    def __init__(
        self,
        database: Path,
        folder: Path,
        keep_days: int,
        now_ms: Callable[[], int],
        submit: Callable[[Archived], None],
    ) -> None:
        """Args:
        database: The hub's.
        folder: For the archives.
        keep_days: So many days stay in the hub's database.
        now_ms: Hub time.
        submit: Tells the hub what it may forget.
        """
        self._database, self._folder, self._keep_days = database, folder, keep_days
        self._now_ms, self._submit = now_ms, submit
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="archivist", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()

    def look(self) -> None:
        """Write what is missing; tell what is old."""
        try:
            for path in archive.write_missing(self._database, self._folder):
                log.info("archived: %s", path.name)
            n = archive.last_archived_before(self._folder, self._now_ms() - self._keep_days * DAY_MS)
        except KnownError as error:
            log.error("%s", error)
            return
        if n:
            self._submit(Archived(n))

    def _run(self) -> None:
        while True:
            self.look()
            if self._ended.wait(EVERY_S):
                return

"""A file that only takes room: given up when the disk is full, so that what was begun can still be ended.

On a full disk SQLite cannot even delete. With the ballast gone it can write a few thousand more events: enough to end
what was promised, and for an operator to come.
"""

import os
import shutil
from pathlib import Path

BALLAST_BYTES = 4 * 1024 * 1024
SPARE = 4
"""A ballast is made when so many times its size are free."""


class Ballast:
    """Beside a journal; one thread uses it."""

    def __init__(self, journal: Path) -> None:
        self._path = journal.with_name(journal.name + ".ballast")

    @property
    def is_there(self) -> bool:
        """Whether there is something to give up."""
        return self._path.exists()

    def take_in(self) -> bool:
        """Make it, when the disk has room again.

        Returns:
            Whether it is there.
        """
        if self.is_there:
            return True
        try:
            if shutil.disk_usage(self._path.parent).free < SPARE * BALLAST_BYTES:
                return False
            aside = self._path.with_name(self._path.name + ".part")
            with aside.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, BALLAST_BYTES)
                os.fsync(file.fileno())
            aside.rename(self._path)
        except OSError:
            return False
        return True

    def give_up(self) -> bool:
        """Make room.

        Returns:
            Whether there was something to give up.
        """
        there = self.is_there
        self._path.unlink(missing_ok=True)
        return there

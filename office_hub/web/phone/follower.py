"""The office as the pages see it: a fold of its own of the same log, in the web server's thread."""

import asyncio
import logging
from collections.abc import Sequence

from officelib.events import LogEntry
from officelib.office import Office

log = logging.getLogger(__name__)


class Follower:
    """Nobody who opens a page costs the engine anything: it decides, this tells."""

    def __init__(self, office: Office) -> None:
        """`office` is the follower's own, as the log was when it was read."""
        self.office = office
        self._change = asyncio.Event()

    def take(self, entries: Sequence[LogEntry]) -> None:
        """The next entries of the log; called in the event loop, in their order."""
        for entry in entries:
            if entry.n <= self.office.n:
                continue
            self.office.apply(entry)
        self._change.set()
        self._change = asyncio.Event()

    async def changed(self, limit_s: float) -> bool:
        """Wait for news. False when none came in that time."""
        try:
            await asyncio.wait_for(self._change.wait(), limit_s)
        except TimeoutError:
            return False
        return True

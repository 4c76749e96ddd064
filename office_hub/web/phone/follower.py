"""The office as the pages see it: a fold of its own of the same log, in the web server's thread."""

import asyncio
from collections.abc import Sequence

from officelib.events import LogEntry
from officelib.office import Office


class Follower:
    """Nobody who opens a page costs the engine anything: it decides, this tells."""

    def __init__(self, office: Office) -> None:
        """`office` is the follower's own, as the log was when it was read."""
        self.office = office
        self._waiting: dict[str, set[asyncio.Event]] = {}

    def take(self, entries: Sequence[LogEntry]) -> None:
        """The next entries of the log; called in the event loop, in their order."""
        for entry in entries:
            if entry.n <= self.office.n:
                continue
            self.office.apply(entry)
            for event in self._waiting.get(getattr(entry.body, "ticket", ""), ()):
                event.set()

    async def news_of(self, ticket: str, limit_s: float) -> bool:
        """Wait for something that happens to a ticket itself. False when nothing did in that time."""
        event = asyncio.Event()
        self._waiting.setdefault(ticket, set()).add(event)
        try:
            await asyncio.wait_for(event.wait(), limit_s)
        except TimeoutError:
            return False
        finally:
            self._waiting[ticket].discard(event)
            if not self._waiting[ticket]:
                del self._waiting[ticket]
        return True

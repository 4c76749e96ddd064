"""A hub that follows another one's log, so that it can take its place at an operator's word."""

import logging
from collections.abc import Callable, Sequence

from mqtt_bridge.messages import Follow, Replica
from office_hub.catalogue_copy import CatalogueCopy
from officelib import events as e
from officelib.clock import Clock, OfficeClock
from officelib.errors import KnownError
from officelib.journal.chain import GENESIS
from officelib.journal.office_log import Commit, Mark, OfficeLog
from officelib.journal.succession import cut

log = logging.getLogger(__name__)

KEEP_TIME_MS = 60_000


class Standby:
    """Takes in what the leader sends. One thread uses it."""

    def __init__(
        self,
        store: OfficeLog,
        hub: str,
        clock: Clock,
        on_revoked: Callable[[Sequence[str]], None] = lambda _: None,
        copy: CatalogueCopy | None = None,
    ) -> None:
        """Args:
        store: Its copy of the log.
        hub: Its name.
        clock: The machine's.
        on_revoked: Hears of all certificates that count no more, when there are others.
        copy: Keeps the leader's catalogue.
        """
        self._on_revoked, self._copy = on_revoked, copy
        self._store, self._hub, self._clock = store, hub, clock
        self._day = store.day()
        self._keep_at_ms = 0
        self._leader_ms: tuple[int, int] | None = None

    def follow(self) -> Follow:
        """Its word to the leader: how far it has the log, and asks for what comes next."""
        head = self._store.head
        link = self._store.link_at(head) if head else GENESIS
        return Follow(
            ep=self._store.epoch,
            device=self._hub,
            n=head,
            link=(link or GENESIS).hex(),
            log_ep=self._store.newest_epoch(),
            rev=self._store.bookings.rev(),
            catalogue=self._copy.revision if self._copy else "",
        )

    def hear(self, replica: Replica) -> bool:
        """Write what the leader sent, durably.

        Returns:
            Whether something is new: then the leader is to be told at once.
        Raises:
            KnownError: the leader's log and this one cannot be the same; a person looks at it.
            sqlite3.Error: the disk refuses; nothing was written.
        """
        if replica.ep < self._store.epoch or replica.device != self._hub:
            return False
        self._leader_ms = (self._clock.mono_ms(), replica.at_ms)
        self._keep_time()
        if replica.cut:
            return self._cut(replica)
        is_news = bool(self._copy and replica.catalogue and self._copy.take(replica.catalogue))
        if replica.after != self._store.head or not (replica.entries or replica.bookings):
            return is_news
        self._check(replica)
        if replica.entries:
            self._write(replica)
        if replica.bookings:
            self._store.bookings.put(replica.bookings, rev=replica.rev)
        return True

    def office_time(self) -> OfficeClock | None:
        """The leader's time, carried on; None when it was never heard."""
        if self._leader_ms is None:
            return None
        heard_mono_ms, at_ms = self._leader_ms
        return OfficeClock.carried_on(self._clock, heard_mono_ms, at_ms)

    def _keep_time(self) -> None:
        """The leader's time is written down: promotion is another process, and carries it on from there."""
        time, now_ms = self.office_time(), self._clock.mono_ms()
        if time is not None and now_ms >= self._keep_at_ms:
            self._keep_at_ms = now_ms + KEEP_TIME_MS
            self._store.keep_time(time.kept())

    def _cut(self, replica: Replica) -> bool:
        aside = cut(self._store, replica.after)
        self._day = self._store.day()
        if aside is not None:
            log.error(
                "the office went on without this hub from entry %d: what it had after is in %s", replica.after, aside
            )
        return True

    def _check(self, replica: Replica) -> None:
        link = self._store.link_after(replica.entries)
        if link.hex() != replica.link:
            raise KnownError(
                f"what comes after entry {replica.after} does not follow from this log",
                where=str(self._store.path),
                mend="Install the same release on both hubs, or begin again from a backup of the leader.",
            )

    def _write(self, replica: Replica) -> None:
        marks: dict[tuple[str, int], Mark] = {}
        for entry in replica.entries:
            if entry.src is not None:
                marks[entry.src.device, entry.src.inc] = Mark(entry.src.seq)
        replies = {request: bytes(reply) for request, reply in replica.replies.items()}
        commit = Commit(replica.entries, marks, replies, self._day)
        self._store.commit(commit, replica.at_ms, epoch=max(replica.ep, self._store.epoch))
        for entry in replica.entries:
            if isinstance(entry.body, e.DayOpened):
                self._day = entry.body.day
        if any(isinstance(entry.body, e.DeviceRevoked) for entry in replica.entries):
            self._on_revoked(self._store.registry.revoked())

"""The leader's side of following, with its store: sends the standby what it lacks, and a hub that was replaced back."""

import logging
from collections.abc import Callable

import msgspec

from mqtt_bridge.messages import MAX_PACKET_BYTES, Follow, Replica, encode
from office_hub.catalogue_keeper import revision_of
from office_hub.core import desk, leading
from office_hub.core.draft import Draft
from officelib.booking import Booking
from officelib.catalogue import Catalogue
from officelib.events import LogEntry
from officelib.journal.chain import GENESIS
from officelib.journal.office_log import OfficeLog

log = logging.getLogger(__name__)

REPLICA_ENTRIES = 128
REPLICA_BOOKINGS = 256
REPLICA_BYTES = MAX_PACKET_BYTES // 2
"""A larger one would be refused by whoever hears it, and the standby would stay behind for ever."""


class Replication:
    """How far the standby is, and what goes to it. The engine's thread uses it."""

    def __init__(
        self, store: OfficeLog, epoch: int, publish: Callable[[Replica], None], now_ms: Callable[[], int]
    ) -> None:
        self._store, self._epoch, self._publish, self._now_ms = store, epoch, publish, now_ms
        self.leading = leading.Leading()
        self._sent_to = 0

    def follow(self, draft: Draft, catalogue: Catalogue, follow: Follow, written: str = "") -> Callable[[], None]:
        """A hub tells how far it has the log: what it lacks goes out, unless its log is another one.

        `written`: the file that the catalogue came from; empty where nobody knows.
        """
        link = self._store.link_at(follow.n) if follow.n else GENESIS
        if link is None or link.hex() != follow.link:
            return lambda: self._cut_off(follow)
        self.leading.heard(follow.device, follow.n)
        leading.join(draft, catalogue, follow.device, follow.n)

        def send() -> None:
            if written and follow.catalogue not in ("", revision_of(written)):
                self._send_catalogue(follow, written)
            self._send(followed_to=follow.n, rev=follow.rev)

        return send

    def send_on(self) -> None:
        """Send what was committed just now, without waiting to be asked."""
        self._send(followed_to=self._sent_to)

    def _send_catalogue(self, follow: Follow, written: str) -> None:
        replica = Replica(
            ep=self._epoch,
            device=follow.device,
            after=follow.n,
            link=follow.link,
            at_ms=self._now_ms(),
            catalogue=written,
        )
        if len(encode(replica)) <= MAX_PACKET_BYTES:
            self._publish(replica)
        else:
            log.error("the catalogue's file is too large for the standby: copy it there, or take comments out of it")

    def _cut_off(self, follow: Follow) -> None:
        """The other log goes on from before this hub took over: it is to go back there."""
        later = [one for one in self._store.successions() if one.ep > follow.log_ep]
        if not later or later[0].n >= follow.n:
            log.error("%s follows with a log that is not this office's; give it a backup of this hub's", follow.device)
            return
        n = later[0].n
        link = self._store.link_at(n) if n else GENESIS
        if link is not None:
            self._publish(
                Replica(ep=self._epoch, device=follow.device, after=n, link=link.hex(), at_ms=self._now_ms(), cut=True)
            )

    def _send(self, *, followed_to: int, rev: int | None = None) -> None:
        """Send the standby what comes after an entry. Without its word (`rev`) only what is news to it for sure."""
        if not self.leading.hub or (rev is None and followed_to != self.leading.to):
            return
        behind = followed_to < self._store.head
        entries = tuple(self._store.entries_after(followed_to, REPLICA_ENTRIES)) if behind else ()
        bookings, upto = self._store.bookings.after(rev, REPLICA_BOOKINGS) if rev is not None else ([], 0)
        if not entries and not bookings:
            return
        replica = self._replica(followed_to, entries, tuple(bookings), upto)
        while len(encode(replica)) > REPLICA_BYTES and len(replica.entries) + len(replica.bookings) > 1:
            entries = replica.entries[: (len(replica.entries) + 1) // 2]
            bookings, upto = self._store.bookings.after(rev or 0, len(replica.bookings) // 2) if bookings else ([], 0)
            replica = self._replica(followed_to, entries, tuple(bookings), upto)
        self._publish(replica)
        self._sent_to = entries[-1].n if entries else followed_to

    def _replica(self, after: int, entries: tuple[LogEntry, ...], bookings: tuple[Booking, ...], rev: int) -> Replica:
        """What the standby lacks. A refusal needs no memory: asked again, it is decided again."""
        last = entries[-1].n if entries else after
        replies = self._store.replies_between(after, last)
        return Replica(
            ep=self._epoch,
            device=self.leading.hub,
            after=after,
            link=(self._store.link_at(last) or GENESIS).hex(),
            at_ms=self._now_ms(),
            entries=entries,
            replies={k: msgspec.Raw(reply) for k, reply in replies.items() if not reply.startswith(desk.REFUSED)},
            bookings=bookings,
            rev=rev,
        )

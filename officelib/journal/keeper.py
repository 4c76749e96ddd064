"""The one thread that writes a device's journal, and what every device does with the hub's word: grants, acks, time."""

import logging
import queue
import threading
from collections.abc import Callable
from pathlib import Path

from officelib.arrival import Arrival, estimate
from officelib.clock import Clock
from officelib.errors import KnownError
from officelib.inbound import Acked, Disowned, Granted
from officelib.journal.ballast import Ballast
from officelib.journal.database import set_aside
from officelib.journal.device import MARK_EVERY_MS, DeviceJournal, JournalFull, open_journal

log = logging.getLogger(__name__)

Work = Callable[[DeviceJournal], None]
STOP_S = 5.0
QUOTA_BYTES = 64 * 1024 * 1024
"""Fifty days without a hub: 600 tickets a day, 5 events each, 400 bytes an event."""


class Keeper:
    """Owns a journal. `poke_bridge` is called when there is something new to send."""

    def __init__(self, path: Path, device: str, clock: Clock, on_trouble: Callable[[], None]) -> None:
        """Args:
        path: The journal.
        device: This device's name.
        clock: The machine's.
        on_trouble: Called in the keeper's thread when work failed; what failed is in the log.

        Raises:
            KnownError: the disk refuses, or the journal belongs to another device.
        """
        self._path, self._device = path, device
        self._clock, self._on_trouble = clock, on_trouble
        self._forgot_ms = 0
        self._journal, aside = open_journal(path, device, clock)
        if aside is not None:
            log.error("the journal was damaged; it lies at %s, and a new one was begun", aside)
        self._ballast = Ballast(path)
        self._check_room()
        self._anchor = self._journal.anchor()
        self._work: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self.poke_bridge: Callable[[], None] = lambda: None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the work that is waiting; then the journal is closed."""
        self._work.put(None)
        self._thread.join(STOP_S)
        self._journal.close()

    def do(self, work: Work) -> None:
        """Queue work on the journal; may be called from any thread."""
        self._work.put(work)

    def hub_ms(self) -> int | None:
        """Hub time, carried over on the monotonic clock; None before this boot's first word from the hub.

        The wall clock is never asked: after a power cut it may say 1970.
        """
        anchor = self._anchor
        return None if anchor is None else anchor.hub_ms + self._clock.mono_ms() - anchor.mono_ms

    def now(self) -> Arrival:
        """Hub time and how far it may be off."""
        anchor, mono_ms = self._anchor, self._clock.mono_ms()
        return Arrival(0, -1) if anchor is None else estimate(anchor, mono_ms, 0)

    def granted(self, journal: DeviceJournal, line: Granted) -> None:
        """The hub grants an incarnation and a lane to this journal, or to one that is no more."""
        identity = journal.identity
        if line.journal == identity.journal and line.inc > identity.inc:
            with journal.transaction():
                journal.grant(line.inc, line.slot)
            log.info("granted incarnation %d, lane %d", line.inc, line.slot)
        self.poke_bridge()

    def acked(self, journal: DeviceJournal, line: Acked) -> None:
        """The hub has committed events, and told its time."""
        if line.epoch < journal.epoch:
            return
        moved = self._anchor is None or line.anchor is None or line.anchor.clock != self._anchor.clock
        if line.acked > journal.acked or line.stable > journal.stable or line.epoch > journal.epoch or moved:
            with journal.transaction():
                journal.acknowledge(line.epoch, line.acked, line.stable, line.boot, line.anchor)
        if line.anchor is not None and line.boot == self._clock.boot:
            self._anchor = line.anchor
        if journal.is_closing:
            self._check_room()
        self._forget_old(journal)

    def revoked(self, journal: DeviceJournal) -> None:
        """The office does not trust this device any more."""
        with journal.transaction():
            journal.wipe()
        log.error("this device was revoked: it serves nobody until it is enrolled again")

    def disowned(self, journal: DeviceJournal, line: Disowned) -> None:
        """The journal is a copy of one that went on elsewhere: it is set aside, and a new one asks for its place."""
        if line.journal != journal.identity.journal:
            return
        epoch, config = journal.epoch, journal.kept("config")
        journal.close()
        aside = set_aside(self._path)
        log.error("the hub knows more of this journal than it holds: copied or restored? It lies at %s now", aside)
        self._journal, _ = open_journal(self._path, self._device, self._clock)
        with self._journal.transaction():
            self._journal.acknowledge(epoch, 0, 0, "", None)
            if config is not None:
                self._journal.keep("config", config)
        self.poke_bridge()

    def _forget_old(self, journal: DeviceJournal) -> None:
        now_ms = self.hub_ms()
        if now_ms is None or abs(now_ms - self._forgot_ms) < MARK_EVERY_MS:
            return
        self._forgot_ms = now_ms
        self._check_room()
        with journal.transaction():
            gone = journal.forget(now_ms)
        if gone:
            log.info("forgot %d events that the hub has had for two days", gone)

    def _check_room(self) -> None:
        """Without a ballast, or over the quota, tickets that were begun are ended, and no new one is."""
        over = self._path.stat().st_size > QUOTA_BYTES
        if over:
            log.error("the journal is over its quota of %d MB: the hub has not had it for long", QUOTA_BYTES >> 20)
        self._journal.is_closing = over or not self._ballast.take_in()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            self.carry_out(work)

    def carry_out(self, work: Work) -> None:
        """Work on the journal; trouble is told, and ends nothing else."""
        try:
            try:
                work(self._journal)
            except JournalFull:
                if not self._ballast.give_up():
                    raise
                log.error("the disk is full: the ballast was given up, no new ticket is begun; free the disk")
                self._journal.is_closing = True
                work(self._journal)
        except KnownError as error:
            log.error("%s", error)
            self._on_trouble()
        except Exception:
            log.exception("work on the journal failed")
            self._on_trouble()

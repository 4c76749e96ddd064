"""The display's memory: which calls were announced, kept over a power cut. The one thread that writes the journal."""

import logging
import queue
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from officelib import events as e
from officelib import inbound
from officelib.board import Board, BoardSnapshot, Call
from officelib.clock import Clock
from officelib.errors import KnownError
from officelib.inbound import OfficeConfig
from officelib.journal.device import open_journal

log = logging.getLogger(__name__)


class Memory:
    """Works in a thread of its own."""

    def __init__(self, path: Path, device: str, clock: Clock, hear: Callable[[inbound.Inbound], None]) -> None:
        """Args:
        path: The journal.
        device: This display's name.
        clock: The machine's.
        hear: Gets each line of the bridge after the memory has taken it in; called in the memory's thread.
        """
        self._clock, self._hear = clock, hear
        self._journal, aside = open_journal(path, device, clock)
        if aside is not None:
            log.error("the journal was damaged; it lies at %s, and a new one was begun", aside)
        self._anchor = self._journal.anchor()
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="memory", daemon=True)
        self.poke_bridge: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Tell the last configuration, and go on."""
        self._work.put(self._recall)
        self._thread.start()

    def stop(self) -> None:
        """End after the work that is under way."""
        self._work.put(None)
        self._thread.join(5)
        self._journal.close()

    def hub_ms(self) -> int:
        """Hub time as this display knows it."""
        anchor = self._anchor
        return self._clock.wall_ms() if anchor is None else anchor.hub_ms + self._clock.mono_ms() - anchor.mono_ms

    def take_in(self, line: inbound.Inbound) -> None:
        """A line of the bridge."""
        self._work.put(lambda: self._inbound(line))

    def claim(self, call: Call, then: Callable[[bool], None]) -> None:
        """Write down that a call is announced, before it is; `then` hears whether it is the first time."""

        def work() -> None:
            try:
                with self._journal.transaction():
                    first = self._journal.announce(call.id, call.at_ms)
            except KnownError as error:
                log.error("%s", error)
                first = True
            then(first)

        self._work.put(work)

    def announced(self, call: str, *, aloud: bool) -> None:
        """Report an announcement to the hub."""

        def work() -> None:
            if self._journal.identity.inc:
                with self._journal.transaction():
                    self._journal.append(e.Announced(call, aloud))
                self.poke_bridge()

        self._work.put(work)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except KnownError as error:
                log.error("%s", error)
            except Exception:
                log.exception("the memory stumbled")

    def _inbound(self, line: inbound.Inbound) -> None:
        match line:
            case inbound.Granted():
                identity = self._journal.identity
                if line.journal == identity.journal and line.inc > identity.inc:
                    with self._journal.transaction():
                        self._journal.grant(line.inc, line.slot)
                self.poke_bridge()
            case inbound.Acked():
                if line.acked > self._journal.acked or self._anchor is None:
                    with self._journal.transaction():
                        self._journal.raise_epoch(line.epoch)
                        self._journal.acknowledge(line.acked, line.boot, line.anchor)
                if line.anchor is not None and line.boot == self._clock.boot:
                    self._anchor = line.anchor
            case inbound.ConfigChanged():
                with self._journal.transaction():
                    self._journal.keep("config", msgspec.json.encode(line.config))
            case _:
                pass
        self._hear(line)

    def keep_board(self, board: Board, ep: int, n: int) -> None:
        """Keep the board for a restart without a hub."""
        snapshot = BoardSnapshot(ep, n, self.hub_ms(), board.calls)

        def work() -> None:
            with self._journal.transaction():
                self._journal.keep("board", msgspec.json.encode(snapshot))

        self._work.put(work)

    def _recall(self) -> None:
        config = self._journal.kept("config")
        if config is not None:
            self._hear(inbound.ConfigChanged(msgspec.json.decode(config, type=OfficeConfig)))
        board = self._journal.kept("board")
        if board is not None:
            self._hear(inbound.BoardReset(msgspec.json.decode(board, type=BoardSnapshot)))

"""The display's memory: which calls were announced, and the last board, kept over a power cut."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from officelib import events as e
from officelib import inbound
from officelib.board import Board, BoardSnapshot, Call
from officelib.clock import Clock
from officelib.inbound import OfficeConfig
from officelib.journal.device import DeviceJournal
from officelib.journal.keeper import Keeper


class Memory:
    """Works in its keeper's thread."""

    def __init__(
        self,
        path: Path,
        device: str,
        clock: Clock,
        hear: Callable[[inbound.Inbound], None],
        keeper: type[Keeper] = Keeper,
    ) -> None:
        """Args:
        path: The journal.
        device: This display's name.
        clock: The machine's.
        hear: Gets each line of the bridge after the memory has taken it in; called in the keeper's thread.
        keeper: Runs the work on the journal; a simulation brings one without a thread.
        """
        self._hear = hear
        self.keeper = keeper(path, device, clock, lambda: None)

    def start(self) -> None:
        """Tell the last configuration and the last board, and go on."""
        self.keeper.do(self._recall)
        self.keeper.start()

    def stop(self) -> None:
        self.keeper.stop()

    def take_in(self, line: inbound.Inbound) -> None:
        """A line of the bridge."""
        self.keeper.do(lambda journal: self._heard(journal, line))

    def claim(self, call: Call, then: Callable[[bool], None]) -> None:
        """Write down that a call is announced, before it is; `then` hears whether it is the first time.

        When the disk refuses, the call is announced all the same: a call that nobody hears is worse than one repeated
        after a crash.
        """
        told: list[Call] = []

        def work(journal: DeviceJournal) -> None:
            first = True
            try:
                with journal.transaction():
                    first = journal.announce(call.id, call.at_ms)
            finally:
                if not told:  # a full disk may be tried twice
                    told.append(call)
                    then(first)

        self.keeper.do(work)

    def announced(self, call: str, *, aloud: bool) -> None:
        """Report an announcement to the hub."""

        def work(journal: DeviceJournal) -> None:
            if journal.identity.inc:
                with journal.transaction():
                    journal.append(e.Announced(call, aloud))
                self.keeper.poke_bridge()

        self.keeper.do(work)

    def keep_board(self, board: Board, ep: int, n: int) -> None:
        """Keep the board for a restart without a hub."""
        snapshot = BoardSnapshot(ep, n, self.keeper.hub_ms() or 0, board.calls)

        def work(journal: DeviceJournal) -> None:
            with journal.transaction():
                journal.keep("board", msgspec.json.encode(snapshot))

        self.keeper.do(work)

    def _heard(self, journal: DeviceJournal, line: inbound.Inbound) -> None:
        try:
            match line:
                case inbound.Granted():
                    self.keeper.granted(journal, line)
                case inbound.Disowned():
                    self.keeper.disowned(journal, line)
                case inbound.Revoked():
                    self.keeper.revoked(journal)
                case inbound.Acked():
                    self.keeper.acked(journal, line)
                case inbound.ConfigChanged():
                    with journal.transaction():
                        journal.keep("config", msgspec.json.encode(line.config))
                case _:
                    pass
        finally:
            self._hear(line)

    def _recall(self, journal: DeviceJournal) -> None:
        config = journal.kept("config")
        if config is not None:
            self._hear(inbound.ConfigChanged(msgspec.json.decode(config, type=OfficeConfig)))
        board = journal.kept("board")
        if board is not None:
            self._hear(inbound.BoardReset(msgspec.json.decode(board, type=BoardSnapshot)))

"""Errands on their way through a bridge: each is checked, handed to the app or the machine, and done once."""

import logging
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from mqtt_bridge.fetch import fetch
from officelib import errand as errands
from officelib.errand import OF_THE_APP, BadErrand, Errand, Outcome, Paper
from officelib.files import write_whole
from officelib.inbound import ErrandCame

log = logging.getLogger(__name__)

KEPT = 64
"""Outcomes that are told again when the hub asks again."""


class Door(Protocol):
    """The way to what only the machine may do."""

    def put(self, errand: Errand, paper: Paper) -> None: ...

    def take(self) -> list[Outcome]: ...


class MachineDoor:
    """A folder: the machine's own service finds errands there, checks them itself, and leaves what came of them.

    What is to be installed is fetched before: that service has no network.
    """

    def __init__(self, folder: Path, updates: Path) -> None:
        """Args:
        folder: Between the bridge and the machine.
        updates: Where updates are put.
        """
        self._folder, self._updates = folder, updates
        self._failed: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._fetching: set[int] = set()
        self._one_at_a_time = threading.Lock()

    def put(self, errand: Errand, paper: Paper) -> None:
        """Leave an errand.

        Raises:
            OSError: there is no such folder, or it is full.
        """
        if errand.kind != "install":
            self._leave(errand, paper)
        elif errand.id not in self._fetching:
            self._fetching.add(errand.id)
            threading.Thread(target=self._fetch, args=(errand, paper), name="update", daemon=True).start()

    def _leave(self, errand: Errand, paper: Paper) -> None:
        write_whole(self._folder / f"{errand.id}.errand", msgspec.json.encode(paper).decode())

    def _fetch(self, errand: Errand, paper: Paper) -> None:
        with self._one_at_a_time:
            self._fetched(errand, paper)

    def _fetched(self, errand: Errand, paper: Paper) -> None:
        fetched = update_of(self._updates, errand).with_suffix(".fetched")
        try:
            if not fetched.exists():  # a start later, it may be installed
                for path in self._updates.iterdir():
                    is_ours = path.stem.isdecimal() and path.suffix in (".raucb", ".fetched", ".part")
                    if is_ours and path.stem != str(errand.id):
                        path.unlink()
                fetch(errand.source, errand.sha256, update_of(self._updates, errand))
                write_whole(fetched, "")
            self._leave(errand, paper)
        except OSError as error:
            self._failed.put(Outcome(errand.id, "failed", f"{errand.source}: {error}"))
        finally:
            self._fetching.discard(errand.id)

    def take(self) -> list[Outcome]:
        """What has come of errands since the last look; what cannot be read is thrown away and told to the log."""
        found = []
        while not self._failed.empty():
            found.append(self._failed.get())
        for path in sorted(self._folder.glob("*.outcome")):
            try:
                found.append(msgspec.json.decode(path.read_bytes(), type=Outcome))
            except (OSError, ValueError) as error:
                log.error("%s: %s", path, error)
            path.unlink(missing_ok=True)
        return found


def update_of(folder: Path, errand: Errand) -> Path:
    """Where an update lies between its fetching and its installation."""
    return folder / f"{errand.id}.raucb"


class Errands:
    """Those that this device was sent. Used by the bridge's thread."""

    def __init__(
        self,
        office: str,
        device: str,
        authority: Callable[[], str],
        door: Door | None,
        to_app: Callable[[ErrandCame], None],
        answer: Callable[[Outcome], None],
    ) -> None:
        """Args:
        office: The device's.
        device: The device.
        authority: Reads the office's certificate, PEM.
        door: To the machine; None where it does nothing for anybody.
        to_app: Hands an errand to the app.
        answer: Tells the hub.
        """
        self._office, self._device, self._authority = office, device, authority
        self._door, self._to_app, self._answer = door, to_app, answer
        self._outcomes: OrderedDict[int, Outcome] = OrderedDict()

    def came(self, paper: Paper, hub_ms: int | None) -> None:
        """An errand came, perhaps again.

        Args:
            paper: As it came.
            hub_ms: Hub time; None while it is not known: the hub sends it again.
        """
        try:
            errand = errands.read(paper, self._office, self._device, self._authority())
        except (BadErrand, OSError) as error:
            log.error("refused: %s", error)
            return
        known = self._outcomes.get(errand.id)
        if known is not None and known.state != "taken":
            self._answer(known)
        elif hub_ms is not None and hub_ms > errand.until_ms:
            self.ended(Outcome(errand.id, "failed", "it came too late"))
        elif hub_ms is not None:
            log.warning("errand %d: %s", errand.id, errand.kind)
            self.ended(Outcome(errand.id, "taken"))
            self._hand_on(errand, paper)

    def ended(self, outcome: Outcome) -> None:
        """The app or the machine says how an errand stands."""
        self._outcomes[outcome.errand] = outcome
        self._outcomes.move_to_end(outcome.errand)
        while len(self._outcomes) > KEPT:
            self._outcomes.popitem(last=False)
        self._answer(outcome)

    def look(self) -> None:
        """Tell the hub what the machine has done."""
        for outcome in self._door.take() if self._door else []:
            self.ended(outcome)

    def _hand_on(self, errand: Errand, paper: Paper) -> None:
        if errand.kind in OF_THE_APP:
            self._to_app(ErrandCame(errand.id, errand.kind))
        elif self._door is None:
            self.ended(Outcome(errand.id, "failed", "this machine does nothing by itself"))
        else:
            try:
                self._door.put(errand, paper)
            except OSError as error:
                self.ended(Outcome(errand.id, "failed", str(error)))

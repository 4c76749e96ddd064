"""Whether displays show a call soon, where nothing stands between them and their hub."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from officelib.board import Board
from tests.sim.world import SECOND, Weather

if TYPE_CHECKING:
    from tests.sim.devices import DisplayNode
    from tests.sim.hubs import HubNode
    from tests.sim.office import SimOffice

SETTLED_MS = 15 * SECOND
CONFIRM_MS = 12 * SECOND
"""A fault that nobody was told of is found by keep-alives and beats within this time."""
ANEW_MS = 5 * SECOND
"""A beat of the hub, a question and its answer."""
LOOKS, LOOK_AGAIN_MS = 6, 2_700
LOOKS_THROUGH_LOSS = 15
"""Where a tenth of all messages is lost, four questions in a row with their answers are, once in 700 times."""


def soon_ms(weather: Weather) -> int | None:
    """Within which time a display must know of a call; None where so much is lost that none can be named."""
    if weather.loss > 0.1:
        return None
    if weather.loss:
        return 20 * SECOND
    return 6 * SECOND if weather.late else 2 * SECOND


class Promptness:
    """Looks at each change of the board some seconds later. A display that met any trouble meanwhile is excused."""

    def __init__(self, office: "SimOffice", fault: Callable[[str, str], None]) -> None:
        self._office, self._world, self._fault = office, office.world, fault
        self._soon_ms = soon_ms(office.plan.weather)
        self._boards: dict[str, Board] = {}
        self._since: dict[tuple[str, str, str], tuple[object, int]] = {}

    def hub_round(self, hub: "HubNode") -> None:
        """After each round of a hub."""
        engine = hub.engine
        if engine is None or self._soon_ms is None or engine.office.board is self._boards.get(hub.name):
            return
        self._boards[hub.name] = engine.office.board
        for display in self._office.displays:
            calm = self._calm(display, hub)
            if calm is not None:
                at = (engine.epoch, engine.office.n)
                self._world.after(self._soon_ms, self._look, display, hub, at, calm)

    def app_began(self, display: "DisplayNode") -> None:
        """A display's app begins beside a bridge that runs: it is told what was said while it was away."""
        for hub in self._office.hubs:
            line = self._line(display, hub)
            if hub.engine is not None and line is not None and self._soon_ms == SECOND * 2:
                at = (hub.engine.epoch, hub.engine.office.n)
                self._world.after(ANEW_MS, self._look_anew, display, hub, at, display.life, line)

    def _look_anew(self, display: "DisplayNode", hub: "HubNode", at: tuple[int, int], life: int, line: object) -> None:
        if display.life == life and self._line(display, hub) == line and display.lobby.at < at:
            self._fault("I11", f"{display.name} was still at {display.lobby.at}, with a bridge that knew of entry {at}")

    def _look(self, display: "DisplayNode", hub: "HubNode", at: tuple[int, int], calm: object) -> None:
        if self._calm(display, hub) != calm:
            return
        if display.lobby.at < at:
            self._world.after(CONFIRM_MS, self._confirm, display, hub, (at, display.lobby.at), calm)
        looks = LOOKS_THROUGH_LOSS if self._office.plan.weather.loss else LOOKS
        self._compare(display, hub, calm, looks)

    def _compare(self, display: "DisplayNode", hub: "HubNode", calm: object, left: int) -> None:
        """A board that is another one each time that it is looked at lacks something; a change takes milliseconds."""
        engine = hub.engine
        if engine is None or display.lobby.board == engine.office.board or self._calm(display, hub) != calm:
            return
        if left:
            self._world.after(LOOK_AGAIN_MS, self._compare, display, hub, calm, left - 1)
        else:
            self._fault("I11", f"{display.name} shows another board than the hub's")

    def _confirm(
        self, display: "DisplayNode", hub: "HubNode", seen: tuple[tuple[int, int], tuple[int, int]], calm: object
    ) -> None:
        if self._calm(display, hub) == calm:
            self._fault("I11", f"{display.name} was still at {seen[1]} when entry {seen[0]} had changed the board")

    def _calm(self, display: "DisplayNode", hub: "HubNode") -> object | None:
        """What stays the same as long as nothing happens between the two; None when it is not calm for long enough."""
        line = self._line(display, hub)
        life = self._settled("app", display, hub, (display.life,))
        return None if line is None or life is None else (line, life)

    def _line(self, display: "DisplayNode", hub: "HubNode") -> object | None:
        """The same of bridge, brokers and hub, whatever the display's app does."""
        if not display.on or display.bridge is None or not hub.on or not hub.links:
            return None
        ours, theirs = display.bridge.link, hub.links[0]
        if ours.broker is not theirs.broker or not (ours.is_well and theirs.is_well):
            return None
        line = (id(display.bridge), ours.session_no, ours.cuts, hub.life, theirs.session_no, theirs.cuts)
        return self._settled("line", display, hub, line)

    def _settled(self, what: str, display: "DisplayNode", hub: "HubNode", now: tuple[int, ...]) -> object | None:
        key = (what, display.name, hub.name)
        before, since = self._since.get(key, (None, 0))
        if before != now:
            since = self._world.now
            self._since[key] = (now, since)
        return now if self._world.now - since >= SETTLED_MS else None

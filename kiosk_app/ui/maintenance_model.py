"""The technician's page for QML: facts, the log's last lines, tests."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk_app.core import events as ev
from kiosk_app.core.door import TILES
from kiosk_app.core.states import Kiosk, Maintaining
from kiosk_app.maintenance import qr_rows
from officelib.texts import Texts, in_language

Facts = Callable[[], dict[str, str]]
SIGNS = {"+": "yes", "-": "no"}


class MaintenanceModel(QObject):
    """Shows what it is given; decides nothing."""

    changed = Signal()

    def __init__(
        self,
        texts: Mapping[str, Texts],
        act: Callable[[ev.Event], None],
        facts: Facts = dict,
        log_lines: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """Args:
        texts: Of the kind "maintenance", by language.
        act: Takes what the technician did.
        facts: The device's state, by key.
        log_lines: The log's last lines, the oldest first.
        """
        super().__init__()
        self._texts, self._act, self._facts, self._log_lines = texts, act, facts, log_lines
        self._kiosk = Kiosk()

    def show(self, kiosk: Kiosk) -> None:
        """The kiosk as it stands now."""
        was = isinstance(self._kiosk.screen, Maintaining)
        self._kiosk = kiosk
        if was or isinstance(kiosk.screen, Maintaining):
            self.changed.emit()

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def t(self) -> dict[str, str]:
        return {key: str(text) for key, text in self._now().entries.items()}

    @Property(str, notify=changed)
    def tab(self) -> str:
        return self._screen().tab

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]
    def facts(self) -> list[dict[str, str]]:
        if self._screen().tab != "state":
            return []
        now = self._now()
        named = ((now.entries.get(f"fact_{key}", key), value) for key, value in self._facts().items())
        return [
            {"name": str(name), "value": now.get(SIGNS[value]) if value in SIGNS else value} for name, value in named
        ]

    @Property("QStringList", notify=changed)  # type: ignore[arg-type]
    def qr(self) -> list[str]:
        """The same as a code for the technician's telephone."""
        return qr_rows(self._facts()) if self._screen().tab == "state" else []

    @Property("QStringList", notify=changed)  # type: ignore[arg-type]
    def log(self) -> list[str]:
        return list(reversed(self._log_lines())) if self._screen().tab == "log" else []

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def tests(self) -> dict[str, Any]:
        screen, now = self._screen(), self._now()
        paper = now.get(f"print_{screen.printed.value}") if screen.printed else ""
        return {"paper": paper, "scanned": screen.scanned or now.get("nothing_scanned")}

    @Property(int, constant=True)
    def tiles(self) -> int:
        return TILES

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]
    def touched(self) -> list[bool]:
        return [number in self._screen().touched for number in range(TILES)]

    @Slot(str)
    def look(self, tab: str) -> None:
        self._act(ev.TabChosen(tab))  # type: ignore[arg-type]

    @Slot(str)
    def test(self, what: str) -> None:
        self._act(ev.TestAsked(what))  # type: ignore[arg-type]

    @Slot(int)
    def touch(self, number: int) -> None:
        self._act(ev.TileTouched(number))

    def _screen(self) -> Maintaining:
        screen = self._kiosk.screen
        return screen if isinstance(screen, Maintaining) else Maintaining()

    def _now(self) -> Texts:
        return in_language(self._texts, self._kiosk.language, "")

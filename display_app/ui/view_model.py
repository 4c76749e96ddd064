"""What QML shows of the board."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Property, QObject, Signal

from display_app.core.board_view import BoardView
from hwlib.screen.panel import CALL_DEG, SIDE_DEG, cap_height_mm
from officelib.board import Call
from officelib.catalogue import Catalogue, text_in
from officelib.texts import RIGHT_TO_LEFT, Texts

EMPTY = BoardView((), (), is_offline=True, last_news_ms=0)


class ViewModel(QObject):
    """The display for QML."""

    changed = Signal()

    def __init__(self, texts: Mapping[str, Texts], language: str, viewing_mm: int) -> None:
        super().__init__()
        self._texts, self._language, self._viewing_mm = texts, language, viewing_mm
        self._view = EMPTY
        self._hub_ms: int | None = None
        self._catalogue: Catalogue | None = None

    def show(self, view: BoardView, catalogue: Catalogue | None, hub_ms: int | None) -> None:
        """The board as it stands now."""
        self._view, self._catalogue, self._hub_ms = view, catalogue, hub_ms
        if catalogue is not None and catalogue.language in self._texts:
            self._language = catalogue.language
        self.changed.emit()

    @Property(str, notify=changed)
    def stateName(self) -> str:
        """Calling or waiting, and whether there is news."""
        calling = "calling" if self._view.large else "waiting"
        return f"{calling}-offline" if self._view.is_offline else calling

    @Property(bool, notify=changed)
    def mirrored(self) -> bool:
        return self._language in RIGHT_TO_LEFT

    @Property(int, constant=True)
    def viewingMm(self) -> int:
        return self._viewing_mm

    @Property(float, constant=True)
    def callMm(self) -> float:
        """Height of a called number's capitals, to be read from the furthest seat."""
        return cap_height_mm(self._viewing_mm, CALL_DEG)

    @Property(float, constant=True)
    def sideMm(self) -> float:
        """Height of what goes with it."""
        return cap_height_mm(self._viewing_mm, SIDE_DEG)

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def t(self) -> dict[str, str]:
        entries = self._now().entries
        return {key: entry for key, entry in entries.items() if isinstance(entry, str) and key != "offline"}

    @Property(str, notify=changed)
    def office(self) -> str:
        return text_in(self._catalogue.office.name, self._language) if self._catalogue else ""

    @Property(str, notify=changed)
    def clock(self) -> str:
        return "" if self._hub_ms is None else self._time(self._hub_ms)

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def large(self) -> dict[str, Any]:
        return _shown(self._view.large[0]) if self._view.large else {}

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]
    def listed(self) -> list[dict[str, Any]]:
        return [_shown(call) for call in self._view.listed]

    @Property(str, notify=changed)
    def shownLabels(self) -> str:
        """All numbers on the screen, the large one first."""
        return " ".join(label for call in (*self._view.large, *self._view.listed) for label in call.labels)

    @Property(str, notify=changed)
    def notice(self) -> str:
        """That the display has no news, and since when."""
        if not self._view.is_offline:
            return ""
        if not self._view.last_news_ms:
            return self._now().get("offline_never")
        return self._now().get("offline", time=f"\u2066{self._time(self._view.last_news_ms)}\u2069")

    def _time(self, at_ms: int) -> str:
        return f"{self._catalogue.local(at_ms):%H:%M}" if self._catalogue else ""

    def _now(self) -> Texts:
        return self._texts[self._language]


def _shown(call: Call) -> dict[str, Any]:
    return {"id": call.id, "label": " · ".join(call.labels), "counter": call.counter}

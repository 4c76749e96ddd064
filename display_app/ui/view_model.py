"""What QML shows of the board."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Property, QObject, Signal

from display_app.core.board_view import BoardView
from display_app.core.care import shift_mm
from display_app.core.layout import Box, Layout
from display_app.core.scene import Said, Scene, pages_of
from display_app.core.waits import SeriesWait
from officelib.board import Call
from officelib.catalogue import Catalogue, text_in
from officelib.texts import RIGHT_TO_LEFT, Texts, in_language, isolated

EMPTY = Scene(BoardView((), (), is_offline=True, last_news_ms=0), "welcome", None, (), None, is_dark=False)
NO_ARROW = -1


class ViewModel(QObject):
    """One screen of the display for QML. Sizes are millimetres."""

    changed = Signal()

    def __init__(
        self,
        texts: Mapping[str, Texts],
        language: str,
        layout: Layout,
        width_mm: float,
        arrows: Mapping[str, int],
        *,
        still: bool = False,
    ) -> None:
        """Args:
        texts: Of the kind "display", by language.
        language: The screen's, before an office has told its own.
        layout: What stands where.
        width_mm: The panel's.
        arrows: By a counter's name, degrees clockwise from straight ahead.
        still: Nothing moves.
        """
        super().__init__()
        self._texts, self._language, self._layout, self._width_mm = texts, language, layout, width_mm
        self._arrows, self._still = arrows, still
        self._scene = EMPTY
        self._hub_ms: int | None = None
        self._catalogue: Catalogue | None = None
        self._picture = ""

    @property
    def language(self) -> str:
        """The screen's own."""
        return self._language

    def show(self, scene: Scene, catalogue: Catalogue | None, hub_ms: int | None, picture: str = "") -> None:
        """The screen as it stands now; `picture` is the URL of one for the stage."""
        before = (self._scene, self._catalogue, self._picture, self.clock, shift_mm(self._hub_ms or 0))
        self._scene, self._catalogue, self._hub_ms, self._picture = scene, catalogue, hub_ms, picture
        if catalogue is not None and catalogue.language in self._texts:
            self._language = catalogue.language
        if before != (scene, catalogue, picture, self.clock, shift_mm(hub_ms or 0)):
            self.changed.emit()

    @Property(str, notify=changed)
    def stateName(self) -> str:
        """What the stage is for, and whether there is news."""
        stage = {"calls": "calling", "welcome": "waiting"}.get(self._scene.stage, self._scene.stage)
        return "dark" if self._scene.is_dark else f"{stage}-offline" if self._scene.board.is_offline else stage

    @Property(str, notify=changed)
    def stage(self) -> str:
        return self._scene.stage

    @Property(bool, notify=changed)
    def dark(self) -> bool:
        return self._scene.is_dark

    @Property(bool, notify=changed)
    def mirrored(self) -> bool:
        return self._language in RIGHT_TO_LEFT

    @Property(bool, constant=True)
    def still(self) -> bool:
        return self._still

    @Property("QVariantMap", constant=True)  # type: ignore[arg-type]
    def sizes(self) -> dict[str, float]:
        """Heights of capitals: of the history, of the rest, of what is long; the margin."""
        one = self._layout
        return {"side": one.side_mm, "least": one.least_mm, "floor": one.floor_mm, "margin": one.margin_mm}

    @Property(int, constant=True)
    def headerLines(self) -> int:
        return self._layout.header_lines

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def boxes(self) -> dict[str, Any]:
        one = self._layout
        named = {"header": one.header, "stage": one.stage, "history": one.history, "strip": one.strip}
        return {name: self._box(box) for name, box in named.items()}

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]
    def shift(self) -> list[float]:
        """How far the picture stands from its place: right and down."""
        return list(shift_mm(self._hub_ms or 0))

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def t(self) -> dict[str, str]:
        return {key: entry for key, entry in self._now().entries.items() if isinstance(entry, str) and "{" not in entry}

    @Property(str, notify=changed)
    def office(self) -> str:
        return text_in(self._catalogue.office.name, self._language) if self._catalogue else ""

    @Property(str, notify=changed)
    def clock(self) -> str:
        return "" if self._hub_ms is None else self._time(self._hub_ms)

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]
    def large(self) -> list[dict[str, Any]]:
        """The called, the newest first, each with its place."""
        calls = self._scene.board.large if self._scene.stage == "calls" else ()
        if not calls:
            return []
        tiling = self._layout.tilings[len(calls) - 1]
        sizes = {"callMm": tiling.call_mm, "sideMm": tiling.side_mm, "inRows": tiling.in_rows}
        return [
            self._call(call) | sizes | {"box": self._box(box)} for call, box in zip(calls, tiling.boxes, strict=True)
        ]

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]
    def listed(self) -> list[dict[str, Any]]:
        """Calls that are not large, a row for each number; those that still stand while something else has the stage
        come first.
        """
        board = self._scene.board
        calls = board.listed if self._scene.stage == "calls" else (*board.large, *board.listed)
        rows = [self._call(call) | {"labels": [isolated(label)]} for call in calls for label in call.labels]
        return rows[: self._layout.rows]

    @Property(int, constant=True)
    def rows(self) -> int:
        return self._layout.rows

    @Property(str, notify=changed)
    def shownLabels(self) -> str:
        """All numbers on the screen, the large ones first."""
        board = self._scene.board
        return " ".join(label for call in (*board.large, *board.listed) for label in call.labels)

    @Property(str, notify=changed)
    def newest(self) -> str:
        """The newest call that stands large; another one is worth a look."""
        return self._scene.board.large[0].id if self._scene.board.large else ""

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]
    def waits(self) -> list[dict[str, str]]:
        """By letter: what it means, how many wait, and how long."""
        return [
            {"letter": one.letter, "meaning": one.meaning, "waiting": str(one.waiting), "wait": self._wait(one)}
            for one in self._scene.waits
        ]

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def table(self) -> dict[str, float]:
        """Capitals of the waits, and lines that each has."""
        return {"cap": self._layout.table_mm(len(self._scene.waits)), "lines": self._layout.table_lines}

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def crisis(self) -> dict[str, Any]:
        """A page of an urgent message, in its own language and direction."""
        said = self._scene.crisis
        if said is None:
            return {"text": "", "title": "", "mirrored": False}
        title = in_language(self._texts, said.language, self._language).get("urgent")
        return {"text": said.text, "title": title, "mirrored": said.language in RIGHT_TO_LEFT}

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def strip(self) -> dict[str, Any]:
        """The line at the bottom: that there is no news, a message, or a wait."""
        kind, text, language = self._strip()
        return {"kind": kind, "text": text, "mirrored": language in RIGHT_TO_LEFT}

    @Property(str, notify=changed)
    def picture(self) -> str:
        return self._picture if self._scene.stage == "picture" else ""

    def _strip(self) -> tuple[str, str, str]:
        board, said = self._scene.board, self._scene.strip
        if board.is_offline:
            known = board.last_news_ms and self._catalogue
            text = self._now().get("offline", time=isolated(self._time(board.last_news_ms))) if known else ""
            pages = pages_of(text or self._now().get("offline_never"), self._layout.strip_letters)
            return "alert", pages[self._scene.turn % len(pages)], self._language
        match said:
            case None:
                return "", "", self._language
            case Said():
                return "info", said.text, said.language
            case SeriesWait():
                return "clock", self._wait_line(said), self._language

    def _wait_line(self, one: SeriesWait) -> str:
        people = self._now().get("people", n=one.waiting)
        name = f"{isolated(one.letter)} {one.meaning}".strip()
        return self._now().get("wait_line", name=name, people=people, wait=self._wait(one))

    def _wait(self, one: SeriesWait) -> str:
        if one.spread_min is None:
            return self._now().get("closed")
        low, high = one.spread_min
        figures = str(high) if low == high else f"{low}–{high}"
        return self._now().get("minutes", figures=isolated(figures))

    def _call(self, call: Call) -> dict[str, Any]:
        return {
            "id": call.id,
            "labels": [isolated(label) for label in call.labels],
            "counter": isolated(call.counter),
            "arrow": self._arrows.get(call.counter, NO_ARROW),
        }

    def _box(self, box: Box) -> dict[str, float]:
        x = self._width_mm - box.x - box.width if self._language in RIGHT_TO_LEFT else box.x
        return {"x": x, "y": box.y, "width": box.width, "height": box.height}

    def _time(self, at_ms: int) -> str:
        return f"{self._catalogue.local(at_ms):%H:%M}" if self._catalogue else ""

    def _now(self) -> Texts:
        return self._texts[self._language]

"""The lobby's screens as they hang, and what may stand on them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickWindow

from display_app.config import ScreenConfig
from display_app.core.lobby import Lobby
from display_app.core.scene import TURN_S, scene_of
from display_app.screens import Fitted, fitted
from display_app.ui.view_model import ViewModel
from hwlib.screen.window import Stage, open_window
from officelib.assets import asset
from officelib.board import Board, Call
from officelib.catalogue import Catalogue, Notice
from officelib.inbound import ServiceState, ServicesView
from officelib.texts import read_texts
from tests.conftest import NINE_MS
from tests.visual.shown import LANGUAGES, NOTICE, ROOT, close

FAR = {"diagonal_in": 43.0, "viewing_mm": 6_000}
NEAR = {"diagonal_in": 75.0, "viewing_mm": 4_000}
SHAPES = {
    "landscape": {"width_px": 1920, "height_px": 1080, "calls": 1},
    "landscape-4": {"width_px": 1920, "height_px": 1080, "calls": 4},
    "portrait-2": {"width_px": 1080, "height_px": 1920, "calls": 2},
}
ARROWS = ("3 left", "12 up-right", "1 up", "C12 down")
HANGINGS: dict[str, ScreenConfig] = {
    f"{shape}-{size}": ScreenConfig(**{**SHAPES[shape], **seen}, arrows=ARROWS)  # type: ignore[arg-type]
    for shape in SHAPES
    for size, seen in (("far", FAR), ("near", NEAR))
}


def call(number: int, counter: str = "3", *more: str, age_ms: int = 1_000) -> Call:
    return Call(f"1-{number}", f"t{number}", (f"A{number:03d}", *more), counter, NINE_MS - age_ms, "es")


OLD = 600_000
BEFORE = tuple(call(n, "12", age_ms=OLD) for n in range(40, 34, -1))
LONG = (
    Call("y1", "y1", ("M2-107",), "C12", NINE_MS - 1_000, "es"),
    call(41, "12", "A2-003"),
    call(40, "1"),
    call(39, "3"),
)
LONG_BEFORE = tuple(Call(f"z{n}", f"z{n}", (f"M2-{n:03d}",), "C12", NINE_MS - OLD, "es") for n in range(120, 114, -1))
URGENT = Notice("u1", NOTICE.text, NOTICE.end, urgent=True)


@dataclass(frozen=True)
class Moment:
    """What the display knows at a moment."""

    calls: tuple[Call, ...] = ()
    up: bool = True
    news_ms: int = NINE_MS
    busy: bool = False
    notices: tuple[Notice, ...] = ()
    turn: int = 0
    known: bool = field(default=True)


MOMENTS: dict[str, Moment] = {
    "welcome": Moment(),
    "waits": Moment(BEFORE[:3], busy=True),
    "calling": Moment((call(42), *BEFORE)),
    "calling-waits": Moment((call(42, "12"), *BEFORE), busy=True),
    "full": Moment((*LONG, *LONG_BEFORE)),
    "offline": Moment((call(42), *BEFORE), up=False),
    "never": Moment(up=False, news_ms=0, known=False),
    "notice": Moment((call(42), *BEFORE), notices=(NOTICE,)),
    "crisis": Moment((call(42), *BEFORE), notices=(URGENT,)),
}


def busy(catalogue: Catalogue) -> ServicesView:
    """Many wait, nobody, one; and where no counter is open nobody knows how long."""
    states = [
        ServiceState(12, 25, (15, 35)),
        ServiceState(0, 0, (0, 0)),
        ServiceState(1, 4, (2, 7)),
        ServiceState(103, 140, (110, 170)),
        ServiceState(2, None),
    ]
    services = {name: states[at % len(states)] for at, name in enumerate(catalogue.services)}
    return ServicesView(1, 1, NINE_MS, "2026-01-07", doors_closed=False, services=services)


class Hung:
    """A screen on its panel, in a window of its own."""

    def __init__(self, config: ScreenConfig, catalogue: Catalogue, *, still: bool = True) -> None:
        self.fitted: Fitted = fitted(config)
        self._catalogue = catalogue
        hung = self.fitted.panel
        self.model = ViewModel(
            read_texts(asset("i18n"), "display", LANGUAGES),
            "es",
            self.fitted.layout,
            hung.width_px * hung.pitch_mm,
            self.fitted.arrows,
            still=still,
        )
        self.stage: Stage = open_window(
            ROOT / "display_app" / "ui" / "qml" / "Main.qml",
            {"board": self.model},
            hung,
            full_screen=False,
            control=None,
        )

    @property
    def window(self) -> QQuickWindow:
        return self.stage.window

    def lobby(self, moment: Moment, language: str) -> Lobby:
        """The display's state; the office speaks that language first."""
        office = msgspec.structs.replace(self._catalogue.office, languages=(language,))
        texts = [
            msgspec.structs.replace(one, text={language: one.text.get(language, one.text["es"])})
            for one in moment.notices
        ]
        told = msgspec.structs.replace(self._catalogue, office=office, notice=tuple(texts))
        return Lobby(
            board=Board(moment.calls),
            at=(1, 1),
            catalogue=told,
            link_up=moment.up,
            last_news_ms=moment.news_ms,
            services=busy(told) if moment.busy else None,
            turn=moment.turn * TURN_S,
        )

    def show(self, moment: Moment, language: str = "es", *, hub_ms: int | None = NINE_MS, picture: str = "") -> None:
        lobby = self.lobby(moment, language)
        self.model.show(
            scene_of(Lobby(catalogue=lobby.catalogue), self.fitted.screen, None, language), lobby.catalogue, None
        )
        screen = replace(self.fitted.screen, has_pictures=bool(picture))
        self.model.show(scene_of(lobby, screen, hub_ms, language), lobby.catalogue, hub_ms, picture)
        QGuiApplication.processEvents()

    def close(self) -> None:
        close(self.stage)


def golden_names(languages: tuple[str, ...], hangings: Mapping[str, ScreenConfig] = HANGINGS) -> set[str]:
    """The pictures that there are of the lobby's screens."""
    return {
        f"display/{hanging}/{language}/{moment}" for hanging in hangings for language in languages for moment in MOMENTS
    }

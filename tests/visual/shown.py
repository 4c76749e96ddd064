"""A kiosk's window whose state a test sets, and what can be measured in it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtQml import QQmlExpression, qmlContext
from PySide6.QtQuick import QQuickItem, QQuickWindow

from hwlib.screen.panel import Panel, panel
from hwlib.screen.pictures import PictureShow
from hwlib.screen.window import Stage, open_window
from kiosk_app.core import events as ev
from kiosk_app.core.states import (
    Attract,
    Choosing,
    ChoosingSlot,
    Confirming,
    Help,
    HelpCall,
    Issuing,
    Kiosk,
    Leaving,
    LookingUp,
    Maintaining,
    Paper,
    Problem,
    Rating,
    Reserving,
    Screen,
    Searching,
    ShowingProblem,
    ShowingSlip,
    ShowingTicket,
    Slip,
    Thanks,
    TicketFacts,
    Typing,
)
from kiosk_app.ui.maintenance_model import MaintenanceModel
from kiosk_app.ui.view_model import ViewModel
from officelib.assets import asset
from officelib.catalogue import Catalogue, Notice
from officelib.catalogue_file import read_catalogue
from officelib.events import Claim
from officelib.inbound import OtherOffice, ServiceState, ServicesView
from officelib.texts import Texts, read_texts
from tests.conftest import NINE_MS
from tests.visual import goldens

ROOT = Path(__file__).parents[2]
LANGUAGES = ("es", "ca", "en", "fr", "ar")
KIOSK_PANEL = panel(1080, 1920, 21.5)
SMALL_PANEL = panel(1080, 1920, 15.6)
CAP_RATIO = 0.714
TICKET = TicketFacts(1, "A042", "certificates", "es", 3, 12, NINE_MS + 1_800_000, NINE_MS)
VISIT = replace(TICKET, persons=4, then=("register", "taxes"), spread_min=(5, 20))
LANE = TicketFacts(1, "A2-007", "taxes", "es", None, None, 0, NINE_MS)

SCANNED = "QB1ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 4
SCREENS: dict[str, Screen] = {
    "attract": Attract(),
    "choosing": Choosing(),
    "searching": Searching("impue"),
    "typing": Typing("A7K"),
    "typing-wrong": Typing("A7K", is_wrong=True),
    "typing-wrong-again": Typing("A7K", is_wrong=True, again=True),
    "typing-who": Typing("1234567", who=True),
    "lookingup": LookingUp(1),
    "confirming": Confirming("certificates"),
    "confirming-plain": Confirming("information"),
    "issuing": Issuing(Claim("certificates", "es")),
    "ticket-printing": ShowingTicket(TICKET, Paper.PRINTING),
    "ticket-printed": ShowingTicket(TICKET, Paper.PRINTED),
    "ticket-visit": ShowingTicket(VISIT, Paper.PRINTED),
    "ticket-again": ShowingTicket(TICKET, Paper.PRINTED, again=True),
    "ticket-waiting": ShowingTicket(TICKET, Paper.PRINTED, again=True, waits=True),
    "ticket-called": ShowingTicket(TICKET, Paper.PRINTED, again=True, counter="12"),
    "leaving": Leaving(TICKET),
    "rating": Rating("certificates"),
    "thanks": Thanks(),
    "maintaining": Maintaining(scanned=SCANNED, printed=Paper.FAULT),
    "maintaining-state": Maintaining("state"),
    "maintaining-log": Maintaining("log"),
    "maintaining-touch": Maintaining("touch", touched=frozenset({0, 5})),
    "ticket-fault": ShowingTicket(TICKET, Paper.FAULT),
    "ticket-lane": ShowingTicket(LANE, Paper.PRINTED),
    **{f"problem-{p.value}": ShowingProblem(p, NINE_MS + 3_600_000) for p in Problem},
}
CITY = read_catalogue(asset("demo", "city.toml"))
NOTICE = Notice(
    "n1",
    {
        "es": "Mañana martes la oficina cierra a las doce por obras en el edificio. "
        "Las citas de la tarde se atienden en la biblioteca, calle Mayor 7.",
        "ca": "Demà dimarts l'oficina tanca a les dotze per obres a l'edifici. "
        "Les cites de la tarda s'atenen a la biblioteca, carrer Major 7.",
        "en": "Tomorrow, Tuesday, the office closes at noon for building works. "
        "Afternoon bookings are seen at the library, 7 High Street.",
        "fr": "Demain mardi, le bureau ferme à midi pour travaux dans le bâtiment. "
        "Les rendez-vous du soir ont lieu à la bibliothèque.",
        "ar": "غداً الثلاثاء يغلق المكتب عند الظهر بسبب أعمال في المبنى. مواعيد المساء تكون في المكتبة، شارع مايور ٧.",
    },
    end=datetime(2026, 1, 8),  # noqa: DTZ001 (local, as it is written)
)
WITH_NOTICE = msgspec.structs.replace(read_catalogue(asset("demo", "office.toml")), notice=(NOTICE,))
NOTICE_SCREENS: dict[str, Screen] = {
    "notice-attract": Attract(),
    "notice-ticket-printed": ShowingTicket(TICKET, Paper.PRINTED),
    "notice-ticket-fault": ShowingTicket(TICKET, Paper.FAULT),
}
LATE = Confirming("foreigners", Choosing("home"))
FREE = tuple(NINE_MS + hours * 3_600_000 for hours in (3, 7, 24, 29))
SLIP = Slip(9, "ab" * 10, "foreigners", "es", NINE_MS + 51 * 3_600_000, "A7K2M9QX", "QB1" + "A" * 136)
CITY_SCREENS: dict[str, Screen] = {
    "city-choosing": Choosing(),
    "city-group": Choosing("care"),
    "city-searching": Searching("ca"),
    "city-searching-nothing": Searching("xyzzy"),
    "city-confirming": Confirming("foreigners", Choosing("home"), Paper.FAULT),
    "city-choosingslot": ChoosingSlot("foreigners", LATE, FREE),
    "city-choosingslot-gone": ChoosingSlot("foreigners", LATE, FREE[1:], gone=True),
    "city-reserving": Reserving("foreigners", FREE[0], LATE, FREE),
    "city-showingslip": ShowingSlip(SLIP, Paper.PRINTED),
    "city-showingslip-fault": ShowingSlip(SLIP, Paper.FAULT),
    "city-problem-full": ShowingProblem(Problem.FULL, NINE_MS + 3_600_000, "foreigners"),
}
"""Of an office with many services, in groups."""
HELP_CALLS = {
    "offered": (HelpCall(), 2),
    "asked": (HelpCall(Help.ASKED, 1), 2),
    "told": (HelpCall(Help.TOLD, 1), 2),
    "coming": (HelpCall(Help.COMING, 1), 2),
    "nobody": (HelpCall(Help.NOBODY), 2),
    "nobody-yet": (HelpCall(Help.NOBODY, 1), 3),
}
"""How a call may stand, and how many buttons there are then: one that is open can be given up."""
ALL_SCREENS = [*SCREENS, *CITY_SCREENS, *NOTICE_SCREENS]
MAINTENANCE = read_texts(asset("i18n"), "maintenance", LANGUAGES)
FACTS = {"device": "k1", "hub": "+", "enrolled": "-", "addresses": "192.168.100.200", "printer 1": "ok"}
LINES = ["09:00:00 INFO connected to the office's hub", "09:00:01 ERROR " + "a line that is far too long " * 4]


class Shown:
    """A kiosk's window whose core state a test sets."""

    def __init__(
        self,
        catalogue: Catalogue,
        where: Panel = KIOSK_PANEL,
        too_high_mm: float = 0.0,
        change: Callable[[str], str] = str,
        pictures: PictureShow | None = None,
    ) -> None:
        """Args:
        catalogue: The office's.
        where: The panel.
        too_high_mm: See `ViewModel`.
        change: Of every text, as for a language that does not exist.
        pictures: See `ViewModel`.
        """
        self.acted: list[ev.Event] = []
        view = ServicesView(
            1, 1, 0, "2026-01-07", False, {s.id: ServiceState(n + 2, 5 * n) for n, s in enumerate(catalogue.service)}
        )
        self.kiosk = Kiosk(catalogue=catalogue, view=view, link_up=True, enrolled=True)
        self.model = ViewModel(
            {code: changed(texts, change) for code, texts in read_texts(asset("i18n"), "kiosk", LANGUAGES).items()},
            read_texts(asset("i18n"), "speech", LANGUAGES),
            self.acted.append,
            lambda: NINE_MS,
            too_high_mm,
            MaintenanceModel(
                {code: changed(texts, change) for code, texts in MAINTENANCE.items()},
                self.acted.append,
                lambda: FACTS,
                lambda: LINES,
            ),
            pictures,
        )
        self.model.show(self.kiosk)
        self.stage: Stage = open_window(
            ROOT / "kiosk_app" / "ui" / "qml" / "Main.qml",
            {"kiosk": self.model},
            where,
            full_screen=False,
            control=None,
        )

    def stand(self, name: str, **fields: object) -> None:
        """Show one of `ALL_SCREENS`."""
        if name in CITY_SCREENS:
            busy = {s.id: ServiceState(3, 15, (10, 25)) for s in CITY.service}
            busy["foreigners"] = ServiceState(40, 330, (305, 360), free_ms=FREE)
            elsewhere = (OtherOffice(CITY.office.name, {"foreigners": 45}),)
            view = ServicesView(1, 1, 0, "2026-01-07", False, busy, elsewhere=elsewhere)
            ranking = ("parking", "fines", "entry", "school", "jobs")
            self.show(screen=CITY_SCREENS[name], catalogue=CITY, view=view, ranking=ranking, **fields)
        elif name in NOTICE_SCREENS:
            self.show(screen=NOTICE_SCREENS[name], catalogue=WITH_NOTICE, **fields)
        else:
            self.show(screen=SCREENS[name], **fields)

    def show(self, **fields: object) -> None:
        self.model.show(replace(self.kiosk, **fields))  # type: ignore[arg-type]
        QGuiApplication.processEvents()

    def close(self) -> None:
        close(self.stage)


def close(stage: Stage) -> None:
    """End a window now, while what its pages show is still there."""
    stage.window.close()
    stage.engine.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def changed(texts: Texts, change: Callable[[str], str]) -> Texts:
    """Every text of a language, changed; what stands in braces stays."""
    entries: dict[str, str | Mapping[str, str]] = {}
    for key, entry in texts.entries.items():
        forms = {form: change(text) for form, text in entry.items()} if not isinstance(entry, str) else {}
        entries[key] = forms or (entry if key == "language_name" else change(str(entry)))
    return Texts(texts.language, entries)


def grabbed(window: QQuickWindow) -> QImage:
    """The window's picture, once what is painted a frame later is there too."""
    window.grabWindow()
    QGuiApplication.processEvents()
    return window.grabWindow()


def keep(request: pytest.FixtureRequest, picture: QImage, name: str, *, has_golden: bool = True) -> None:
    """Compare a page with its golden, or write that; and keep the picture for people who want to look at it."""
    folder = request.config.getoption("--screens")
    if folder is not None:
        path = folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        assert picture.save(str(path))
    if not has_golden:
        return
    if request.config.getoption("--goldens"):
        goldens.write(picture, name)
    elif goldens.comparable():
        goldens.check(picture, name)


def items(window: QQuickWindow) -> list[QQuickItem]:
    found, waiting = [], [window.contentItem()]
    while waiting:
        item = waiting.pop()
        if item.isVisible() and item.opacity() > 0:
            waiting += item.childItems()
            if not item.width() or not item.height() or not clipped(item).isEmpty():
                found.append(item)
    return found


def clipped(item: QQuickItem) -> QRectF:
    """What of an item the lists around it let be seen."""
    whole = rect(item)
    parent: QQuickItem | None = item.parentItem()
    while parent is not None:
        if parent.property("clip"):
            whole = whole.intersected(rect(parent))
        parent = parent.parentItem()
    return whole


def texts(window: QQuickWindow) -> list[QQuickItem]:
    """By `inherits`: the wrapper of a type that had gone was once taken for the item that came to lie in its place."""
    return [item for item in items(window) if item.inherits("QQuickText")]


def rect(item: QQuickItem) -> QRectF:
    return QRectF(item.mapToScene(QPointF(0, 0)), item.mapToScene(QPointF(item.width(), item.height())))


def buttons(window: QQuickWindow) -> list[QQuickItem]:
    return [
        item for item in items(window) if item.metaObject().className().startswith(("TouchButton_QML", "Offer_QML"))
    ]


def pixel_size(item: QQuickItem) -> float:
    """The font as it is drawn, after any fitting."""
    context = qmlContext(item)
    assert context is not None
    size, _ = QQmlExpression(context, item, "fontInfo.pixelSize").evaluate()
    return float(size)


def named(window: QQuickWindow, name: str) -> QQuickItem:
    return next(item for item in items(window) if item.objectName() == name)


def check_texts(window: QQuickWindow, pitch_mm: float, least_cap_mm: float) -> None:
    whole = QRectF(0, 0, window.width(), window.height()).adjusted(-1, -1, 1, 1)
    found = texts(window)
    assert found
    for item in found:
        text = item.property("text")
        assert text.strip(), "an empty text is hidden"
        assert not item.property("truncated"), text
        assert whole.contains(rect(item)), (text, rect(item))
        painted = item.property("paintedHeight")
        assert painted <= item.height() + 1, (text, painted, item.height())
        assert item.property("paintedWidth") <= item.width() + 1, text
        cap_mm = pixel_size(item) * CAP_RATIO * pitch_mm
        assert cap_mm >= least_cap_mm - 0.1, (text, cap_mm)


def overlaps(found: list[QQuickItem]) -> list[tuple[str, str]]:
    rects = [(item.property("text"), clipped(item)) for item in found]
    return [
        (one, other)
        for at, (one, a) in enumerate(rects)
        for other, b in rects[at + 1 :]
        if (cut := a.intersected(b)).width() > 2 and cut.height() > 2 and not a.contains(b) and not b.contains(a)
    ]

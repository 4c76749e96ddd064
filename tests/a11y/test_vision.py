"""For eyes that see little: sizes, contrast, colour, motion, targets and reach. UX, rows VI and TO."""

import itertools
import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QPoint, QRectF, Qt
from PySide6.QtGui import QImage
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from hwlib.screen.panel import Panel, cap_height_mm, panel
from hwlib.screen.window import application
from kiosk_app.commissioning import HIGHEST_REACH_MM, LEAST_LARGE_MM
from kiosk_app.core import events as ev
from kiosk_app.core.states import Mode
from officelib.catalogue import Catalogue
from tests.visual.shown import (
    ALL_SCREENS,
    CAP_RATIO,
    HELP_CALLS,
    KIOSK_PANEL,
    LANGUAGES,
    ROOT,
    SCREENS,
    SMALL_PANEL,
    Shown,
    buttons,
    check_texts,
    clipped,
    grabbed,
    items,
    keep,
    named,
    overlaps,
    pixel_size,
    rect,
    texts,
)

READING_MM = 600
LARGE = frozenset({Mode.LARGE, Mode.CONTRAST})
QML = [*ROOT.glob("kiosk_app/ui/qml/*.qml"), *ROOT.glob("assets/qml/Antesala/*.qml")]
CAPTIONED = ("fr", "ar")
"""The longest words, and the other direction."""
CAPTION = "Hay 2 botones en esta página. Pulse la tecla abajo para oírlos todos."
FRAME = ("Header_QML", "LanguageBar_QML", "Caption_QML")
PANELS = {"21.5": KIOSK_PANEL, "15.6": SMALL_PANEL}


def stretched(text: str) -> str:
    """A language that is 1.4 times as long."""
    words = re.sub(r"\{[^}]*\}", "", text)
    return text + " ŵŵŵŵŵŵ" * round(len(words) * 0.4 / 7) if len(words) > 12 else text + "ŵ" * round(len(words) * 0.4)


@pytest.fixture(scope="module", params=PANELS)
def wide(request: pytest.FixtureRequest, catalogue: Catalogue) -> Iterator[tuple[Shown, Panel]]:
    application("test")
    where = PANELS[request.param]
    one = Shown(catalogue, where)
    yield one, where
    one.close()


@pytest.fixture(scope="module")
def shown(catalogue: Catalogue) -> Iterator[Shown]:
    application("test")
    one = Shown(catalogue)
    yield one
    one.close()


@pytest.mark.ux("VI2", "VI8")
@pytest.mark.parametrize("name", ALL_SCREENS)
def test_usual_text_fits_on_both_panels(wide: tuple[Shown, Panel], name: str, request: pytest.FixtureRequest) -> None:
    one, where = wide
    for language in LANGUAGES:
        for speaks in (False, True) if language in CAPTIONED else (False,):
            one.model.tell_voice(CAPTION if speaks else "", QRectF())
            one.stand(name, language=language, modes=frozenset(), speaks=speaks)
            picture = grabbed(one.stage.window)
            check_texts(one.stage.window, where.pitch_mm, 4.8)
            assert not overlaps([item for item in texts(one.stage.window) if _belongs_to_the_page(item)])
            if not speaks:
                assert not _covered(one)
                assert not overlaps(texts(one.stage.window))
                keep(request, picture, f"kiosk-{where.pitch_mm:.2f}/{language}/{name}")


@pytest.mark.ux("VI1", "VI8")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL_SCREENS)
def test_large_text_is_large_and_nothing_is_cut(
    wide: tuple[Shown, Panel], name: str, language: str, request: pytest.FixtureRequest
) -> None:
    one, where = wide
    one.model.tell_voice("", QRectF())
    one.stand(name, language=language, modes=LARGE, speaks=True)
    picture = grabbed(one.stage.window)
    check_texts(one.stage.window, where.pitch_mm, cap_height_mm(READING_MM))
    assert not overlaps(texts(one.stage.window))
    assert not _covered(one)
    one.model.tell_voice(CAPTION, QRectF())
    one.stage.window.grabWindow()
    check_texts(one.stage.window, where.pitch_mm, cap_height_mm(READING_MM))
    assert CAPTION in [item.property("text") for item in texts(one.stage.window)], "what is said can be read"
    page = [item for item in texts(one.stage.window) if _belongs_to_the_page(item)]
    assert not overlaps(page)
    one.model.tell_voice("", QRectF())
    keep(request, picture, f"kiosk-large-{where.pitch_mm:.2f}/{language}/{name}")


@pytest.mark.ux("CI6", "VI1", "VI2", "VI8", "TO1")
@pytest.mark.parametrize("modes", [frozenset(), LARGE], ids=["usual", "large"])
@pytest.mark.parametrize("stage", HELP_CALLS)
def test_help_can_be_called_over_every_page(
    wide: tuple[Shown, Panel], stage: str, modes: frozenset[Mode], request: pytest.FixtureRequest
) -> None:
    """UX CI6: one button on each page, and what comes of it."""
    call, key_count = HELP_CALLS[stage]
    one, where = wide
    one.model.tell_voice("", QRectF())
    kind = "kiosk-large" if modes else "kiosk"
    for language in LANGUAGES:
        one.stand("ticket-fault", language=language, modes=modes, asks_help=True, help=call)
        picture = grabbed(one.stage.window)
        cover = named(one.stage.window, "helping")
        inside = [item for item in texts(one.stage.window) if _is_in(item, cover)]
        assert len(inside) >= 3
        for item in inside:
            assert not item.property("truncated")
            assert rect(cover).adjusted(-1, -1, 1, 1).contains(rect(item)), item.property("text")
            assert pixel_size(item) * CAP_RATIO * where.pitch_mm >= (cap_height_mm(READING_MM) if modes else 4.8) - 0.1
        assert not overlaps(inside)
        keys = [rect(item) for item in buttons(one.stage.window) if _is_in(item, cover)]
        assert len(keys) == key_count
        assert min(min(key.width(), key.height()) for key in keys) * where.pitch_mm >= 19.9
        keep(request, picture, f"{kind}-{where.pitch_mm:.2f}/{language}/help-{stage}")


@pytest.mark.ux("CI6")
@pytest.mark.parametrize("name", [name for name in ALL_SCREENS if not name.startswith("maintaining")])
def test_help_is_one_touch_away_on_every_page(shown: Shown, name: str) -> None:
    shown.stand(name, modes=frozenset())
    shown.acted.clear()
    grabbed(shown.stage.window)
    button = named(shown.stage.window, "help")
    assert min(rect(button).width(), rect(button).height()) * KIOSK_PANEL.pitch_mm >= 19.9
    QTest.mouseClick(
        shown.stage.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, rect(button).center().toPoint()
    )
    assert shown.acted == [ev.HelpAsked()]
    QTest.qWait(520)


def test_the_sheet_names_the_size_that_the_screen_has(shown: Shown) -> None:
    tokens = shown.stage.engine.singletonInstance("Antesala", "Tokens")
    assert isinstance(tokens, QObject)
    assert tokens.property("leastCapMm") == LEAST_LARGE_MM >= cap_height_mm(READING_MM)


@pytest.mark.ux("VI8")
@pytest.mark.parametrize("modes", [frozenset(), LARGE], ids=["usual", "large"])
def test_a_language_of_longer_words_fits_too(catalogue: Catalogue, modes: frozenset[Mode]) -> None:
    application("test")
    one = Shown(catalogue, change=stretched)
    try:
        for name, screen in SCREENS.items():
            one.show(screen=screen, modes=modes, speaks=True)
            one.stage.window.grabWindow()
            check_texts(one.stage.window, KIOSK_PANEL.pitch_mm, 4.8)
            assert not overlaps(texts(one.stage.window)), name
            assert not _covered(one), name
    finally:
        one.close()


def _belongs_to_the_page(item: QQuickItem) -> bool:
    parent: QQuickItem | None = item
    while parent is not None:
        if parent.metaObject().className().startswith(("LanguageBar_QML", "Caption_QML")):
            return False
        parent = parent.parentItem()
    return True


def _covered(one: Shown) -> list[str]:
    """Buttons of the page that reach into the frame."""
    frame = [item for item in items(one.stage.window) if item.metaObject().className().startswith(FRAME)]
    footer = next(item for item in frame if item.objectName() == "language")
    page = [item for item in buttons(one.stage.window) if not _is_in(item, footer)]
    return [b.property("text") for b in page if any(clipped(b).intersects(rect(part)) for part in frame)]


def _is_in(item: QQuickItem, frame: QQuickItem) -> bool:
    parent: QQuickItem | None = item
    while parent is not None and parent != frame:
        parent = parent.parentItem()
    return parent is not None


@pytest.mark.ux("VI2")
@pytest.mark.parametrize("name", ALL_SCREENS)
def test_usual_text_is_legible_and_sans_serif(shown: Shown, name: str) -> None:
    shown.stand(name, modes=frozenset())
    shown.stage.window.grabWindow()
    check_texts(shown.stage.window, KIOSK_PANEL.pitch_mm, 4.8)
    assert {item.property("font").family() for item in texts(shown.stage.window)} == {"Noto Sans"}


@pytest.mark.ux("VI4")
@pytest.mark.parametrize("modes", [frozenset(), LARGE], ids=["usual", "contrast"])
def test_the_ring_of_the_focus_is_wide(shown: Shown, modes: frozenset[Mode]) -> None:
    shown.show(screen=SCREENS["choosing"], modes=modes, language="es")
    target = named(shown.stage.window, "service-taxes")
    target.forceActiveFocus()
    picture = grabbed(shown.stage.window)
    box = rect(target)
    middle, left = round(box.center().y()), round(box.left())
    wide_px = KIOSK_PANEL.px(2.6)
    column = [picture.pixelColor(left - round(wide_px) + x, middle).lightness() for x in range(round(wide_px))]
    ground = picture.pixelColor(left - round(wide_px) - 4, middle).lightness()
    ring = [light for light in column if abs(light - ground) > 90]
    assert len(ring) * KIOSK_PANEL.pitch_mm >= 1.9


@pytest.mark.ux("VI5", "KP5")
def test_what_is_switched_on_is_told_without_colour(shown: Shown) -> None:
    shown.show(screen=SCREENS["attract"], modes=frozenset({Mode.CONTRAST}), language="es")
    shown.stage.window.grabWindow()
    QTest.qWait(100)
    picture = grabbed(shown.stage.window)
    on = {b.objectName() for b in buttons(shown.stage.window) if any(_is_drawn(picture, s) for s in _signs(b))}
    assert on == {"mode-contrast", "language-es"}


def _is_drawn(picture: QImage, item: QQuickItem) -> bool:
    """Whether there is ink of more than one colour where the sign stands."""
    box = rect(item).toRect()
    seen = {picture.pixel(x, y) for x in range(box.left(), box.right()) for y in range(box.top(), box.bottom())}
    return len(seen) > 1


def _signs(button: QQuickItem) -> list[QQuickItem]:
    return [c for c in button.childItems() if c.metaObject().className().startswith("Glyph_QML") and c.isVisible()]


@pytest.mark.ux("VI6", "VI7")
@pytest.mark.parametrize("name", ["attract", "choosing", "issuing", "ticket-printing", "ticket-printed"])
def test_nothing_flashes_or_runs(shown: Shown, name: str) -> None:
    shown.stand(name, modes=frozenset(), language="es")
    QTest.qWait(300)
    first = shown.stage.window.grabWindow()
    for _ in range(6):
        QTest.qWait(100)
        assert shown.stage.window.grabWindow() == first


@pytest.mark.ux("VI7", "KP4", "TO6")
def test_no_page_asks_for_two_fingers_a_drag_or_patience() -> None:
    assert len(QML) > 10
    barred = ("PinchHandler", "MultiPointTouchArea", "DragHandler", "onPressAndHold", "SwipeView", "PathAnimation")
    for path in QML:
        source = path.read_text()
        assert not [word for word in barred if word in source], path.name


@pytest.mark.ux("TO6", "KP4")
@pytest.mark.parametrize("name", ["choosing", "city-choosing", "city-searching"])
def test_every_service_is_reached_with_touches_alone(wide: tuple[Shown, Panel], name: str) -> None:
    """A list that is too long has buttons that turn its pages; nothing is dragged."""
    one, _ = wide
    for modes in (frozenset[Mode](), LARGE):
        one.show(screen=SCREENS["attract"], modes=modes)
        one.stand(name, modes=modes, language="fr")
        one.stage.window.grabWindow()
        page = one.model.property("searching" if name == "city-searching" else "offer")
        wanted = {f"service-{service['id']}" for service in page["services"]}
        wanted |= {f"group-{group['id']}" for group in page.get("groups", ())}
        seen: set[str] = set()
        for _ in range(16):
            for item in buttons(one.stage.window):
                if item.objectName().startswith(("service-", "group-")) and clipped(item).height() >= item.height() - 1:
                    seen.add(item.objectName())
            more = [item for item in buttons(one.stage.window) if item.objectName() == "more"]
            if more:
                QTest.qWait(520)
                QTest.mouseClick(one.stage.window, Qt.MouseButton.LeftButton, pos=rect(more[0]).center().toPoint())
                one.stage.window.grabWindow()
            if seen == wanted:
                break
        assert seen == wanted


@pytest.mark.ux("VI9")
@pytest.mark.parametrize("mode", [Mode.LARGE, Mode.CONTRAST])
def test_a_mode_is_one_touch_away_on_every_page(shown: Shown, mode: Mode) -> None:
    for name, screen in SCREENS.items():
        shown.show(screen=screen, modes=frozenset())
        assert f"mode-{mode}" in {b.objectName() for b in buttons(shown.stage.window)}, name


@pytest.mark.ux("VI10", "TO3")
@pytest.mark.parametrize("bottom_mm", [700, 800, 900])
def test_lowered_buttons_are_within_reach(catalogue: Catalogue, bottom_mm: int) -> None:
    """Every button at most 1220 mm above the floor, on a panel that is taller than that."""
    application("test")
    where = panel(1080, 1920, 24)
    too_high_mm = bottom_mm + where.height_mm - HIGHEST_REACH_MM
    assert too_high_mm > 0
    one = Shown(catalogue, where, too_high_mm)
    try:
        for name, more in itertools.product(ALL_SCREENS, (frozenset[Mode](), LARGE)):
            one.stand(name, modes=frozenset({Mode.LOWERED}) | more)
            one.stage.window.grabWindow()
            for button in buttons(one.stage.window):
                height_mm = bottom_mm + where.height_mm - clipped(button).top() * where.pitch_mm
                assert height_mm <= HIGHEST_REACH_MM + 1, (name, button.property("text"), height_mm)
            check_texts(one.stage.window, where.pitch_mm, cap_height_mm(READING_MM) if more else 4.8)
            assert not _covered(one), name
            assert not overlaps(texts(one.stage.window)), name
        one.show(modes=frozenset())
        lowered = named(one.stage.window, "mode-lowered")
        assert bottom_mm + (one.stage.window.height() - rect(lowered).top()) * where.pitch_mm <= HIGHEST_REACH_MM
    finally:
        one.close()


@pytest.mark.ux("TO1", "TO2")
@pytest.mark.parametrize("name", ALL_SCREENS)
def test_targets_of_both_panels_are_large_and_apart(wide: tuple[Shown, Panel], name: str) -> None:
    one, where = wide
    for modes in (frozenset[Mode](), LARGE):
        one.stand(name, modes=modes, language="fr", speaks=True)
        one.stage.window.grabWindow()
        found = buttons(one.stage.window)
        for item in found:
            assert min(item.width(), item.height()) * where.pitch_mm >= 19.9, item.property("text")
        for at, button in enumerate(found):
            for other in found[at + 1 :]:
                margin = 2.9 / where.pitch_mm
                assert not clipped(button).adjusted(0, 0, margin, margin).intersects(clipped(other)), (
                    button.property("text"),
                    other.property("text"),
                )


@pytest.mark.ux("RB3")
def test_a_touch_is_seen_at_once(shown: Shown) -> None:
    """The pressed look is in the next frame, with no animation before it."""
    shown.show(screen=SCREENS["confirming"], modes=frozenset(), language="es")
    before = shown.stage.window.grabWindow()
    middle: QPoint = rect(named(shown.stage.window, "confirm")).center().toPoint()
    QTest.mousePress(shown.stage.window, Qt.MouseButton.LeftButton, pos=middle)
    pressed = shown.stage.window.grabWindow()
    QTest.mouseRelease(shown.stage.window, Qt.MouseButton.LeftButton, pos=middle)
    assert pressed.pixelColor(middle.x() - 300, middle.y()) != before.pixelColor(middle.x() - 300, middle.y())

"""Every screen in every language: nothing cut, nothing off the panel, everything large enough, nothing untranslated.

`make screens` keeps the pictures for people to look at.
"""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest

from hwlib.screen.window import application
from kiosk_app.core import events as ev
from kiosk_app.core.states import (
    Attract,
    Choosing,
    Mode,
)
from officelib.assets import asset
from officelib.catalogue import Catalogue
from officelib.texts import read_texts
from tests.conftest import NINE_MS
from tests.visual.shown import (
    ALL_SCREENS,
    KIOSK_PANEL,
    LANGUAGES,
    LINES,
    SCANNED,
    SCREENS,
    Shown,
    buttons,
    check_texts,
    clipped,
    grabbed,
    items,
    keep,
    named,
    overlaps,
    rect,
    texts,
)

ALIKE = {
    "ticket-lane": "ticket-printed",
    "ticket-waiting": "ticket-again",
    "ticket-called": "ticket-again",
    "ticket-visit": "ticket-printed",
    "typing-wrong": "typing",
    "typing-wrong-again": "typing",
    "typing-who": "typing",
    "confirming-plain": "confirming",
    "city-group": "choosing",
    "maintaining-state": "maintaining",
    "maintaining-log": "maintaining",
    "maintaining-touch": "maintaining",
    "city-searching-nothing": "searching",
    "city-choosingslot-gone": "choosingslot",
    "city-showingslip-fault": "showingslip",
}
"""Screens of one state."""


@pytest.fixture(scope="module")
def shown(catalogue: Catalogue) -> Iterator[Shown]:
    application("test")
    one = Shown(catalogue)
    yield one
    one.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL_SCREENS)
def test_a_screen_can_be_read(shown: Shown, name: str, language: str, request: pytest.FixtureRequest) -> None:
    shown.stand(name, language=language)
    window = shown.stage.window
    picture = grabbed(window)
    check_texts(window, KIOSK_PANEL.pitch_mm, 4.8)
    assert not overlaps(texts(window))
    expected = ALIKE.get(name, name.removeprefix("city-").removeprefix("notice-"))
    assert named(window, "screen").property("stateName") == expected
    keep(request, picture, f"kiosk/{language}/{name}", has_golden=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_without_a_reader_can_be_read(shown: Shown, language: str, request: pytest.FixtureRequest) -> None:
    shown.show(screen=Attract(), language=language, scans=False)
    picture = grabbed(shown.stage.window)
    check_texts(shown.stage.window, KIOSK_PANEL.pitch_mm, 4.8)
    assert not overlaps(texts(shown.stage.window))
    keep(request, picture, f"no-reader/{language}", has_golden=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_warning_can_be_read(shown: Shown, language: str, request: pytest.FixtureRequest) -> None:
    shown.show(screen=Choosing(), language=language, warning=True)
    picture = grabbed(shown.stage.window)
    check_texts(shown.stage.window, KIOSK_PANEL.pitch_mm, 4.8)
    keep(request, picture, f"warning/{language}")


@pytest.mark.ux("TO1")
@pytest.mark.parametrize("name", ALL_SCREENS)
def test_targets_are_large_and_apart(shown: Shown, name: str) -> None:
    """UX TO1: at least 20 x 20 mm, 3 mm apart."""
    shown.stand(name, language="fr")
    shown.stage.window.grabWindow()
    found = buttons(shown.stage.window)
    assert len(found) >= 5
    for item in found:
        box = rect(item)
        assert min(box.width(), box.height()) * KIOSK_PANEL.pitch_mm >= 19.9, item.property("text")
    for at, one in enumerate(found):
        for other in found[at + 1 :]:
            margin = 2.9 / KIOSK_PANEL.pitch_mm
            assert not clipped(one).adjusted(0, 0, margin, margin).intersects(clipped(other)), one.property("text")


@pytest.mark.ux("LA2")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL_SCREENS)
def test_no_word_of_another_language_stays(shown: Shown, name: str, language: str) -> None:
    """UX LA2: what is translated differently must not be seen."""
    shown.stand(name, language="es")
    spanish = {item.property("text") for item in texts(shown.stage.window)}
    shown.stand(name, language=language)
    seen = {item.property("text") for item in texts(shown.stage.window)}
    names = {t.get("language_name") for t in read_texts(asset("i18n"), "kiosk", LANGUAGES).values()}
    alike = {"Bien", "Mal"} if language == "fr" else set()
    same = (
        {text for text in seen & spanish if sum(c.isalpha() for c in text) > 1}
        - names
        - {*LINES, "printer 1: ok", SCANNED}
        - alike
        - {"\u2066A042\u2069", "\u2066A2-007\u2069", "\u2066A7K_____\u2069", "impue_", "ca_", "xyzzy_"}
    )
    assert language == "es" or not same, same


@pytest.mark.ux("LA3")
def test_arabic_runs_from_right_to_left_and_its_codes_do_not(shown: Shown) -> None:
    boxes = {}
    for language in ("es", "ar"):
        shown.show(screen=SCREENS["ticket-printed"], language=language)
        shown.stage.window.grabWindow()
        boxes[language] = {b.objectName(): rect(b) for b in buttons(shown.stage.window)}
    assert len(boxes["ar"]) == 10
    for name, box in boxes["es"].items():
        assert abs(shown.stage.window.width() - box.right() - boxes["ar"][name].left()) <= 2, name
    label = named(shown.stage.window, "label")
    assert label.property("text") == "\u2066A042\u2069"


ACTIONS: list[tuple[str, str, ev.Event]] = [
    ("attract", "start", ev.Started()),
    ("attract", "language-ar", ev.LanguageChosen("ar")),
    ("choosing", "service-taxes", ev.ServiceChosen("taxes", NINE_MS)),
    ("choosing", "leave", ev.BackPressed()),
    ("confirming", "confirm", ev.Confirmed()),
    ("confirming", "back", ev.BackPressed()),
    ("ticket-printed", "done", ev.DonePressed()),
    ("ticket-printed", "print-again", ev.CopyAsked()),
    ("problem-closed", "done", ev.DonePressed()),
]


@pytest.mark.ux("TO5")
@pytest.mark.parametrize(("name", "target", "event"), ACTIONS)
def test_a_touch_says_what_it_means_once(shown: Shown, name: str, target: str, event: ev.Event) -> None:
    shown.show(screen=Attract() if name != "attract" else Choosing(), language="es")
    shown.stand(name, language="es")
    shown.stage.window.grabWindow()
    item = next(i for i in items(shown.stage.window) if i.objectName() == target)
    middle = rect(item).center().toPoint()
    shown.acted.clear()
    QTest.qWait(1)
    for _ in range(2):
        QTest.mouseClick(shown.stage.window, Qt.MouseButton.LeftButton, pos=middle)
    assert shown.acted == [event], "and a double tap counts once"


@pytest.mark.ux("TO4")
def test_a_finger_that_slides_off_does_nothing(shown: Shown) -> None:
    """UX TO4: action on release, cancelled by sliding away."""
    shown.show(screen=Choosing(), language="es")
    shown.show(screen=Attract(), language="es")
    shown.stage.window.grabWindow()
    item = next(i for i in items(shown.stage.window) if i.objectName() == "start")
    shown.acted.clear()
    middle = rect(item).center().toPoint()
    QTest.mousePress(shown.stage.window, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(shown.stage.window, middle.__class__(middle.x(), 5))
    QTest.mouseRelease(shown.stage.window, Qt.MouseButton.LeftButton, pos=middle.__class__(middle.x(), 5))
    assert ev.Started() not in shown.acted


# --- colours


def luminance(colour: str) -> float:
    """Source: WCAG 2.2, relative luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.ux("VI3", "VI9")
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        ("ink", "ground", 7),
        ("ink", "paper", 7),
        ("ink", "mark", 7),
        ("soft", "ground", 7),
        ("soft", "paper", 7),
        ("alert", "paper", 7),
        ("alert", "ground", 7),
        ("deepInk", "deep", 7),
        ("nightInk", "night", 7),
        ("nightSoft", "night", 7),
        ("nightMark", "night", 7),
        ("line", "paper", 3),
    ],
)
@pytest.mark.parametrize("modes", [frozenset(), frozenset({Mode.CONTRAST})], ids=["usual", "contrast"])
def test_colours_stand_out(shown: Shown, modes: frozenset[Mode], text: str, ground: str, least: float) -> None:
    """UX VI3, VI4, VI9."""
    shown.show(modes=modes)
    tokens = shown.stage.engine.singletonInstance("Antesala", "Tokens")
    assert isinstance(tokens, QObject)
    lights = sorted((luminance(tokens.property(name).name()) for name in (text, ground)), reverse=True)
    assert (lights[0] + 0.05) / (lights[1] + 0.05) >= least

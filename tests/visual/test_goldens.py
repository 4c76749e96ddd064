"""The goldens themselves: what they are sure to see, and that there is one for each page and none besides."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtQuick import QQuickItem

from hwlib.screen.window import application
from officelib.catalogue import Catalogue
from tests.visual import goldens
from tests.visual.lobby import golden_names
from tests.visual.shown import ALL_SCREENS, HELP_CALLS, LANGUAGES, Shown, grabbed, named, texts

pytestmark = pytest.mark.skipif(
    not goldens.comparable(), reason=f"the goldens are those of PySide6 {goldens.MADE_WITH}"
)


@pytest.fixture
def shown(catalogue: Catalogue) -> Iterator[Shown]:
    application("test")
    one = Shown(catalogue)
    yield one
    one.close()


def painted(shown: Shown, name: str = "ticket-printed") -> QImage:
    shown.stand(name, language="es")
    return grabbed(shown.stage.window)


def test_the_same_page_looks_the_same(shown: Shown, catalogue: Catalogue) -> None:
    """Whatever was shown before, and in another window."""
    before = goldens.reduced(painted(shown))
    painted(shown, "typing")
    other = Shown(catalogue)
    try:
        for picture in (painted(shown), painted(other)):
            assert goldens.difference(goldens.reduced(picture), before) <= goldens.NOISE_FLOOR
    finally:
        other.close()


def smaller(item: QQuickItem) -> None:
    item.setProperty("text", str(item.property("text")).rstrip("\u2069")[:-1])


def lower(item: QQuickItem) -> None:
    item.setY(item.y() + 2)


def greyer(item: QQuickItem) -> None:
    item.setProperty("color", QColor(item.property("color")).lighter(220))


def hidden(item: QQuickItem) -> None:
    item.setVisible(False)


@pytest.mark.parametrize("change", [smaller, lower, greyer, hidden])
@pytest.mark.parametrize("which", ["label", "the smallest text"])
def test_a_small_change_is_seen(shown: Shown, change: Callable[[QQuickItem], None], which: str) -> None:
    """A letter less, half a millimetre lower, a shade lighter, not there: in the largest and in the smallest text."""
    before = goldens.reduced(painted(shown))
    found = sorted(texts(shown.stage.window), key=lambda item: item.property("paintedHeight"))
    change(named(shown.stage.window, "label") if which == "label" else found[0])
    QGuiApplication.processEvents()
    after = goldens.reduced(grabbed(shown.stage.window))
    assert goldens.difference(before, after) > goldens.TOLERANCE


def test_each_page_has_its_golden_and_no_golden_is_without_a_page(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--goldens"):
        pytest.skip("they are being written")
    sets = ("kiosk-0.25", "kiosk-0.18", "kiosk-large-0.25", "kiosk-large-0.18")
    wanted = {f"{one}/{language}/{name}" for one in sets for language in LANGUAGES for name in ALL_SCREENS}
    wanted |= {f"{one}/{language}/help-{stage}" for one in sets for language in LANGUAGES for stage in HELP_CALLS}
    wanted |= {f"warning/{language}" for language in LANGUAGES}
    wanted |= golden_names(LANGUAGES)
    kept = {str(path.relative_to(goldens.FOLDER).with_suffix("")) for path in goldens.FOLDER.rglob("*.png")}
    assert kept == wanted

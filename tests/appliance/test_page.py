"""The page of a machine that is not set up: every state in every language, on the panel's own size, nothing cut off."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from appliance import page
from appliance.state import ANSWER, TOKEN, Answer, Appliance, Problem, read_answer, read_appliance
from PySide6.QtCore import QCoreApplication, QPointF
from PySide6.QtQuick import QQuickItem

from hwlib.scanner import Scan
from hwlib.screen.panel import panel
from hwlib.screen.window import Stage, open_window
from officelib.assets import asset
from officelib.enrolment import new_token, write_token
from officelib.texts import read_texts
from tests.visual.shown import close

LANGUAGES = ("es", "ca", "en", "fr", "ar")
TEXTS = read_texts(asset("i18n"), "setup", LANGUAGES)
CODE = write_token(new_token(b"k" * 32, "k2", 0, 0, ("http://10.0.0.5:8420",)))
PROBLEMS = tuple(
    Problem(
        f"antesala.toml, line {n}", "[kiosk] key 'printer' must be of type text, not 3", "The printer: tcp://host:9100."
    )
    for n in range(1, 6)
)
SETTLES = 20
"""Turns of the loop until a window has its size."""
PANELS = [(1080, 1920, 21.5), (1920, 1080, 43.0), (800, 1280, 15.6)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def model_of(
    folder: Path, *, language: str = "en", problems: tuple[Problem, ...] = (), addresses: str = "", role: str = "kiosk"
) -> page.SetupModel:
    appliance = Appliance((role,), problems, language, release="1.0", console=":8420", name="antesala-hub")
    return page.SetupModel(appliance, TEXTS[language], folder, addresses.split)


@pytest.fixture
def opened(qapp: object) -> Iterator[list[Stage]]:
    stages: list[Stage] = []
    yield stages
    for stage in stages:
        close(stage)


def labels(root: QQuickItem) -> Iterator[QQuickItem]:
    for child in root.childItems():
        if child.inherits("QQuickText") and child.isVisible():
            yield child
        yield from labels(child)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", PANELS, ids=str)
@pytest.mark.parametrize("state", ["enrol", "no-scanner", "wrong", "refused", "hub"])
def test_all_of_it_is_on_the_panel(
    opened: list[Stage], folder: Path, language: str, size: tuple[int, int, float], state: str
) -> None:
    if state == "refused":
        answer = {"what": "http://10.0.0.5:8420: the token is too old", "mend": "Make a new one.", "is_final": True}
        (folder / ANSWER).write_text(json.dumps(answer))
    problems = PROBLEMS if state == "wrong" else ()
    role = "hub" if state == "hub" else "kiosk"
    model = model_of(folder, language=language, problems=problems, addresses="192.168.110.121", role=role)
    model.look()
    model._ready(state != "no-scanner")
    at = Path(page.__file__).parent / "qml/Setup.qml"
    stage = open_window(at, {"model": model}, panel(*size), full_screen=False, control=None)
    opened.append(stage)
    for _ in range(SETTLES):
        QCoreApplication.processEvents()
    stage.window.grabWindow()
    assert stage.window.contentItem().width() == size[0]
    shown = list(labels(stage.window.contentItem()))
    assert len(shown) >= 4
    for one in shown:
        corner = one.mapToScene(QPointF(0, 0))
        assert corner.x() >= 0, one.property("text")
        assert corner.x() + one.width() <= size[0] + 0.5
        assert corner.y() + one.height() <= size[1], f"below the panel: {one.property('text')}"
        assert not one.property("truncated")
        if one.property("text").startswith("http:"):
            assert one.property("lineCount") == 1, "an address is read, and typed, as one"
    boxes = sorted((one.mapToScene(QPointF(0, 0)).y(), one.height()) for one in shown)
    assert all(y + height <= next_y + 1 for (y, height), (next_y, _) in pairwise(boxes)), "they overlap"


def test_a_code_is_handed_on_and_told(folder: Path) -> None:
    model = model_of(folder)
    assert model.property("news") == ""
    model._take("hello")
    assert model.property("news") == TEXTS["en"].get("no_code")
    assert not (folder / TOKEN).exists()
    model._take(CODE.lower())
    assert (folder / TOKEN).read_text().strip() == CODE.lower()
    assert model.property("news") == TEXTS["en"].get("entering")
    (folder / ANSWER).write_text(json.dumps({"what": "the hub is away", "mend": "look"}))
    model.look()
    assert model.property("news") == TEXTS["en"].get("not_yet")
    assert "the hub is away" in model.property("why")
    (folder / TOKEN).unlink()
    (folder / ANSWER).write_text(json.dumps({"device": "k2"}))
    model.look()
    assert "k2" in model.property("news")
    assert model.property("why") == ""


def test_a_scan_comes_from_the_scanners_thread(folder: Path, qtbot: object) -> None:
    model = model_of(folder)
    with qtbot.waitSignal(model.changed, timeout=2000):  # type: ignore[attr-defined]
        model.scan(Scan(CODE))
    assert (folder / TOKEN).exists()


def test_no_code_is_asked_for_before_the_scanner_is_there(folder: Path, qtbot: object) -> None:
    model = model_of(folder)
    assert model.property("advice") == TEXTS["en"].get("no_scanner")
    for why_not, text in (("", "show_code"), ("it went away", "no_scanner")):
        with qtbot.waitSignal(model.changed, timeout=2000):  # type: ignore[attr-defined]
            model.scanner_is(why_not)
        assert model.property("advice") == TEXTS["en"].get(text)


def test_a_hubs_panel_says_where_its_console_is(folder: Path) -> None:
    told = ["http://antesala-hub.local:8420", "http://192.168.10.5:8420"]
    assert model_of(folder, addresses="192.168.10.5", role="hub").property("consoles") == told
    assert model_of(folder, addresses="192.168.10.5", role="kiosk").property("consoles") == []
    assert model_of(folder, problems=PROBLEMS, role="hub").property("consoles") == []


def test_the_network_is_told(folder: Path) -> None:
    assert "10.0.2.15" in model_of(folder, addresses="10.0.2.15").property("network")
    assert model_of(folder).property("network") == TEXTS["en"].get("no_network")


def test_what_was_left_by_nobody_is_told(tmp_path: Path) -> None:
    assert read_appliance(tmp_path / "none").problems
    assert read_answer(tmp_path) is None
    assert read_answer.__annotations__["return"]
    assert Answer().device == ""

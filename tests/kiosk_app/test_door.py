"""The technician's door: opened by its code alone, from where citizens scan and type; behind it nothing but tests."""

import json
from pathlib import Path

import pytest

from hwlib.printer.document import Cut, Qr, Text
from kiosk_app.__main__ import main
from kiosk_app.core import events as ev
from kiosk_app.core.door import new_door, opens
from kiosk_app.core.flow import step
from kiosk_app.core.states import Attract, Kiosk, Maintaining, Paper, ShowingProblem, Typing
from kiosk_app.maintenance import LogTail, facts_of, page_of, qr_rows
from officelib.assets import asset
from officelib.booking import is_short_code
from officelib.catalogue import Catalogue
from officelib.texts import read_texts
from tests.conftest import NINE_MS
from tests.kiosk_app.test_flow import scan

CODE, DOOR = new_door(b"saltsalt", bytes(range(10)))


def go(kiosk: Kiosk, *events: ev.Event) -> tuple[Kiosk, list[ev.Effect]]:
    effects: list[ev.Effect] = []
    for event in events:
        kiosk, more = step(kiosk, event, 0)
        effects += more
    return kiosk, effects


@pytest.fixture
def kiosk() -> Kiosk:
    """A kiosk that knows nothing yet: just when a technician is needed."""
    return Kiosk(door=DOOR)


def test_the_code_opens_the_door_scanned_or_typed(kiosk: Kiosk) -> None:
    assert is_short_code(CODE), "it can be typed where booking codes are"
    assert go(kiosk, scan(CODE))[0].screen == Maintaining()
    typed = [ev.KeyTyped(character) for character in CODE]
    assert go(kiosk, ev.TypingAsked(), *typed, ev.CodeEntered(None))[0].screen == Maintaining()


@pytest.mark.parametrize("text", ["", "QB1", CODE[:-1], CODE[:-1] + "2", DOOR])
def test_nothing_else_opens_it(kiosk: Kiosk, text: str) -> None:
    assert not isinstance(go(kiosk, scan(text))[0].screen, Maintaining)
    assert not opens("", text)
    assert not opens(":", text)
    assert not isinstance(go(Kiosk(), scan(CODE))[0].screen, Maintaining), "a kiosk without a door has none"


def test_tests_are_run_and_their_ends_are_seen(kiosk: Kiosk) -> None:
    kiosk, _ = go(kiosk, scan(CODE))
    kiosk, effects = go(kiosk, ev.TestAsked("print"), ev.TestAsked("print"), ev.TestAsked("sound"))
    assert effects == [ev.RunTest("print"), ev.RunTest("sound")], "one page at a time"
    kiosk, _ = go(kiosk, ev.TestPrinted(printed=False), ev.TileTouched(3), ev.TileTouched(4))
    assert kiosk.screen == Maintaining(printed=Paper.FAULT, touched=frozenset({3, 4}))
    scanned, effects = go(kiosk, scan("QB1NOBOOKINGISCHECKEDIN"))
    assert isinstance(scanned.screen, Maintaining)
    assert scanned.screen.scanned == "QB1NOBOOKINGISCHECKEDIN"
    assert effects == []


def test_the_door_shuts_behind_the_technician(kiosk: Kiosk) -> None:
    inside, _ = go(kiosk, scan(CODE), scan("ANY"), ev.TabChosen("log"))
    assert go(inside, ev.BackPressed())[0].screen == Attract()
    forgotten, _ = step(inside, ev.TimePassed(), kiosk.timings.typing_ms)
    assert forgotten.warning
    assert step(forgotten, ev.TimePassed(), 10**9)[0].screen == Attract()
    assert isinstance(go(kiosk, ev.TestAsked("print"), ev.TabChosen("log"))[0].screen, Attract), "not from outside"


def test_a_wrong_code_at_the_door_is_answered_like_any_wrong_code(kiosk: Kiosk) -> None:
    wrong = CODE[:-1] + ("2" if CODE[-1] != "2" else "3")
    typed, _ = go(kiosk, ev.TypingAsked(), *[ev.KeyTyped(c) for c in wrong], ev.CodeEntered(NINE_MS))
    assert isinstance(typed.screen, Typing | ShowingProblem)


def test_the_tool_writes_a_code_that_fits_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["door"]) == 0
    said = capsys.readouterr().out.splitlines()
    code, door = said[0].rpartition(" ")[2], said[1].split('"')[1]
    assert opens(door, code.lower()), "a scanner may change the case"
    assert code not in said[1]


def test_facts_are_read_from_the_machine_and_fit_a_qr_code(catalogue: Catalogue, tmp_path: Path) -> None:
    kiosk = Kiosk(catalogue=catalogue, link_up=True)
    facts = facts_of(kiosk, "k1", {"printer 1": "no paper: fill it"}, tmp_path / "journal.db", lambda: NINE_MS)
    assert facts["time"] == "07/01/2026 09:00:00"
    assert facts["hub"] == "+"
    assert int(facts["disk"].split()[0]) > 0
    assert facts["printer 1"] == "no paper: fill it"
    rows = qr_rows(facts)
    assert len(rows) == len(rows[0]) <= 105
    zxingcpp = pytest.importorskip("zxingcpp")
    from PIL import Image

    picture = Image.new("L", (len(rows), len(rows)))
    picture.putdata([0 if dark == "1" else 255 for row in rows for dark in row])
    read = zxingcpp.read_barcode(picture.resize((len(rows) * 4, len(rows) * 4), Image.Resampling.NEAREST))
    assert json.loads(read.text)["device"] == "k1"


def test_the_log_keeps_its_last_lines() -> None:
    import logging

    tail, log = LogTail(), logging.getLogger("tests.door")
    log.addHandler(tail)
    log.setLevel(logging.INFO)
    for number in range(100):
        log.warning("line %d", number)
    log.removeHandler(tail)
    assert len(tail.lines) == 40
    assert tail.lines[-1].endswith("WARNING line 99")


def test_the_test_page_shows_sizes_a_code_and_the_devices_facts() -> None:
    page = page_of({"device": "k1", "hub": "+"}, read_texts(asset("i18n"), "maintenance", ("fr",))["fr"])
    assert isinstance(page[-1], Cut)
    assert Qr("k1") in page
    assert any(isinstance(op, Text) and op.size == 7 for op in page)
    assert any(isinstance(op, Text) and op.text == "hub: +" for op in page)

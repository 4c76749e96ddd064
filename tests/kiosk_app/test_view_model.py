"""The view model, and the faults of the library under it that would end a kiosk after some hours."""

import sys

import pytest
from PySide6.QtCore import QByteArray, QObject, Signal
from PySide6.QtQml import QQmlComponent, QQmlEngine

from hwlib.screen.window import application
from kiosk_app.core import events as ev
from kiosk_app.core.flow import step
from kiosk_app.core.states import Help, HelpCall, Kiosk, Paper, ShowingTicket, TicketFacts
from kiosk_app.ui.view_model import ViewModel
from officelib.assets import asset
from officelib.catalogue import Catalogue
from officelib.texts import read_texts
from tests.conftest import NINE_MS

TEXTS = read_texts(asset("i18n"), "kiosk", ("es", "ca", "en", "fr", "ar"))
SPOKEN = read_texts(asset("i18n"), "speech", ("es", "ca", "en", "fr", "ar"))
QML = b"""
import QtQml
QtObject {
    required property var kiosk
    property bool mirrored: kiosk.mirrored
    property bool warning: kiosk.warning
    property bool fault: kiosk.ticket.fault
    property string name: kiosk.offer.services[0].name
    property string text: kiosk.t.start
}
"""


class Sender(QObject):
    flagged = Signal(bool)


@pytest.fixture
def model(catalogue: Catalogue) -> ViewModel:
    application("test")
    one = ViewModel(TEXTS, SPOKEN, lambda _event: None, lambda: NINE_MS)
    ticket = TicketFacts(1, "A042", "taxes", "es", 1, 2, 0, NINE_MS)
    one.show(Kiosk(catalogue=catalogue, link_up=True, screen=ShowingTicket(ticket, Paper.PRINTED)))
    return one


def references() -> dict[str, int]:
    return {"True": sys.getrefcount(True), "False": sys.getrefcount(False), "None": sys.getrefcount(None)}


def test_a_thousand_repaints_and_signals_lose_no_reference(model: ViewModel) -> None:
    """PySide6 6.12.0 lost one a repaint and ended the process. See docs/decisions/0004."""
    engine = QQmlEngine()
    component = QQmlComponent(engine)
    component.setData(QByteArray(QML), "")
    shown = component.createWithInitialProperties({"kiosk": model})
    assert not component.errors()
    sender = Sender()
    heard: list[bool] = []
    sender.flagged.connect(heard.append)
    before = references()
    for number in range(100):
        model.changed.emit()
        sender.flagged.emit(number % 2 == 0)
    heard.clear()
    after = references()
    lost = {name: before[name] - after[name] for name in before if before[name] - after[name] > 20}
    assert not lost, f"references lost in 100 repaints: {lost}"
    shown.deleteLater()
    engine.deleteLater()


def test_what_a_finger_says_is_one_event(catalogue: Catalogue) -> None:
    acted: list[ev.Event] = []
    model = ViewModel(TEXTS, SPOKEN, acted.append, lambda: NINE_MS)
    model.start()
    model.chooseLanguage("ca")
    model.chooseService("taxes")
    for slot in (model.confirm, model.back, model.done, model.stillHere, model.printAgain):
        slot()
    assert acted == [
        ev.Started(),
        ev.LanguageChosen("ca"),
        ev.ServiceChosen("taxes", NINE_MS),
        ev.Confirmed(),
        ev.BackPressed(),
        ev.DonePressed(),
        ev.StillHere(),
        ev.CopyAsked(),
    ]


def test_before_the_first_word_of_the_hub_there_is_still_a_screen() -> None:
    model = ViewModel(TEXTS, SPOKEN, lambda _event: None, lambda: NINE_MS)
    shown = {name: model.property(name) for name in ("stateName", "office", "clock")}
    assert shown == {"stateName": "attract", "office": "", "clock": ""}
    assert model.property("offer")["services"] == []
    assert len(model.property("languages")) == 5


@pytest.mark.parametrize("language", ["es", "ca", "en", "fr", "ar"])
def test_nobody_is_asked_to_show_a_code_to_a_dead_reader(model: ViewModel, language: str) -> None:
    kiosk = Kiosk(language=language)
    model.show(kiosk)
    assert model.property("scanHint") == TEXTS[language].get("scan_hint")
    for on, key in ((False, "scan_not"), (True, "scan_hint")):
        kiosk, effects = step(kiosk, ev.ScannerSwitched(on=on), 0)
        model.show(kiosk)
        assert not effects
        assert model.property("scanHint") == TEXTS[language].get(key)


@pytest.mark.parametrize(
    ("call", "is_open"),
    [
        (HelpCall(), False),
        (HelpCall(Help.NOBODY), False),
        (HelpCall(Help.NOBODY, 5), True),
        (HelpCall(Help.TOLD, 5), True),
    ],
)
def test_a_call_that_may_have_been_heard_can_be_taken_back(model: ViewModel, call: HelpCall, is_open: bool) -> None:
    model.show(Kiosk(help=call))
    assert model.property("helpIsOpen") is is_open

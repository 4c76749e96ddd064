"""Without eyes: what is heard is all that is asserted, and the tree that it is read from. UX, rows NV."""

import itertools
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from bench.office.stage import wait_for
from hwlib.audio.engines import ESPEAK_VOICES
from hwlib.keypad import KeyStruck
from hwlib.keypad.functions import Function
from hwlib.screen.window import application
from kiosk_app.core import audio_nav
from kiosk_app.core import events as ev
from kiosk_app.core.audio_nav import AudioNav, KeyPressed, Node, Page, PageSeen, SaidOne, Say, Utterance
from kiosk_app.core.states import Attract, Choosing, Confirming, HelpCall, Paper, ShowingTicket, Typing
from kiosk_app.ui.page_reader import PageReader
from officelib.assets import asset
from officelib.catalogue import Catalogue, Identify
from officelib.catalogue_file import read_catalogue
from officelib.inbound import ServiceState
from officelib.texts import read_texts
from tests.a11y.ears import Ears
from tests.conftest import NINE_MS
from tests.visual.shown import CITY, LANGUAGES, ROOT, SCREENS, TICKET, Shown, items

SPOKEN_OTHERWISE = ("label", "typed", "searched")
"""A number and a code are said letter by letter."""
GUIDE = read_texts(asset("i18n"), "guide", LANGUAGES)


@pytest.mark.ux("NV1", "NV13", "CI3")
def test_a_walk_in_by_keypad_and_ear_alone(ears: Ears) -> None:
    heard = ears.press("down")
    assert heard[0] == "Este quiosco le habla.", "the first key says what this is"
    ears.find("Elegir un servicio")
    assert "¿Qué trámite va a hacer?" in ears.press("select")
    ears.find("Impuestos y tasas")
    assert "Impuestos y tasas" in ears.press("select")
    ears.find("Sacar turno")
    done = ears.press("select")
    for fact in ("a, 42", "Impuestos y tasas", "3 personas delante", "Recoja su turno."):
        assert fact in done, "all that the paper says is said"
    assert "Espere en la sala de espera, a la derecha." in done
    assert "Espera: unos 12 minutos" in done
    ears.press("back")
    assert isinstance(ears.kiosk.screen, Attract)


@pytest.mark.ux("NV1", "CI1")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_walk_in_in_each_language(ears: Ears, language: str) -> None:
    """The language by its own name, in its own voice; everything after it in that language."""
    ears.press("down")
    name = {"es": "Español", "ca": "Català", "en": "English", "fr": "Français", "ar": "العربية"}[language]
    if language != "es":
        ears.find(name)
        ears.press("select")
    else:
        ears.find("Elegir un servicio")
        ears.press("select")
    assert ears.kiosk.language == language
    ears.press("down", "select")
    ears.press("next")
    done = ears.press("select")
    assert isinstance(ears.kiosk.screen, ShowingTicket)
    words = read_texts(asset("i18n"), "kiosk", LANGUAGES)[language]
    assert words.get("printed") in done
    assert words.get("people_ahead", n=3) in done


@pytest.mark.ux("NV13")
def test_news_of_the_printer_cut_nothing_short() -> None:
    facts = tuple(Node(text, "text", text) for text in ("a, 42", "Imprimiendo", "Espere en la sala"))
    done = Page("ticket", "es", (*facts[:1], Node("done", "text", "Recoja su turno."), *facts[2:]))
    nav, _ = audio_nav.step(AudioNav(on=True), PageSeen(Page("ticket", "es", facts)), 0, GUIDE)
    nav, effects = audio_nav.step(nav, PageSeen(done), 0, GUIDE)
    assert effects == [audio_nav.SayMore((Utterance("Recoja su turno.", "es"),))]
    for last in (False, False, False, True):
        nav, _ = audio_nav.step(nav, SaidOne(was_last=last, order=nav.order), 0, GUIDE)
    nav, effects = audio_nav.step(nav, KeyPressed("repeat"), 0, GUIDE)
    assert len(_said(effects)) == 4


ALONE = """
from tests.a11y.test_nonvisual import read_alone
print(read_alone())
"""


def read_alone() -> int:
    """How much a process of its own reads of the first page."""
    application("alone")
    one = Shown(read_catalogue(asset("demo", "office.toml")))
    found = len(PageReader(one.stage.window).read())
    one.close()
    return found


@pytest.mark.ux("NV2")
def test_no_bus_of_assistive_technology_is_needed() -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DBUS", "AT_SPI", "XDG"))}
    kept |= {"QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software"}
    done = subprocess.run(
        [sys.executable, "-c", ALONE], cwd=ROOT, env=kept, capture_output=True, text=True, timeout=60, check=True
    )
    assert int(done.stdout) > 10


@pytest.mark.ux("NV3", "NV4")
@pytest.mark.parametrize("begins", [KeyPressed("volume_up"), audio_nav.JackMoved(inserted=True)], ids=["key", "jack"])
@pytest.mark.parametrize("name", SCREENS)
def test_speech_starts_in_any_state(ears: Ears, name: str, begins: audio_nav.Event) -> None:
    ears._show(screen=SCREENS[name])
    page = Page(name, "es", ears.guide.reader.read(), is_first=name == "attract")
    nav, effects = audio_nav.step(AudioNav(page=page), begins, 0, GUIDE)
    assert nav.on
    assert _said(effects)[0] == "Este quiosco le habla."
    assert [type(effect) for effect in effects] == [audio_nav.SwitchSpeech, Say], "and the first key does nothing else"


@pytest.mark.ux("NV3", "NV4")
@pytest.mark.parametrize("how", ["key", "jack"])
@pytest.mark.parametrize("name", ["choosing", "ticket-printed"])
def test_speech_that_starts_is_heard(ears: Ears, name: str, how: str) -> None:
    ears.show(screen=SCREENS[name])
    heard = ears.press("volume_up") if how == "key" else ears.plug(inserted=True)
    assert heard[0] == "Este quiosco le habla."
    assert ears.kiosk.screen == SCREENS[name]


@pytest.mark.ux("NV5")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCREENS)
def test_whatever_is_shown_has_a_name(ears: Ears, name: str, language: str) -> None:
    ears._show(screen=SCREENS[name], language=language)
    ears.stage.window.grabWindow()
    nodes = ears.guide.reader.read()
    assert all(node.name.strip() for node in nodes)
    assert len({node.id for node in nodes}) == len(nodes)
    spoken = {node.name for node in nodes} | {node.note for node in nodes}
    for item in items(ears.stage.window):
        kind = item.metaObject().className()
        if kind.startswith(("TouchButton_QML", "Offer_QML")):
            assert item.property("text") in spoken, item.objectName()
        elif kind.startswith("Label_QML") and item.objectName() not in SPOKEN_OTHERWISE and not _is_inside_button(item):
            text = str(item.property("text")).replace("\u2066", "").replace("\u2069", "")
            assert text in spoken, text


def _is_inside_button(item: QQuickItem) -> bool:
    parent: QQuickItem | None = item.parentItem()
    while parent is not None:
        if parent.metaObject().className().startswith(("TouchButton_QML", "Offer_QML", "Caption_QML")):
            return True
        parent = parent.parentItem()
    return False


@pytest.mark.ux("NV6", "NV7")
def test_the_end_of_a_sentence_that_was_hushed_begins_nothing() -> None:
    """It was on its way while the headphones were pulled out: the voice would count as talking for ever."""
    page = Page("choosing", "es", (Node("a", "text", "Uno"), Node("b", "text", "Dos")), is_first=False)
    nav, effects = audio_nav.step(AudioNav(headphones=True), audio_nav.JackMoved(inserted=True), 0, GUIDE)
    nav, effects = audio_nav.step(nav, PageSeen(page), 0, GUIDE)
    order = next(one.order for one in effects if isinstance(one, Say))
    assert nav.talking
    nav, _ = audio_nav.step(nav, audio_nav.JackMoved(inserted=False), 1, GUIDE)
    nav, _ = audio_nav.step(nav, SaidOne(was_last=False, order=order), 2, GUIDE)
    assert not nav.talking


@pytest.mark.ux("NV6")
def test_speech_is_repeated_paused_and_goes_on_where_it_was() -> None:
    page = Page("choosing", "es", (Node("t1", "text", "Uno"), Node("t2", "text", "Dos"), Node("b", "button", "Tres")))
    nav, effects = audio_nav.step(AudioNav(on=True), PageSeen(page), 0, GUIDE)
    whole = _said(effects)
    assert whole[:2] == ("Uno", "Dos")
    nav, _ = audio_nav.step(nav, SaidOne(was_last=False, order=nav.order), 0, GUIDE)
    nav, effects = audio_nav.step(nav, KeyPressed("select"), 0, GUIDE)
    assert _said(effects) == ("Pausa. Tecla redonda: seguir.",)
    nav, _ = audio_nav.step(nav, SaidOne(was_last=True, order=nav.order), 0, GUIDE)
    nav, effects = audio_nav.step(nav, KeyPressed("select"), 0, GUIDE)
    assert _said(effects) == whole[1:], "from the sentence that was cut"
    nav, _ = audio_nav.step(nav, KeyPressed("up"), 0, GUIDE)
    nav, effects = audio_nav.step(nav, KeyPressed("repeat"), 0, GUIDE)
    assert _said(effects) == ("Dos",), "the last portion alone"


def _said(effects: list[audio_nav.Effect]) -> tuple[str, ...]:
    (say,) = [effect for effect in effects if isinstance(effect, Say)]
    return tuple(utterance.text for utterance in say.utterances)


@pytest.mark.ux("NV6", "NV7", "NV11")
def test_a_key_cuts_the_voice_short_and_nothing_is_said_over_another(catalogue: Catalogue, tmp_path: Path) -> None:
    slow = Ears(tmp_path, catalogue, pace=0.2)
    try:
        slow.press("down")
        keys: tuple[Function, ...] = ("help", "down", "up")
        for key in keys:
            slow.guide.obey(KeyStruck(key))
            QTest.qWait(60)
        slow.listen()
        heard = slow.heard()
        assert any(not one.whole for one in heard), "somebody was interrupted"
        for before, after in itertools.pairwise(heard):
            assert before.ended_ms <= after.began_ms
    finally:
        slow.close()


@pytest.mark.ux("NV8")
def test_a_ring_is_around_what_is_read(ears: Ears) -> None:
    ears.press("down", "next")
    ring = next(item for item in items(ears.stage.window) if item.objectName() == "ring")
    read = next(item for item in items(ears.stage.window) if item.objectName() == ears.guide.nav.at)
    inner = read.mapRectToScene(read.boundingRect())
    assert ring.mapRectToScene(ring.boundingRect()).contains(inner)
    assert read.property("activeFocus")


@pytest.mark.ux("NV10")
def test_personal_data_are_for_headphones_alone(ears: Ears) -> None:
    booked = ShowingTicket(replace(TICKET, slot_ms=NINE_MS), Paper.PRINTED)
    ears.press("down")
    aloud = ears.show(screen=booked)
    assert "Certificados y volantes" not in aloud
    assert not [text for text in aloud if "09:00" in text]
    assert aloud.count("Sus datos se oyen solo con auriculares.") == 1
    assert "a, 42" in aloud, "the number is not personal: everybody hears it when it is called"
    private = ears.plug(inserted=True)
    assert "Certificados y volantes" in private
    assert {one.way for one in ears.heard()[-len(private) :]} == {"headphones"}
    out = ears.plug(inserted=False)
    assert not out, "who pulls the plug leaves nothing to the room"


@pytest.mark.ux("NV10")
def test_no_private_sentence_ever_goes_to_the_loudspeaker(ears: Ears) -> None:
    """The voice itself holds them back, whoever asks it."""
    ears.guide._narrator.say((Utterance("secreto", "es", is_private=True), Utterance("para todos", "es")))
    wait_for(lambda: [one.text for one in ears.heard()][-1:] == ["para todos"], "the sentence that is for everybody")
    assert "secreto" not in [one.text for one in ears.heard()]


@pytest.mark.ux("NV12", "CI6")
@pytest.mark.parametrize("name", [name for name in SCREENS if name.startswith("problem")])
def test_a_problem_is_said_with_its_cause_and_what_to_do(ears: Ears, name: str) -> None:
    ears.plug(inserted=True)
    heard = ears.show(screen=SCREENS[name])
    words = read_texts(asset("i18n"), "kiosk", LANGUAGES)["es"]
    kind = name.removeprefix("problem-")
    parts = [str(words.entries[f"{kind}_{part}"]).partition("{")[0] for part in ("title", "cause", "next")]
    assert [text.startswith(part) for text, part in zip(heard, parts, strict=False)] == [True] * 3
    assert len(heard) == 4, "title, cause, next step, and how many buttons"


@pytest.mark.ux("NV14")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_voice_has_the_language_of_the_screen(ears: Ears, language: str) -> None:
    ears._show(screen=SCREENS["choosing"], language=language)
    page = Page("choosing", language, ears.guide.reader.read(), is_first=False)
    _, effects = audio_nav.step(AudioNav(on=True), PageSeen(page), 0, GUIDE)
    (say,) = [effect for effect in effects if isinstance(effect, Say)]
    assert {utterance.language for utterance in say.utterances} == {language}
    assert language in ESPEAK_VOICES


@pytest.mark.ux("NV15")
@pytest.mark.parametrize("name", SCREENS)
def test_the_key_that_goes_in_goes_out(ears: Ears, name: str) -> None:
    """Down, up and next go round, with one more press at an end; back leads out of whatever a person can leave."""
    ears._show(screen=SCREENS[name], speaks=True)
    page = Page(name, "es", ears.guide.reader.read(), is_first=False)
    for key, visited in (("down", len(page.nodes)), ("up", len(page.nodes)), ("next", len(_buttons(page)))):
        nav, places = AudioNav(on=True, page=page, at=_buttons(page)[0].id), []
        for _ in range(visited + 1):
            nav, _ = audio_nav.step(nav, KeyPressed(key), 0, GUIDE)  # type: ignore[arg-type]
            places.append(nav.at)
        assert nav.at == _buttons(page)[0].id, key
        assert len(set(places)) == visited
    _, effects = audio_nav.step(AudioNav(on=True, page=page), KeyPressed("back"), 0, GUIDE)
    pressed = [effect.node for effect in effects if isinstance(effect, audio_nav.Press)]
    assert pressed == ([] if name in ("attract", "issuing", "lookingup") else [WAY_BACK.get(name, "done")])


WAY_BACK = {
    "typing-who": "back",
    "choosing": "leave",
    "confirming": "back",
    "confirming-plain": "back",
    "searching": "back",
    "leaving": "back",
    "maintaining": "leave",
    "maintaining-state": "leave",
    "maintaining-log": "leave",
    "maintaining-touch": "leave",
    "typing": "back",
    "typing-wrong": "back",
    "typing-wrong-again": "back",
}


@pytest.mark.ux("NV1", "CI6")
def test_somebody_is_called_by_keypad_and_ear_alone(ears: Ears) -> None:
    """In the middle of choosing; the page is the same afterwards."""
    ears._show(screen=Choosing(), help=HelpCall(), asks_help=False)
    ears.press("down")
    ears.find("Ayuda. Botón.")
    heard = ears.press("select")
    assert any("¿Necesita ayuda?" in sentence for sentence in heard), heard
    ears.find("Llamar a alguien")
    heard = ears.press("select")
    assert any("Hemos avisado a la oficina" in sentence for sentence in heard), heard
    asked = ears.kiosk.help.asked
    heard = ears._hear(lambda: ears.act(ev.HelpAnswered(asked, "coming")))
    assert any("Ya viene alguien" in sentence for sentence in heard), heard
    ears.press("back")
    assert ears.kiosk.screen == Choosing()
    assert not ears.kiosk.asks_help


@pytest.mark.ux("NV1")
def test_one_of_many_services_is_found_by_ear(ears: Ears) -> None:
    """A walk-in among 36 services by its group, and one by a word that is typed: the keypad alone."""
    usual = ears.kiosk
    ears._show(catalogue=CITY)
    ears.press("down")
    ears.find("Elegir un servicio")
    ears.press("select")
    ears.find("Ayudas y cuidados")
    assert "Ayudas y cuidados" in ears.press("select")[0]
    ears.find("Dependencia")
    assert "Informe del médico" in ears.press("select")
    ears.press("back")
    assert isinstance(ears.kiosk.screen, Choosing)
    ears.press("back")
    ears.find("Buscar por nombre")
    ears.press("select")
    ways: list[tuple[str, Function]] = [("G", "down"), ("R", "up"), ("U", "down"), ("A", "down")]
    heard: list[str] = []
    for letter, key in ways:
        ears.find(f"{letter}. Botón.", key)
        QTest.qWait(520)
        heard += ears.press("select")
    assert "1 trámite encontrado" in heard
    ears.find("Coche retirado")
    assert "Permiso de circulación del coche" in ears.press("select")
    ears.find("Sacar turno")
    ears.press("select")
    assert isinstance(ears.kiosk.screen, ShowingTicket)
    assert ears.kiosk.screen.ticket.service == "towed"
    ears._show(catalogue=usual.catalogue)


@pytest.mark.ux("NV1")
def test_a_booking_for_another_time_by_keypad_and_ear_alone(ears: Ears) -> None:
    """Who comes too late to be served leaves with a time and a code, told to headphones alone."""
    usual = ears.kiosk
    assert usual.view is not None
    slot_ms = NINE_MS + 26 * 3_600_000
    state = ServiceState(9, 90, (80, 100), NINE_MS + 3_600_000, (slot_ms,))
    full = msgspec.structs.replace(usual.view, services={**usual.view.services, "taxes": state})
    ears._show(view=full, screen=Choosing())
    ears.plug(inserted=True)
    ears.find("Impuestos y tasas")
    assert "No quedan turnos para este trámite ahora" in ears.press("select")
    ears.find("Pedir cita para otra hora")
    assert "¿Cuándo quiere venir?" in ears.press("select")
    ears.find("Jueves 08/01")
    heard = ears.press("select")
    assert "Tiene cita" in heard
    assert "Código: A, 7, K, 2, M, 9, Q, X" in heard
    ears._show(view=usual.view, screen=Attract())


@pytest.mark.ux("NV10", "CI7")
def test_a_document_number_is_neither_said_to_the_room_nor_written_under_the_page(ears: Ears) -> None:
    identify = Identify({"es": "Escriba su DNI"}, least=4, most=6)
    usual = ears.kiosk
    assert usual.catalogue is not None
    office = msgspec.structs.replace(usual.catalogue, identify=identify)
    ears.press("down")
    aloud = ears.show(catalogue=office, screen=Typing("4711", who=True))
    aloud += ears.press("down", "down", "down")
    assert "4 de 6" in aloud
    assert not [text for text in aloud if "4" in text and text != "4 de 6"]
    assert not [text for text in aloud if text[:1].isdigit() and text != "4 de 6"], "no key is named"
    ears.plug(inserted=True)
    captions: list[str] = []
    ears.model.heard.connect(lambda: captions.append(str(ears.model.caption)))
    private = ears.show(catalogue=office, screen=Typing("4712", who=True))
    assert "4, 7, 1, 2" in private
    assert "4 de 6" in captions
    assert "4, 7, 1, 2" not in captions
    ears._show(catalogue=usual.catalogue, screen=Attract())


def _buttons(page: Page) -> list[Node]:
    return [node for node in page.nodes if node.role != "text"]


@pytest.mark.ux("NV16")
def test_what_is_said_can_be_read(ears: Ears) -> None:
    captions = []
    ears.model.heard.connect(lambda: captions.append(str(ears.model.caption)))
    heard = ears.press("down") + ears.press("help")
    assert [caption for caption in dict.fromkeys(captions) if caption] == list(dict.fromkeys(heard))


@pytest.mark.ux("NV17")
def test_a_curtain_hides_the_screen_and_not_the_tree(ears: Ears) -> None:
    ears.press("down")
    before = [node.name for node in ears.guide.reader.read()]
    ears.find("Sin imagen")
    assert "Sin imagen. Está activado." in ears.press("select")
    picture = ears.stage.window.grabWindow()
    colours = {picture.pixel(x, y) for x in range(0, picture.width(), 40) for y in range(0, picture.height(), 40)}
    assert colours == {0xFF000000}
    assert [node.name for node in ears.guide.reader.read()] == before
    QTest.qWait(520)
    ears.press("select")
    assert ears.stage.window.grabWindow().pixel(540, 960) != 0xFF000000


@pytest.mark.ux("VO3", "NV4")
def test_the_next_citizen_begins_anew(ears: Ears) -> None:
    ears.press("down", "volume_up", "volume_up")
    ears.find("Elegir un servicio")
    louder = ears.heard()[-1].gain
    ears.press("select")
    assert isinstance(ears.kiosk.screen, Choosing)
    ears.press("back")
    assert isinstance(ears.kiosk.screen, Attract)
    assert not ears.guide.nav.on
    assert ears.guide.nav.level == ears.guide.nav.usual_level
    again = ears.press("down")
    assert again[0] == "Este quiosco le habla."
    assert ears.heard()[-1].gain < louder


@pytest.mark.ux("NV10")
def test_who_asks_to_go_earlier_is_not_told_to_the_room(ears: Ears) -> None:
    """Without headphones the reasons, which speak of health, and the choice stay unsaid."""
    usual = ears.kiosk
    ears._show(catalogue=CITY, screen=Confirming("fines"), speaks=True)
    ears.press("down")
    heard = ears.find("Necesito pasar antes")
    assert not any("Discapacidad" in text or "activado" in text for text in heard)
    ears.plug(inserted=True)
    heard = ears.find("Discapacidad")
    assert any("desactivado" in text for text in heard)
    ears.plug(inserted=False)
    ears._show(catalogue=usual.catalogue, screen=Attract())

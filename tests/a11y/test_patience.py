"""Volume, time, language and what is told of errors. UX, rows KP, VO, TI, LA, CI and RB."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from msgspec import structs
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest

from hwlib.audio.level import LOUDEST_DB, USUAL_DB, gain_of, steps_db
from hwlib.screen.window import application
from kiosk_app.core import audio_nav
from kiosk_app.core import events as ev
from kiosk_app.core.audio_nav import AudioNav, KeyPressed, Node, Page
from kiosk_app.core.flow import step
from kiosk_app.core.states import Attract, Choosing, Confirming, Kiosk, Mode, Paper, Problem, ShowingTicket, Typing
from kiosk_app.ui.audio_guide import _player
from officelib.assets import asset
from officelib.catalogue import Catalogue
from officelib.errors import KnownError
from officelib.texts import read_texts
from tests.a11y.ears import Ears
from tests.conftest import NINE_MS
from tests.visual.shown import LANGUAGES, SCREENS, TICKET, Shown, buttons, items, named, texts

GUIDE = read_texts(asset("i18n"), "guide", LANGUAGES)


@pytest.fixture(scope="module")
def shown(catalogue: Catalogue) -> Iterator[Shown]:
    application("test")
    one = Shown(catalogue)
    yield one
    one.close()


# --- keypad and volume


@pytest.mark.ux("KP1")
@pytest.mark.parametrize("key", ["help", "up", "down", "select", "back", "next", "volume_up", "volume_down", "unknown"])
def test_the_first_key_explains_the_keys_and_does_nothing(key: str) -> None:
    page = Page(
        "choosing", "es", (Node("service", "button", "Padrón"), Node("leave", "button", "Salir")), is_first=False
    )
    nav, effects = audio_nav.step(AudioNav(page=page), KeyPressed(key), 0, GUIDE)  # type: ignore[arg-type]
    assert nav.on
    assert [type(effect) for effect in effects] == [audio_nav.SwitchSpeech, audio_nav.Say]


@pytest.mark.ux("KP5")
def test_a_switch_says_how_it_is_before_and_after(ears: Ears) -> None:
    ears.press("down")
    assert ears.find("Letra grande") == ["Letra grande. Está desactivado."]
    assert "Letra grande. Está activado." in ears.press("select")


@pytest.mark.ux("VO1")
@pytest.mark.parametrize("name", ["attract", "choosing", "confirming", "ticket-printed", "problem-closed"])
def test_the_volume_changes_in_every_state_and_says_so(ears: Ears, name: str) -> None:
    ears.press("down")
    ears.show(screen=SCREENS[name])
    assert ears.press("volume_up") == ["Volumen 5 de 7."]
    before = ears.heard()[-1].gain
    assert ears.press("volume_down", "volume_down")[-1] == "Volumen 3 de 7."
    assert ears.heard()[-1].gain < before
    for _ in range(8):
        ears.press("volume_down")
    assert ears.heard()[-1].gain > 0, "the quietest can be heard"


@pytest.mark.ux("VO2", "VO3", "VO4")
@pytest.mark.parametrize("ambient_db", [30, 45, 52, 63])
@pytest.mark.parametrize("full_db", [73, 75, 84, 100])
def test_levels_rise_and_reach_what_the_room_needs(full_db: float, ambient_db: float) -> None:
    if min(full_db, LOUDEST_DB) < ambient_db + 20 and ambient_db > 45:
        with pytest.raises(ValueError, match="too few"):
            steps_db(full_db, ambient_db)
        return
    levels = steps_db(full_db, ambient_db)
    assert len(levels) >= 5
    assert list(levels) == sorted(set(levels))
    assert USUAL_DB in levels
    assert ambient_db <= 45 or levels[-1] >= min(ambient_db + 20, LOUDEST_DB)
    assert USUAL_DB <= 65 <= levels[-1] <= LOUDEST_DB
    gains = [gain_of(level, full_db) for level in levels]
    assert gains == sorted(gains)
    assert gains[-1] <= 1


# --- time


def waited(kiosk: Kiosk, *steps: tuple[ev.Event, int]) -> Kiosk:
    for event, at_ms in steps:
        kiosk, _ = step(kiosk, event, at_ms)
    return kiosk


@pytest.mark.ux("TI1")
def test_the_warning_is_seen_and_heard_and_any_key_answers_it(ears: Ears) -> None:
    ears.begin()
    assert isinstance(ears.kiosk.screen, Choosing)
    ears.clock.advance(120_000)
    heard = ears._hear(lambda: ears.act(ev.TimePassed()))
    assert "¿Sigue ahí?" in heard
    assert "¿Sigue ahí?" in [str(item.property("text")) for item in texts(ears.stage.window)]
    ears.pass_time(19_900)
    assert isinstance(ears.kiosk.screen, Choosing), "20 s to answer, from the end of the question"
    heard = ears.press("volume_up")
    assert not ears.kiosk.warning
    assert "Volumen 5 de 7." not in heard, "the answer is no other command"


@pytest.mark.ux("TI1")
def test_the_time_can_be_made_longer_ten_times_and_more(catalogue: Catalogue) -> None:
    kiosk = waited(Kiosk(catalogue=catalogue, enrolled=True, link_up=True), (ev.Started(), 0))
    now_ms = 0
    for _ in range(12):
        now_ms += kiosk.timings.idle_ms
        kiosk = waited(kiosk, (ev.TimePassed(), now_ms))
        assert kiosk.warning
        now_ms += kiosk.timings.warning_ms - 100
        kiosk = waited(kiosk, (ev.TimePassed(), now_ms), (ev.StillHere(), now_ms))
        assert isinstance(kiosk.screen, Choosing)
        assert not kiosk.warning


@pytest.mark.ux("TI2")
def test_who_listens_has_more_time_and_listening_is_not_idling(catalogue: Catalogue) -> None:
    kiosk = waited(Kiosk(catalogue=catalogue, enrolled=True, link_up=True), (ev.Started(), 0))
    assert kiosk.due_ms == 45_000
    kiosk = waited(kiosk, (ev.SpeechSwitched(on=True), 1_000))
    assert kiosk.due_ms == 121_000
    kiosk = waited(kiosk, (ev.Spoke(), 100_000))
    assert kiosk.due_ms == 220_000
    shown = replace(kiosk, screen=ShowingTicket(TICKET, Paper.PRINTED))
    assert waited(shown, (ev.Spoke(), 0)).due_ms == 120_000, "a ticket stays as long"


@pytest.mark.ux("TI3", "TI4")
def test_nothing_of_a_citizen_stays(ears: Ears) -> None:
    ears.plug(inserted=True)
    ears.act(ev.ModeSwitched(Mode.LARGE))
    ears.slot_ms = NINE_MS
    ears.find("Elegir un servicio")
    ears.press("select", "down", "select", "next", "select")
    assert isinstance(ears.kiosk.screen, ShowingTicket)
    ears.clock.advance(300_000)
    ears._hear(lambda: ears.act(ev.TimePassed()))
    ears.slot_ms = 0
    assert isinstance(ears.kiosk.screen, Attract)
    left = repr(replace(ears.kiosk, catalogue=None, view=None)) + repr(ears.guide.nav) + str(ears.model.caption)
    for trace in ("A042", "a, 42", "Empadronamiento", "register", "Mode.LARGE"):
        assert trace not in left
    assert ears.kiosk.modes == frozenset()
    ears.plug(inserted=False)


@pytest.mark.ux("TI3")
def test_a_citizen_who_comes_at_ones_heels_hears_nothing_of_the_visit_before(ears: Ears) -> None:
    ears.begin()
    ears.act(ev.BackPressed())
    ears.act(ev.Started())
    ears.listen()
    assert isinstance(ears.kiosk.screen, Choosing)
    assert not ears.guide.nav.on
    assert not ears.kiosk.speaks


@pytest.mark.ux("TI1", "TI3")
def test_figures_that_change_by_themselves_keep_no_visit_alive(ears: Ears) -> None:
    """A citizen who listened went away; the queues go on."""
    ears.press("down")
    ears.show(screen=Confirming("taxes"))
    view = ears.kiosk.view
    assert view is not None
    for minute in range(6):
        services = {name: structs.replace(state, waiting=20 + minute) for name, state in view.services.items()}
        ears._hear(lambda news=services: ears.act(ev.QueuesTold(structs.replace(view, services=news))))  # type: ignore[misc]
        ears.pass_time(60_000)
        ears.listen()
    assert isinstance(ears.kiosk.screen, Attract)


@pytest.mark.ux("TI3")
def test_the_curtain_goes_with_the_voice_and_with_a_touch(ears: Ears) -> None:
    ears.press("down")
    for end in (ev.SpeechSwitched(on=False), ev.ModeSwitched(Mode.CURTAIN)):
        ears.act(ev.ModeSwitched(Mode.CURTAIN))
        assert Mode.CURTAIN in ears.kiosk.modes
        ears.act(end)
        assert Mode.CURTAIN not in ears.kiosk.modes
    ears.act(ev.ModeSwitched(Mode.CURTAIN))
    ears.act(ev.SpeechSwitched(on=True))
    QTest.mouseClick(ears.stage.window, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    assert Mode.CURTAIN not in ears.kiosk.modes


@pytest.mark.ux("TI3", "NV10")
def test_no_sound_of_what_is_private_stays_on_the_disk(ears: Ears) -> None:
    ears.plug(inserted=True)
    ears.show(screen=ShowingTicket(replace(TICKET, slot_ms=NINE_MS), Paper.PRINTED))
    assert "Certificados y volantes" in [one.text for one in ears.heard()]
    cache = ears.config.speech_cache
    speech = ears.guide._narrator._speech
    assert list(cache.glob("*.wav"))
    for text in ("Certificados y volantes", "Cita a las 09:00"):
        assert not (cache / f"{speech._name(text, 'es')}.wav").exists()
    ears.plug(inserted=False)


@pytest.mark.ux("TI2", "TI3")
def test_headphones_that_were_left_behind_end_the_voice(ears: Ears) -> None:
    ears.plug(inserted=True)
    ears.clock.advance(audio_nav.REST_MS)
    ears.guide._handle(audio_nav.TimePassed())
    assert not ears.guide.nav.on
    assert not ears.kiosk.speaks
    ears.plug(inserted=False)


@pytest.mark.ux("NV9", "TO2")
def test_a_typed_code_is_not_read_to_the_room(ears: Ears) -> None:
    ears.press("down")
    ears.show(screen=Typing("K"))
    assert ears._hear(lambda: ears.act(ev.KeyTyped("7"))) == ["2 de 8"]
    ears.plug(inserted=True)
    assert ears._hear(lambda: ears.act(ev.KeyTyped("A"))) == ["K, 7, A"]
    ears.plug(inserted=False)


@pytest.mark.ux("NV10")
def test_one_device_for_both_is_refused(ears: Ears) -> None:
    config = replace(ears.config, sound="speaker", keypad="/dev/input/event9")
    with pytest.raises(KnownError, match="everybody would hear"):
        _player(config)
    assert _player(replace(config, jack_switches=True))
    assert _player(replace(config, headphones_device="hw:1"))
    assert _player(replace(config, keypad="")), "a kiosk without a keypad starts as before"


@pytest.mark.ux("TO5")
def test_a_double_tap_on_a_switch_is_one(ears: Ears) -> None:
    ears.stage.window.grabWindow()
    button = named(ears.stage.window, "mode-contrast")
    middle = button.mapRectToScene(button.boundingRect()).center().toPoint()
    for _ in range(2):
        QTest.mouseClick(ears.stage.window, Qt.MouseButton.LeftButton, pos=middle)
        QTest.qWait(150)
    assert ears.kiosk.modes == {Mode.CONTRAST}


# --- language


@pytest.mark.ux("LA1")
@pytest.mark.parametrize("name", SCREENS)
def test_every_page_offers_every_language_by_its_own_name(shown: Shown, name: str) -> None:
    shown.show(screen=SCREENS[name], modes=frozenset())
    assert named(shown.stage.window, "language")
    names = {b.property("text") for b in buttons(shown.stage.window) if b.objectName().startswith("language-")}
    assert names == {"Español", "Català", "English", "Français", "العربية"}


@pytest.mark.ux("LA4")
def test_every_text_is_in_every_language() -> None:
    for kind in ("kiosk", "guide", "speech", "ticket"):
        for language, texts_of in read_texts(asset("i18n"), kind, LANGUAGES).items():
            for key, entry in texts_of.entries.items():
                assert all(form.strip() for form in ([entry] if isinstance(entry, str) else entry.values())), (
                    language,
                    key,
                )


@pytest.mark.ux("LA5")
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_is_short(language: str) -> None:
    for key, entry in GUIDE[language].entries.items():
        for form in [entry] if isinstance(entry, str) else entry.values():
            for sentence in form.replace("?", ".").replace(":", ".").split("."):
                assert len(sentence.split()) <= 12, (key, sentence)


# --- check-in, errors, robustness


@pytest.mark.ux("CI6")
def test_each_problem_has_what_why_and_what_now_in_each_language() -> None:
    for texts_of in read_texts(asset("i18n"), "kiosk", LANGUAGES).values():
        for problem in Problem:
            for part in ("title", "cause", "next"):
                entry = texts_of.entries[f"{problem.value}_{part}"]
                assert isinstance(entry, str)
                assert not any(word.isupper() and len(word) > 3 for word in entry.split()), "no code as a headline"


@pytest.mark.ux("RB1")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_is_one_step(shown: Shown, language: str) -> None:
    """With a booking, the scanner or the code; without, one large button: nothing else to decide."""
    shown.show(screen=Attract(), language=language, modes=frozenset())
    shown.stage.window.grabWindow()
    page = [b for b in buttons(shown.stage.window) if not b.objectName().startswith(("language-", "mode-"))]
    assert sorted(b.objectName() for b in page) == ["help", "start", "type-code"]
    assert not shown.model.caption


@pytest.mark.ux("RB4")
def test_no_key_of_a_keyboard_leads_out(ears: Ears) -> None:
    """Somebody plugs a keyboard in, or leans on the scanner's."""
    window = ears.stage.window
    keys = [Qt.Key(code) for code in (*range(0x20, 0x60), *range(0x01000000, 0x01000064))]
    modifiers = [
        Qt.KeyboardModifier.NoModifier,
        Qt.KeyboardModifier.AltModifier,
        Qt.KeyboardModifier.ControlModifier,
        Qt.KeyboardModifier.MetaModifier,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier,
    ]
    chance = random.Random(4)
    for _ in range(600):
        key, modifier = chance.choice(keys), chance.choice(modifiers)
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QCoreApplication.sendEvent(window, QKeyEvent(kind, key, modifier))
        assert window.isVisible()
        assert str(ears.model.page) in ("attract", "choosing", "confirming", "issuing", "ticket", "problem")
    for button in (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
        for item in items(window):
            if item.objectName() == "start":
                QTest.mouseClick(window, button)
    ears._show(screen=Attract())


@pytest.mark.ux("CI7")
def test_nothing_that_identifies_a_person_has_a_place_on_the_ticket() -> None:
    """The ticket's facts hold a number, a service, times and counts: no field could carry a name."""
    fields = set(vars(TICKET))
    assert fields == {
        "seq",
        "label",
        "service",
        "language",
        "ahead",
        "wait_min",
        "spread_min",
        "slot_ms",
        "issued_ms",
        "copies",
        "code",
        "persons",
        "then",
    }

"""The screen in the waiting room, without a scanner: its code is in its file."""

import shutil
import time

from tests.image.journey import ANSWER_S, BOOT_S, Journey
from tests.image.reader import place_of, sound_in
from tests.image.vm import Vm, wait

WORDS_S = 2.0
SETTINGS = """roles = ["display"]
language = "es"
"""


def play(journey: Journey) -> None:
    notes = journey.notes
    notes.chapter("The call on the display")
    display = journey.machine("display", "display")
    display.sound = True
    enrolment = f'enrolment = "{journey.office.token("display").strip()}"\n'
    display.make(SETTINGS + enrolment, journey.keys_of_technician)
    display.start()
    words = journey.album.until_read(display, "6000 mm", "too-small", BOOT_S)
    notes.check("a panel that is too small for its room is told on it", ok=words)
    display.cut()
    display.put("antesala.toml", SETTINGS + enrolment + "panel_in = 43\n")
    began = time.monotonic()
    display.start()
    wait(lambda: journey.office.is_on_line("s1"), "the display to be on line", BOOT_S)
    notes.took("display switched on to on line", time.monotonic() - began)
    wait(lambda: is_active(display, "display"), "the display's first frame", BOOT_S)
    before, silence = journey.announced(), sound_in(display.heard)
    called = str(journey.office.clerk.do("call_next")["label"])
    words = journey.album.until_read(display, called, "call", ANSWER_S)
    notes.check("a call is read on the display", ok=place_of(words, called), detail=called)
    wait(lambda: journey.announced() > before, "the call to be announced", ANSWER_S)
    notes.check("and the display tells that it was said", ok=True)
    heard = sound_in(display.heard) - silence
    notes.check("chime and words come out of the loudspeaker", ok=heard > WORDS_S, detail=f"{heard:.1f} s")
    shutil.copy(display.heard, journey.out / "heard.wav")
    display.cut()


def is_active(machine: Vm, unit: str) -> bool:
    return machine.answers() and machine.run(f"systemctl is-active {unit}", ok=False).strip() == "active"

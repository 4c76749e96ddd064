"""A second panel on the display's machine: switched on after it, off, and on again, as televisions are."""

from tests.image.chapters.display import SETTINGS, is_active
from tests.image.journey import ANSWER_S, ATTRACT, BOOT_S, Journey
from tests.image.vm import Vm, wait

FIRST, SECOND = "Virtual-1", "Virtual-2"
TWO = """panel_in = 43
[display]
counters = ["2"]
[second_screen]
counters = ["1"]
width_px = 1024
height_px = 768
diagonal_in = 32
viewing_mm = 3000
"""


def play(journey: Journey) -> None:
    notes, album = journey.notes, journey.album
    notes.chapter("A second panel")
    display, at_two, at_one = journey.machines["display"], journey.office.clerk, journey.office.it
    for _ in range(2):
        journey.booked()
    display.panels = 2
    display.put("antesala.toml", SETTINGS + TWO)
    display.start()
    wait(lambda: journey.office.is_on_line("s1"), "the display to be on line", BOOT_S)
    wait(lambda: is_active(display, "display"), "the display's first frame", BOOT_S)
    gone = f"no panel on output {SECOND}"
    notes.took("a panel that is off: told on IT's page after", until_told(journey, "s1", gone))
    switch(display, SECOND, "on")
    until_told(journey, "s1", gone, is_wrong=False)
    seen = str(at_one.do("call_next")["label"])
    album.until_read(display, seen, "second", ANSWER_S, 1)
    switch(display, SECOND, "off")
    until_told(journey, "s1", gone)
    label = str(at_two.do("call_next")["label"])
    words = album.until_read(display, label, "first-alone", ANSWER_S)
    notes.check("the first panel shows its calls while the second is off", ok=words, detail=label)
    switch(display, SECOND, "on")
    words = album.until_read(display, seen, "second-again", ANSWER_S, 1)
    notes.check("the second shows its own once it is on again", ok=words, detail=seen)
    notes.check("and the first still its own", ok=album.until_read(display, label, "first", ANSWER_S), detail=label)
    display.cut()
    display.panels = 1
    kiosk = journey.kiosk
    switch(kiosk, FIRST, "off")
    notes.took("the kiosk's only panel is off: told after", until_told(journey, "k1", "no panel;"))
    switch(kiosk, FIRST, "on")
    until_told(journey, "k1", "no panel;", is_wrong=False)
    notes.check("and its page is there again", ok=album.until_read(kiosk, ATTRACT, "panel-again", ANSWER_S))


def switch(machine: Vm, output: str, state: str) -> None:
    """A panel, on or off, as its socket tells the kernel."""
    machine.run(f"echo {state} > $(ls -d /sys/class/drm/card*-{output})/status")


def until_told(journey: Journey, device: str, what: str, *, is_wrong: bool = True) -> float:
    """Until IT's page of a device says that something is wrong, or no longer; returns after how many seconds."""
    page = f"fleet/{device}"
    return wait(lambda: (what in journey.office.it.get(page).decode()) is is_wrong, f"{device}: {what}", ANSWER_S)

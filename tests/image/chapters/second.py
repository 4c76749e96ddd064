"""A second panel on the display's machine: switched on after it, off, and on again, as televisions are."""

from tests.image.chapters.display import SETTINGS, is_active
from tests.image.journey import ANSWER_S, BOOT_S, Journey
from tests.image.vm import Vm, wait

SECOND = """panel_in = 43
[second_screen]
width_px = 1024
height_px = 768
diagonal_in = 32
viewing_mm = 3000
"""
GONE = "no panel on output Virtual-2"


def play(journey: Journey) -> None:
    notes, album = journey.notes, journey.album
    notes.chapter("A second panel")
    display, clerk = journey.machines["display"], journey.office.clerk
    labels = [journey.booked() for _ in range(2)]
    display.panels = 2
    display.put("antesala.toml", SETTINGS + SECOND)
    display.start()
    wait(lambda: journey.office.is_on_line("s1"), "the display to be on line", BOOT_S)
    wait(lambda: is_active(display, "display"), "the display's first frame", BOOT_S)

    def is_told() -> bool:
        return GONE in journey.office.it.get("fleet/s1").decode()

    notes.took("a panel that is off: told on IT's page after", wait(is_told, "the panel to be told", ANSWER_S))
    switch(display, "on")
    wait(lambda: not is_told(), "the panel to be told as back", ANSWER_S)
    first = str(clerk.do("call_next")["label"])
    for panel in (0, 1):
        album.until_read(display, first, f"panel-{panel}", ANSWER_S, panel)
    notes.check("a call is read on both panels", ok=True, detail=first)
    switch(display, "off")
    wait(is_told, "the panel to be told as gone", ANSWER_S)
    second = str(clerk.do("call_next")["label"])
    album.until_read(display, second, "without-the-second", ANSWER_S)
    notes.check("the first panel shows the next call, the second being off", ok=second in labels, detail=second)
    switch(display, "on")
    album.until_read(display, second, "the-second-again", ANSWER_S, 1)
    album.until_read(display, second, "and-the-first", ANSWER_S)
    notes.check(
        "and once it is on again, both do", ok=not display.run("systemctl --failed --plain --no-legend").strip()
    )
    display.cut()
    display.panels = 1


def switch(display: Vm, state: str) -> None:
    """The second panel, on or off, as its socket tells the kernel."""
    display.run(f"echo {state} > $(ls -d /sys/class/drm/card*-Virtual-2)/status")

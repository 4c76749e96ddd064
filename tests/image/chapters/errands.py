"""The same from IT's page, without a way in."""

import io
import time

from PIL import Image

from bench.office.errands import ask
from tests.image.journey import ANSWER_S, ATTRACT, BOOT_S, PANELS, Journey
from tests.image.reader import place_of, words_in
from tests.image.vm import wait


def play(journey: Journey) -> None:
    notes = journey.notes
    notes.chapter("What IT asks from its page")
    kiosk, office = journey.kiosk, journey.office.it
    lines = ask(office, "k1", "log", ANSWER_S).text
    notes.check("the log's last lines come", ok="kiosk-app" in lines, detail=len(lines.splitlines()))
    shown = ask(office, "k1", "picture", ANSWER_S).picture
    picture = Image.open(io.BytesIO(shown)).resize(PANELS["kiosk"])
    picture.save(journey.out / "from-it.png")
    words = words_in(picture, kiosk.folder)
    notes.check("a picture of its screen, which can be read", ok=place_of(words, ATTRACT))
    notes.check("its name is shown", ok=ask(office, "k1", "identify", ANSWER_S).is_done)
    printed = len(journey.office.printed())
    notes.check("a test is printed", ok=ask(office, "k1", "test_print", ANSWER_S).is_done)
    notes.check("on paper", ok=len(journey.office.printed()) == printed + 1)
    max((journey.office.out / "tickets").glob("*.png")).unlink()  # it is no ticket, and is not compared with them
    for kind in ("restart", "reboot"):
        began = time.monotonic()
        done = ask(office, "k1", kind, BOOT_S)
        notes.check(f"{kind}: done, and told", ok=done.is_done, detail=done.text)
        notes.took(f"{kind}: asked to told", time.monotonic() - began)
        journey.album.until_read(kiosk, ATTRACT, f"after-{kind}", ANSWER_S)
    wait(kiosk.answers, "the kiosk to answer", BOOT_S)

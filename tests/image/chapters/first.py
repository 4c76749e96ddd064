"""A technician with a card, a scanner and a code."""

import time

from tests.image.journey import ANSWER_S, BOOT_S, KIOSK, Journey
from tests.image.vm import wait

WRONG = KIOSK.replace('language = "es"', 'langage = "es"\nrotate = 45')


def play(journey: Journey) -> None:
    notes = journey.notes
    notes.chapter("From the card to the ticket")
    kiosk = journey.machine("kiosk", "kiosk", journey.office.printer_port)
    kiosk.make(WRONG, journey.keys_of_technician)
    kiosk.start()
    words = journey.album.until_read(kiosk, "antesala.toml", "mistakes", BOOT_S)
    text = " ".join(word.text for word in words)
    notes.check("a mistake is shown with its line", ok="langage" in text and "line 2" in text)
    kiosk.cut()
    kiosk.put("antesala.toml", KIOSK)
    began = time.monotonic()
    kiosk.start()
    journey.album.until_read(kiosk, "codigo de alta", "enrolment", BOOT_S)
    notes.took("switched on to the page that asks for the code", time.monotonic() - began)
    shown = time.monotonic()
    journey.let_in(kiosk, journey.office.token("kiosk").strip())
    notes.took("code shown to the first page", time.monotonic() - shown)
    wait(journey.is_on_line, "the kiosk to be on line", ANSWER_S)
    notes.check("the hub sees the kiosk", ok=True)
    wait(journey.is_ready, "the kiosk's scanner and printer", ANSWER_S)
    label = journey.booked()
    notes.took("switched on to the first ticket", time.monotonic() - began)
    notes.check("a booking that is scanned gives a ticket", ok=label, detail=label)
    label = journey.walked_in()
    notes.check("a service that is touched gives a ticket", ok=label, detail=label)

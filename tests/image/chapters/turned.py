"""A panel that hangs on its side, and the touch panel that is part of it."""

import time

from tests.image.journey import ANSWER_S, ATTRACT, BOOT_S, KIOSK, Journey
from tests.image.reader import place_of
from tests.image.vm import wait

TURNED = "rotate = 90\n" + KIOSK


def play(journey: Journey) -> None:
    notes = journey.notes
    notes.chapter("A panel that hangs on its side")
    kiosk = journey.kiosk
    upright_px = kiosk.panel_px
    kiosk.shut_down()
    kiosk.put("antesala.toml", TURNED)
    kiosk.panel_px, kiosk.turned = (upright_px[1], upright_px[0]), 90
    began = time.monotonic()
    kiosk.start()
    words = journey.album.until_read(kiosk, ATTRACT, "turned", BOOT_S)
    notes.took("switched on to the first page, upright", time.monotonic() - began)
    wait(kiosk.answers, "the kiosk to answer", BOOT_S)
    at = place_of(journey.album.until_read(kiosk, "Elegir un servicio", "turned", ANSWER_S), "Elegir un servicio")
    assert at is not None
    kiosk.press_panel(*at)
    words = journey.album.until_read(kiosk, "Empadronamiento", "turned-touched", ANSWER_S)
    notes.check("a finger meets what stands under it", ok=words)
    kiosk.shut_down()
    kiosk.put("antesala.toml", KIOSK)
    kiosk.panel_px, kiosk.turned = upright_px, 0
    kiosk.start()
    journey.album.until_read(kiosk, ATTRACT, "upright-again", BOOT_S)

"""A file on the card, and the machine forgets."""

import re

from tests.image.journey import ANSWER_S, BOOT_S, Journey
from tests.image.vm import Vm, wait


def play(journey: Journey) -> None:
    notes = journey.notes
    notes.chapter("Factory reset")
    kiosk = journey.kiosk
    wait(lambda: outbox(kiosk) == 0, "the outbox to be empty", ANSWER_S)
    kiosk.shut_down()
    kiosk.put("factory-reset", "")
    kiosk.start()
    journey.album.until_read(kiosk, "codigo de alta", "reset", 2 * BOOT_S)
    left = kiosk.run("find /var/lib/antesala -name '*.db' -o -name admission.json")
    notes.check("nothing that it kept is left", ok=not left.strip(), detail=left.strip())
    kiosk.shut_down()
    notes.check("the file is gone, too", ok="factory-reset" not in kiosk.names("/"))


def outbox(kiosk: Vm) -> int:
    """So many of its events the hub has not confirmed."""
    found = re.search(r"outbox +(\d+)", kiosk.run("antesalactl status", ok=False))
    return int(found[1]) if found else -1

"""The plug is pulled while tickets are made."""

import time

from officelib import events as e
from tests.image.journey import ATTRACT, BOOT_S, Journey
from tests.image.vm import wait

TICKET_S = (2.0, 10.0)
"""After a scan: before that nothing has come of it in a busy emulator, and after it the paper is there."""


def play(journey: Journey) -> None:
    notes = journey.notes
    notes.chapter(f"The plug pulled {journey.cuts} times")
    kiosk, boots, before = journey.kiosk, [], len(journey.log())
    for _ in range(journey.cuts):
        journey.scan_booking()
        time.sleep(journey.chance.uniform(*TICKET_S))
        kiosk.cut()
        began = time.monotonic()
        kiosk.start()
        journey.album.until_read(kiosk, ATTRACT, "after-cut", BOOT_S)
        boots.append(time.monotonic() - began)
        wait(journey.is_ready, "the kiosk to be on line, with printer and scanner", BOOT_S)
    notes.took("switched on to the first page, the longest", max(boots))
    notes.took("switched on to the first page, the shortest", min(boots))
    begun = {entry.body.ticket for entry in journey.log()[before:] if isinstance(entry.body, e.TicketNumbered)}
    notes.check("a ticket had been begun at half of them", ok=len(begun) >= journey.cuts / 2, detail=f"{len(begun)}")
    label = journey.booked()
    notes.check("it starts and gives tickets after each", ok=label, detail=f"{journey.cuts} cuts, then {label}")
    checked = kiosk.run("journalctl -b -o cat -k | grep -c 'EXT4-fs error' || true").strip()
    notes.check("the file system of the data is whole", ok=checked == "0", detail=checked)
    damaged = kiosk.run("ls /var/lib/antesala/kiosk | grep -c damaged || true").strip()
    notes.check("no journal was damaged", ok=damaged == "0", detail=damaged)

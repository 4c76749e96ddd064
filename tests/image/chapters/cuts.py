"""The plug is pulled while tickets are made."""

import time

from tests.image.journey import ANSWER_S, ATTRACT, BOOT_S, Journey
from tests.image.vm import wait


def play(journey: Journey) -> None:
    notes = journey.notes
    notes.chapter(f"The plug pulled {journey.cuts} times")
    kiosk, boots = journey.kiosk, []
    for _ in range(journey.cuts):
        journey.scan_booking()
        time.sleep(journey.chance.uniform(0.0, 6.0))
        kiosk.cut()
        began = time.monotonic()
        kiosk.start()
        journey.album.until_read(kiosk, ATTRACT, "after-cut", BOOT_S)
        boots.append(time.monotonic() - began)
        wait(journey.is_on_line, "the kiosk to be on line", ANSWER_S)
    notes.took("switched on to the first page, the longest", max(boots))
    notes.took("switched on to the first page, the shortest", min(boots))
    label = journey.booked()
    notes.check("it starts and gives tickets after each", ok=label, detail=f"{journey.cuts} cuts, then {label}")
    checked = kiosk.run("journalctl -b -o cat -k | grep -c 'EXT4-fs error' || true").strip()
    notes.check("the file system of the data is whole", ok=checked == "0", detail=checked)
    damaged = kiosk.run("ls /var/lib/antesala/kiosk | grep -c damaged || true").strip()
    notes.check("no journal was damaged", ok=damaged == "0", detail=damaged)

"""From slot a to slot b."""

import time

from bench.office.errands import answer
from tests.image.journey import ATTRACT, BOOT_S, Journey
from tests.image.vm import wait


def play(journey: Journey) -> None:
    notes = journey.notes
    notes.chapter("An update")
    kiosk = journey.kiosk
    kept = kiosk.run("cat /etc/machine-id; ls /var/lib/antesala/kiosk | grep -v fetched")
    name = f"antesala-{journey.board}.raucb"
    (journey.office.run / "updates" / name).symlink_to(journey.images / name)
    began, office = time.monotonic(), journey.office.it
    wait(lambda: b'value="1" checked> k1' in office.get("fleet/update"), "the kiosk to be listed", 90)
    office.post("fleet/update", **{"file": name, "device.k1": "1", "how": "stages"})
    done = answer(office, "k1", "install", 1800)
    notes.check("an update that IT chose is fetched, installed, started and well", ok=done.is_done, detail=done)
    notes.took("chosen on IT's page to well", time.monotonic() - began)
    journey.album.until_read(kiosk, ATTRACT, "updated", BOOT_S)
    wait(kiosk.answers, "the kiosk to answer", BOOT_S)
    notes.check("it runs from the other slot", ok="rauc.slot=b" in kiosk.run("cat /proc/cmdline"))
    loader = kiosk.run("ls /boot/firmware/loader/entries; cat /boot/firmware/slots.txt", ok=False).split()
    notes.check("that slot is good", ok={"antesala-b.conf", "b_tries=good"} & set(loader), detail=loader)
    notes.check(
        "what it kept is untouched",
        ok=kept == kiosk.run("cat /etc/machine-id; ls /var/lib/antesala/kiosk | grep -v fetched"),
    )
    label = journey.booked()
    notes.check("and a ticket comes", ok=label, detail=label)

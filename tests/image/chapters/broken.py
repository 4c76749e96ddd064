"""Updates that must not stay."""

import time
from pathlib import Path

from tests.image import updates
from tests.image.journey import ATTRACT, Journey
from tests.image.vm import wait


def play(journey: Journey) -> None:
    notes = journey.notes
    notes.chapter("Updates that are wrong")
    kiosk = journey.kiosk
    slot = journey.slot()
    foreign = updates.make(journey.board, journey.images, journey.folder, "foreign", journey.folder / "others")
    refused = install(journey, foreign, "", ok=False)
    notes.check(
        "an update that others signed is refused",
        ok="signature" in refused.lower() or "certificate" in refused.lower(),
        detail=refused.strip().splitlines()[-1:],
    )
    for name, spoil in (("no-init", updates.without_init), ("no-screen", updates.without_screen)):
        bundle = updates.make(journey.board, journey.images, journey.folder, name, journey.keys, spoil)
        install(journey, bundle, f"an update with {name}")
        bundle.unlink()
        began = time.monotonic()
        journey.reboot()
        wait(lambda: not journey.is_on_line(), "the kiosk to be away", 120)
        wait(journey.is_on_line, "the kiosk to be back", 2400, 5)
        journey.album.until_read(kiosk, ATTRACT, f"back-from-{name}", 2400)  # a bridge may be on line before
        notes.took(f"{name}: back at the first page of the system before", time.monotonic() - began)
        notes.check(f"{name}: it runs from the slot before", ok=journey.slot() == slot)
    label = journey.booked()
    notes.check("and a ticket comes", ok=label, detail=label)


def install(journey: Journey, bundle: Path, what: str, *, ok: bool = True) -> str:
    """Copy an update there and install it."""
    kiosk = journey.kiosk
    kiosk.run("cat > /data/update.raucb", source=bundle, limit_s=900)
    copied = time.monotonic()
    said = kiosk.run("rauc install /data/update.raucb 2>&1; rm /data/update.raucb", ok=ok, limit_s=1800)
    if what:
        journey.notes.check(f"{what} is installed", ok="succeeded" in said, detail=said.strip().splitlines()[-1:])
        journey.notes.took(f"installing {what}, {bundle.stat().st_size >> 20} MiB", time.monotonic() - copied)
    return said

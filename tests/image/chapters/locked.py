"""What nobody may be able to do."""

import time

from tests.image.journey import ANSWER_S, ATTRACT, Journey
from tests.image.vm import Vm


def play(journey: Journey) -> None:
    notes = journey.notes
    notes.chapter("Locked")
    kiosk = journey.kiosk
    users = kiosk.run("ps -eo user,comm").split("\n")
    notes.check("no getty runs", ok=not [one for one in users if "agetty" in one or "login" in one.split()[-1:]])
    listens = {line.split()[3].rpartition(":")[2] for line in kiosk.run("ss -Hlnt").splitlines()}
    notes.check("TCP listens for SSH and local names alone", ok=listens <= {"22", "53"}, detail=sorted(listens))
    written = kiosk.run("touch /usr/x 2>&1; touch /x 2>&1; true")
    notes.check("the root cannot be written", ok=written.count("Read-only") == 2)
    failed = kiosk.run("systemctl --failed --no-legend --plain").strip()
    notes.check("no unit failed", ok=not failed, detail=failed)
    before = len(kiosk.run("ls /sys/class/block").split())
    kiosk.ask("device_add", driver="usb-storage", id="stick", bus="xhci.0", drive=stick(kiosk))
    time.sleep(15)
    after = len(kiosk.run("ls /sys/class/block").split())
    notes.check("a USB stick that is plugged in is no disk", ok=before == after, detail=f"{before}, {after}")
    kiosk.ask("device_del", id="stick")
    inside = kiosk.run("nsenter -t $(systemctl show -p MainPID --value kiosk) -n ip -o link").splitlines()
    notes.check("the screen has no network but its own loop", ok=len(inside) == 1 and "lo:" in inside[0])
    for keys in (["ctrl", "alt", "f2"], ["ctrl", "alt", "delete"], ["alt", "f4"], ["meta_l", "ret"]):
        kiosk.ask("send-key", keys=[{"type": "qcode", "data": key} for key in keys])
        time.sleep(2)
    words = journey.album.until_read(kiosk, ATTRACT, "after-keys", ANSWER_S)
    notes.check("no key leads away from the first page", ok=words)


def stick(kiosk: Vm) -> str:
    """What a memory stick holds; its name for QEMU."""
    path = kiosk.folder / "stick.img"
    path.write_bytes(b"\0" * (8 << 20))
    kiosk.ask("blockdev-add", driver="file", **{"node-name": "stickfile", "filename": str(path)})
    return "stickfile"

"""The Raspberry Pi's boot script in U-Boot itself: which slot it starts, and how it counts.

A kernel of ours is in the place of Linux: it writes its slot's letter and switches the machine off.
"""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from appliance import counted
from appliance.slot import Slot
from imagebuild.disk import PI

from tests.image.vm import UBOOT

pytestmark = pytest.mark.skipif(
    not (shutil.which("qemu-system-aarch64") and shutil.which("mkimage") and UBOOT.exists()),
    reason="make image-tools installs U-Boot and the emulator",
)
UART = 0x0900
"""Of QEMU's machine virt, in units of 64 KiB."""
SYSTEM_OFF = 0x8400_0008
"""ARM DEN 0022, Power State Coordination Interface."""


def kernel(letter: str) -> bytes:
    """An arm64 Image (Linux, Documentation/arch/arm64/booting) that writes a letter and switches off."""
    code = (
        0x52800000 | ord(letter) << 5,  # mov w0, #letter
        0xD2A00001 | UART << 5,  # movz x1, #UART, lsl #16
        0xB9000020,  # str w0, [x1]
        0x52800000 | (SYSTEM_OFF & 0xFFFF) << 5,  # movz w0, #low
        0x72A00000 | (SYSTEM_OFF >> 16) << 5,  # movk w0, #high, lsl #16
        0xD4000002,  # hvc #0
        0x14000000,  # b .
    )
    head = struct.pack("<IIQQQQQQ4sI", 0x14000010, 0, 0, 0x1000, 0xA, 0, 0, 0, b"ARM\x64", 0)
    return head + struct.pack(f"<{len(code)}I", *code)


def started(folder: Path, slots: str, *, broken: str = "") -> tuple[str, str]:
    """Switch a machine on whose card says `slots`, with one slot's kernel `broken`; returns slot and text then."""
    fat = folder / "fat.img"
    files = {"slots.txt": slots.encode()}
    for name in ("a", "b"):
        files[f"{name}/entry"] = f"bootargs=rauc.slot={name}\n".encode()
        files[f"{name}/vmlinuz"] = b"" if name == broken else kernel(name)
        files[f"{name}/initrd.img"] = bytes(512)
    subprocess.run(
        ["mkimage", "-A", "arm64", "-T", "script", "-C", "none", "-d", str(PI / "boot.cmd"), str(folder / "boot.scr")],
        check=True,
        capture_output=True,
    )
    files["boot.scr"] = (folder / "boot.scr").read_bytes()
    disk = folder / "disk.img"
    with disk.open("wb") as file:
        file.truncate(66 << 20)
    table = "label: gpt\nstart=1MiB, size=64MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B\n"
    subprocess.run(["sfdisk", "--quiet", disk], input=table.encode(), check=True)
    subprocess.run(["mkfs.vfat", "-F", "32", "-C", fat, str(64 << 10)], check=True, capture_output=True)
    for name, content in files.items():
        (folder / "one").write_bytes(content)
        if name.endswith("/entry"):
            subprocess.run(["mmd", "-i", fat, f"::{name[0]}"], check=True)
        subprocess.run(["mcopy", "-i", fat, folder / "one", f"::{name}"], check=True)
    with disk.open("r+b") as target:
        target.seek(1 << 20)
        target.write(fat.read_bytes())
    fat.unlink()
    done = subprocess.run(
        ["qemu-system-aarch64", "-machine", "virt", "-cpu", "cortex-a72", "-m", "512", "-bios", str(UBOOT)]
        + ["-nographic", "-no-reboot", "-nic", "none", "-drive", f"if=virtio,format=raw,file={disk}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=100,
        check=False,
    )
    said = done.stdout.decode(errors="replace")
    _, starts, after = said.rpartition("Starting kernel ...")
    assert starts, said
    back = subprocess.run(["mtype", "-i", f"{disk}@@1M", "::slots.txt"], capture_output=True, check=True)
    return after.strip(), back.stdout.decode()


def text(**tries: int | None) -> str:
    return counted.text_of({name: Slot(name, left, at) for at, (name, left) in enumerate(tries.items())})


def tries(said: str, folder: Path) -> dict[str, int | None]:
    (folder / counted.FILE).write_text(said)
    return {name: slot.tries for name, slot in counted.read(folder).items()}


def test_a_new_slot_is_counted_down_and_gives_way(tmp_path: Path) -> None:
    said, slots = text(a=None, b=2), []
    for _ in range(4):
        slot, said = started(tmp_path, said)
        slots.append(slot)
    assert slots == ["b", "b", "a", "a"]
    assert tries(said, tmp_path) == {"a": None, "b": 0}


def test_a_good_slot_is_started_as_it_is(tmp_path: Path) -> None:
    said = text(a=None, b=None)
    assert started(tmp_path, said) == ("b", said)


def test_a_slot_without_a_kernel_gives_way_at_once(tmp_path: Path) -> None:
    assert started(tmp_path, text(a=None, b=3), broken="b")[0] == "a"


def test_a_spoiled_count_starts_the_first_slot(tmp_path: Path) -> None:
    assert started(tmp_path, "")[0] == "a"

"""A whole disk from its parts, without a loop device: equal bytes for equal parts."""

import os
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path

from appliance import counted
from appliance.settings import OWN_MOST_MB
from appliance.slot import Slot

from imagebuild.board import HERE, MIB, Build
from imagebuild.shell import run
from officelib.errors import KnownError

NAMES = uuid.UUID("5d0b5b0c-6a43-4d0c-9d3a-2f6f6f1a2c11")
"""What the disk's identifiers are made from: the same for every build, so that two builds are the same."""
ESP, LINUX = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "0FC63DAF-8483-4772-8E79-3D69D8477DE4"
ROOT = {"amd64": "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709", "arm64": "B921B045-1DF0-41C3-AF44-4C6F280D3FAE"}
"""Types of partitions: of the discoverable partitions specification, and plain Linux for the data."""
FIRST_MIB, DATA_MIB, TAIL_MIB = 1, 16, 1
PI = HERE / "pi"
ENV_BYTES = "0x4000"
"""Of U-Boot for the Raspberry Pi, CONFIG_ENV_SIZE."""
YOUNGER_BCM2712, MAKERS_NAME = "bcm2712-d-rpi-5-b.dtb", "bcm2712d0-rpi-5-b.dtb"
"""The tree of boards with stepping D0: its name in Linux, and in the maker's own kernel, by which firmware asks."""
FAT_LABEL, FAT_SERIAL = "ANTESALA", "A17E5A1A"


def make(build: Build, files: dict[str, Path], image: Path, log: Path) -> None:
    """Write the image that is flashed.

    Args:
        build: Its root must have been squashed.
        files: What is on the FAT partition, by path there.
        image: The file to write.
        log: Takes what the tools say.

    Raises:
        KnownError: the root does not fit its slot, an update would not fit the FAT partition, or a tool failed.
    """
    board = build.board
    _look_at_sizes(build, files)
    parts = [
        (FAT_LABEL.lower(), ESP, board.boot_mb),
        ("antesala-a", ROOT[board.architecture], board.root_mb),
        ("antesala-b", ROOT[board.architecture], board.root_mb),
        ("antesala-data", LINUX, DATA_MIB),
    ]
    image.unlink(missing_ok=True)
    size_mib = FIRST_MIB + sum(part[2] for part in parts) + TAIL_MIB
    with image.open("wb") as file:
        file.truncate(size_mib * MIB)
    table = image.with_suffix(".sfdisk")
    table.write_text(_table(build, parts))
    run(["sh", "-c", 'sfdisk --quiet "$1" < "$2"', "sfdisk", image, table], log, "partitioning the image")
    fat = image.with_suffix(".fat")
    _fat(build, files, fat, log)
    _put(fat, image, FIRST_MIB)
    _put(build.squashfs, image, FIRST_MIB + board.boot_mb)
    fat.unlink()
    table.unlink()


def _look_at_sizes(build: Build, files: dict[str, Path]) -> None:
    board, where = build.board, f"boards/{build.name}.toml"
    root_mib = build.squashfs.stat().st_size >> 20
    if root_mib >= board.root_mb:
        raise KnownError(
            f"the root has {root_mib} MiB, its slot {board.root_mb}",
            where=where,
            mend="Take packages away, or make 'root_mb' greater: machines in the field keep the old size.",
        )
    sizes = {name: path.stat().st_size for name, path in files.items()}
    kernel = sum(size for name, size in sizes.items() if name.startswith("a/"))
    needed_mib = ((sum(sizes.values()) + 2 * kernel) >> 20) + OWN_MOST_MB
    if needed_mib >= board.boot_mb:
        raise KnownError(
            f"kernels of both slots, one that is being written and {OWN_MOST_MB} MiB of the office's own need"
            f" {needed_mib} MiB, the FAT partition has {board.boot_mb}",
            where=where,
            mend="Make 'boot_mb' greater: machines in the field keep the old size.",
        )


def _table(build: Build, parts: Iterable[tuple[str, str, int]]) -> str:
    lines = ["label: gpt", f"label-id: {uuid.uuid5(NAMES, build.name)}"]
    start_mib = FIRST_MIB
    for name, kind, size_mib in parts:
        own = uuid.uuid5(NAMES, f"{build.name}/{name}")
        lines.append(f"start={start_mib}MiB, size={size_mib}MiB, type={kind}, uuid={own}, name={name}")
        start_mib += size_mib
    return "\n".join(lines) + "\n"


def _fat(build: Build, files: dict[str, Path], fat: Path, log: Path) -> None:
    tree = fat.with_suffix(".tree")
    shutil.rmtree(tree, ignore_errors=True)
    for where, source in files.items():
        (tree / where).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, tree / where)
    for path in sorted(tree.rglob("*"), reverse=True):
        os.utime(path, (build.epoch_s, build.epoch_s))
    fat.unlink(missing_ok=True)
    fixed = {"SOURCE_DATE_EPOCH": str(build.epoch_s), "MTOOLS_SKIP_CHECK": "1"}
    size = str(build.board.boot_mb * 1024)
    run(
        ["mkfs.vfat", "--invariant", "-F", "32", "-n", FAT_LABEL, "-i", FAT_SERIAL, "-C", fat, size],
        log,
        "making the FAT partition",
        fixed,
    )
    for path in sorted(tree.iterdir()):
        run(["mcopy", "-s", "-m", "-i", fat, path, "::"], log, "filling the FAT partition", fixed)
    shutil.rmtree(tree)


def _put(part: Path, image: Path, at_mib: int) -> None:
    """Copy a file to a place in the image; runs of zeros stay holes."""
    with part.open("rb") as source, image.open("r+b") as target:
        target.seek(at_mib * MIB)
        while block := source.read(MIB):
            if block.strip(b"\0"):
                target.write(block)
            else:
                target.seek(len(block), os.SEEK_CUR)


def loaders_files(build: Build, log: Path) -> dict[str, Path]:
    """What starts the machine, and the first slot's kernel: files of the FAT partition.

    Raises:
        KnownError: a tool failed.
    """
    entry = build.out / "entry"
    entry.write_text((build.root / "usr/lib/antesala/entry").read_text().replace("@SLOT@", "a"))
    kernel = {"a/vmlinuz": build.root / "boot/vmlinuz", "a/initrd.img": build.root / "boot/initrd.img"}
    files = {"systemd-boot": _systemd_boot, "u-boot": _u_boot}[build.board.loader]
    return {**kernel, **files(build, entry, log)}


def _systemd_boot(build: Build, entry: Path, _log: Path) -> dict[str, Path]:
    conf = build.out / "loader.conf"
    conf.write_text("timeout 0\neditor no\nauto-entries no\nauto-firmware no\ndefault antesala-*\n")
    return {
        "EFI/BOOT/BOOTX64.EFI": build.root / "usr/lib/systemd/boot/efi/systemd-bootx64.efi",
        "loader/loader.conf": conf,
        "loader/entries/antesala-a.conf": entry,
    }


def _u_boot(build: Build, entry: Path, log: Path) -> dict[str, Path]:
    """The Raspberry Pi's firmware, which starts U-Boot; its settings, without a moment for keys; its script."""
    script, settings, slots = build.out / "boot.scr", build.out / "uboot.env", build.out / counted.FILE
    fixed = {"SOURCE_DATE_EPOCH": str(build.epoch_s)}
    run(
        ["mkimage", "-A", "arm64", "-T", "script", "-C", "none", "-n", "Antesala", "-d", PI / "boot.cmd", script],
        log,
        "making U-Boot's script",
        fixed,
    )
    run(["mkenvimage", "-s", ENV_BYTES, "-o", settings, PI / "uboot.env.txt"], log, "making U-Boot's settings")
    slots.write_text(counted.text_of({"a": Slot("a", None, 1)}))
    firmware = [build.root / "usr/lib/raspi-firmware" / name for name in ("start4.elf", "fixup4.dat")]
    return {
        **{path.name: path for path in firmware},
        **device_trees(build.root),
        "u-boot.bin": build.root / "usr/lib/u-boot/rpi_arm64/u-boot.bin",
        "config.txt": PI / "config.txt",
        "boot.scr": script,
        "uboot.env": settings,
        slots.name: slots,
        "a/entry": entry,
    }


def device_trees(root: Path) -> dict[str, Path]:
    """What the Raspberry Pi's firmware looks for, by name: the kernel's trees, those of the younger BCM2712 twice.

    Raises:
        KnownError: the kernel has none for one of the boards.
    """
    found = {path.name: path for path in sorted(root.glob("usr/lib/modules/*/dtb/broadcom/bcm271[12]-*.dtb"))}
    needed = {"bcm2711-rpi-4-b.dtb", YOUNGER_BCM2712, "bcm2712-rpi-5-b.dtb"}
    if missing := needed - found.keys():
        raise KnownError(
            f"the kernel has no {', '.join(sorted(missing))}",
            where="boards/pi.toml",
            mend="Look where its package puts them now: dpkg -L linux-base-VERSION.",
        )
    return {**found, MAKERS_NAME: found[YOUNGER_BCM2712]}


def technicians_files(role: str, out: Path) -> dict[str, Path]:
    """What a technician finds on a flashed card; `role` is written into the file."""
    settings = out / "antesala.toml"
    text = (HERE / "antesala.toml").read_text(encoding="utf-8")
    settings.write_text(text.replace('roles = ["kiosk"]', f'roles = ["{role}"]', 1), encoding="utf-8")
    return {settings.name: settings, "READ-ME.txt": HERE / "READ-ME.txt"}

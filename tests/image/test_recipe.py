"""The recipe of the image, without building one: lists, scripts, locks, what lies where."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from imagebuild import bill, disk
from imagebuild.board import HERE, MIB, Build, boards, packages_in, read_board
from imagebuild.rootfs import differences, manifest
from imagebuild.wheels import Wheel

from officelib.errors import KnownError

ROOT = HERE.parent
KEPT = Path(__file__).parent / "overlay.txt"
SCRIPTS = sorted(
    path
    for folder in (HERE, ROOT / "systemd")
    for path in folder.rglob("*")
    if path.is_file() and path.read_bytes()[:10] == b"#!/bin/sh\n"
)


def test_there_are_scripts() -> None:
    assert len(SCRIPTS) >= 8


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_right(path: Path) -> None:
    done = subprocess.run(
        ["shellcheck", "-x", "-S", "warning", "-e", "SC1091", path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert os.access(path, os.X_OK)


@pytest.mark.parametrize("name", boards())
def test_a_board_is_whole(name: str) -> None:
    board = read_board(name)
    assert board.architecture in board.packages[0], "the kernel comes first"
    assert "panic=" in board.kernel_line, "a start that fails must begin anew, and show no shell"


@pytest.mark.parametrize("path", sorted(HERE.glob("*-packages.txt")), ids=lambda path: path.name)
def test_a_list_of_packages_is_one(path: Path) -> None:
    names = packages_in(path)
    assert names
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", name) for name in names)


def locked(path: Path) -> dict[str, set[str]]:
    """Hashes by package and version."""
    found: dict[str, set[str]] = {}
    now = ""
    for line in path.read_text().splitlines():
        if re.match(r"[a-z]", line):
            now = line.split(" ")[0]
            found[now] = set()
        elif "--hash=" in line:
            found[now].add(line.split("--hash=")[1].split(" ")[0])
    return found


def test_the_image_has_what_was_tested() -> None:
    """Its lock names nothing but what the tests' lock names, with the same hashes."""
    tested, image = locked(ROOT / "requirements.lock"), locked(HERE / "requirements.lock")
    assert len(image) > 30
    assert {name: hashes for name, hashes in image.items() if tested.get(name) != hashes} == {}
    assert not [name for name in image if name.startswith(("pytest", "mypy", "ruff"))]


def test_what_is_laid_over_debian_is_what_was_agreed(tmp_path: Path) -> None:
    """A file that comes, goes or changes its mode shows in a review: its line is to be changed in overlay.txt, too."""
    shutil.copytree(HERE / "rootfs", tmp_path, dirs_exist_ok=True)
    for name in ("passwd", "group"):
        shutil.copy(Path("/etc") / name, tmp_path / "etc" / name)
    subprocess.run(["env", f"DESTDIR={tmp_path}", ROOT / "systemd/install.sh", "appliance"], check=True)
    lines = [line.split(" ") for line in manifest(tmp_path)]
    kept = {"passwd", "group", "shadow", "gshadow", "passwd-", "group-", "shadow-", "gshadow-", ".pwd.lock"}
    now = [f"{one[0]} {one[-1]}" for one in lines if one[0][0] != "d" and Path(one[-1]).name not in kept]
    assert differences(KEPT.read_text().splitlines(), sorted(now)) == []


def test_a_manifest_sees_every_change(tmp_path: Path) -> None:
    """The comparison of two builds can fail."""
    (tmp_path / "a").write_text("one")
    (tmp_path / "b").symlink_to("a")
    os.utime(tmp_path / "a", (1, 1))
    first = list(manifest(tmp_path))
    assert differences(first, list(manifest(tmp_path))) == []
    for change in (
        lambda: (tmp_path / "a").write_text("two"),
        lambda: (tmp_path / "a").chmod(0o600),
        lambda: os.utime(tmp_path / "a", (9, 9)),
        (tmp_path / "c").touch,
        lambda: (tmp_path / "b").rename(tmp_path / "d"),
    ):
        before = list(manifest(tmp_path))
        change()
        assert differences(before, list(manifest(tmp_path)))


STATUS = """Package: libssl3t64
Status: install ok installed
Architecture: amd64
Source: openssl
Version: 3.5.1-1
Description: x
 Status: not a field

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: labwc
Status: install ok installed
Architecture: amd64
Source: labwc (0.8.3-1)
Version: 0.8.3-1+b1
"""


def test_the_bill_names_sources_by_which_faults_are_found(tmp_path: Path) -> None:
    packages = bill.packages_of(STATUS)
    assert [(one.name, one.source, one.source_version) for one in packages] == [
        ("labwc", "labwc", "0.8.3-1"),
        ("libssl3t64", "openssl", "3.5.1-1"),
    ]
    build = Build("pc", read_board("pc"), tmp_path, 0, "")
    (build.root / "var/lib/dpkg").mkdir(parents=True)
    (build.root / "var/lib/dpkg/status").write_text(STATUS)
    assert bill.write(build, [Wheel("paho-mqtt", "2.2.0", "x.whl", "00")], "1.0", tmp_path / "bill.json") == 3
    written = json.loads((tmp_path / "bill.json").read_text())
    assert [part["purl"] for part in written["components"]][-1] == "pkg:pypi/paho-mqtt@2.2.0"
    assert written["bomFormat"] == "CycloneDX"


def test_every_raspberry_pi_finds_its_device_tree(tmp_path: Path) -> None:
    trees = tmp_path / "usr/lib/modules/7.3.4+deb13-arm64/dtb/broadcom"
    trees.mkdir(parents=True)
    for name in ("bcm2711-rpi-4-b", "bcm2711-rpi-400", "bcm2712-rpi-5-b", "bcm2837-rpi-3-b"):
        (trees / f"{name}.dtb").write_text(name)
    with pytest.raises(KnownError, match=r"no bcm2712-d-rpi-5-b\.dtb"):
        disk.device_trees(tmp_path)
    (trees / "bcm2712-d-rpi-5-b.dtb").write_text("stepping D0")
    found = disk.device_trees(tmp_path)
    assert found["bcm2712d0-rpi-5-b.dtb"].read_text() == found["bcm2712-d-rpi-5-b.dtb"].read_text() == "stepping D0"
    assert not [name for name in found if "2837" in name]


def test_a_disk_is_the_same_twice_and_reads_back(tmp_path: Path) -> None:
    """A small root in place of the real one: the partitions, the FAT's files, the bytes."""
    sums = []
    for name in ("one", "two"):
        build = Build("pc", read_board("pc"), tmp_path / name, 1_700_000_000, "")
        for where, text in (
            ("usr/lib/systemd/boot/efi/systemd-bootx64.efi", "loader"),
            ("usr/lib/antesala/entry", "title @SLOT@\nroot=PARTLABEL=antesala-@SLOT@\n"),
            ("boot/vmlinuz", "kernel"),
            ("boot/initrd.img", "initrd"),
        ):
            path = build.root / where
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        build.squashfs.write_bytes(b"hsqs" + bytes(MIB))
        image = build.out / "disk.img"
        files = {**disk.loaders_files(build, build.out / "log"), **disk.technicians_files("kiosk", build.out)}
        disk.make(build, files, image, build.out / "log")
        sums.append(hashlib.sha256(image.read_bytes()).hexdigest())
    assert sums[0] == sums[1]
    at = f"{image}@@1M"
    entry = subprocess.run(["mtype", "-i", at, "::loader/entries/antesala-a.conf"], capture_output=True, check=True)
    assert entry.stdout == b"title a\nroot=PARTLABEL=antesala-a\n"
    table = json.loads(subprocess.run(["sfdisk", "--json", image], capture_output=True, check=True).stdout)
    names = [part["name"] for part in table["partitiontable"]["partitions"]]
    assert names == ["antesala", "antesala-a", "antesala-b", "antesala-data"]
    with image.open("rb") as file:
        file.seek((1 + build.board.boot_mb) * MIB)
        assert file.read(4) == b"hsqs"


def test_no_image_is_made_in_which_an_update_would_find_no_room(tmp_path: Path) -> None:
    """Beside the office's own files: kernels of both slots, and a third while it is written."""
    build = Build("pc", read_board("pc"), tmp_path, 0, "")
    build.squashfs.write_bytes(b"hsqs")
    kernel = tmp_path / "vmlinuz"
    for kernel_mib, fits in ((100, True), (107, False)):
        with kernel.open("wb") as file:
            file.truncate(kernel_mib * MIB)
        if fits:
            disk.make(build, {"a/vmlinuz": kernel}, tmp_path / "disk.img", tmp_path / "log")
        else:
            with pytest.raises(KnownError, match="office's own need 513 MiB, the FAT partition has 512"):
                disk.make(build, {"a/vmlinuz": kernel}, tmp_path / "disk.img", tmp_path / "log")
    with build.squashfs.open("wb") as file:
        file.truncate(build.board.root_mb * MIB)
    with pytest.raises(KnownError, match="its slot 768"):
        disk.make(build, {}, tmp_path / "disk.img", tmp_path / "log")

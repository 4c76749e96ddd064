"""What the first start does with the data partition: made when the card is new, and never otherwise."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "image-build/rootfs/etc/initramfs-tools/data-filesystem"
TOOLS = "/sbin"
SIZE_BYTES, SECTOR = 8 << 20, 512
SUPERBLOCK_ENDS = 2048
"""The check notes there how much was ever written."""


@pytest.fixture
def partition(tmp_path: Path) -> Path:
    path = tmp_path / "partition"
    with path.open("wb") as file:
        file.truncate(SIZE_BYTES)
    return path


def start(partition: Path, tools: str | Path = TOOLS) -> None:
    surroundings = {"PATH": "/bin:/usr/bin", "TMPDIR": "/tmp", "TRIES": "2"}
    sectors = partition.stat().st_size // SECTOR if partition.exists() else 0
    subprocess.run(["sh", SCRIPT, partition, tools, str(sectors)], check=True, env=surroundings, capture_output=True)


def facts(partition: Path) -> dict[str, str]:
    said = subprocess.run([f"{TOOLS}/dumpe2fs", "-h", partition], capture_output=True, text=True, check=True).stdout
    pairs = (line.split(":", 1) for line in said.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def test_a_new_card_gets_a_file_system_once(partition: Path) -> None:
    start(partition)
    made = facts(partition)
    assert made["Filesystem volume name"] == "antesala-data"
    assert "has_journal" in made["Filesystem features"]
    start(partition)
    assert facts(partition)["Filesystem UUID"] == made["Filesystem UUID"]


def test_what_is_damaged_is_mended_and_not_made_anew(partition: Path) -> None:
    start(partition)
    before = facts(partition)["Filesystem UUID"]
    set_flag = [f"{TOOLS}/debugfs", "-w", "-R", "set_super_value state 0", str(partition)]
    subprocess.run(set_flag, check=True, capture_output=True)
    assert facts(partition)["Filesystem state"] != "clean"
    start(partition)
    after = facts(partition)
    assert after["Filesystem UUID"] == before
    assert after["Filesystem state"] == "clean"


@pytest.mark.parametrize("offset", [0, 1024 + 56, 65_535])
def test_what_is_not_blank_is_left_alone(partition: Path, offset: int) -> None:
    with partition.open("r+b") as file:
        file.seek(offset)
        file.write(b"x")
    before = partition.read_bytes()
    start(partition)
    assert partition.read_bytes() == before


def test_what_was_made_before_its_partition_grew_fills_it(partition: Path) -> None:
    start(partition)
    before = facts(partition)
    with partition.open("r+b") as file:
        file.truncate(4 * SIZE_BYTES)
    start(partition)
    after = facts(partition)
    assert int(after["Block count"]) == 4 * int(before["Block count"])
    assert after["Filesystem UUID"] == before["Filesystem UUID"]
    content = partition.read_bytes()
    start(partition)
    assert facts(partition)["Block count"] == after["Block count"]
    assert partition.read_bytes()[SUPERBLOCK_ENDS:] == content[SUPERBLOCK_ENDS:], "nothing is written again"


def test_what_cannot_be_read_is_never_made_anew(partition: Path, tmp_path: Path) -> None:
    """Nor is it tried: mke2fs itself would refuse these, and might not refuse the next."""
    tools, made = tmp_path / "tools", tmp_path / "made"
    tools.mkdir()
    for name, does in (("mke2fs", f"echo >> {made}"), ("e2fsck", "exit 8"), ("dumpe2fs", "exit 1")):
        (tools / name).write_text(f"#!/bin/sh\n{does}\n")
        (tools / name).chmod(0o755)
    start(tmp_path / "gone", tools)
    assert not made.exists()
    with partition.open("r+b") as file:  # a read that ends too early
        file.truncate(4096)
    start(partition, tools)
    assert not made.exists()
    assert partition.read_bytes() == bytes(4096)
    with partition.open("r+b") as file:
        file.truncate(SIZE_BYTES)
    start(partition, tools)
    assert made.exists(), "that one is blank"

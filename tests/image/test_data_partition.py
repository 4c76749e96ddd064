"""What the first start does with the data partition: made when the card is new, and never otherwise."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "image-build/rootfs/etc/initramfs-tools/data-filesystem"
TOOLS = "/sbin"
SIZE_BYTES = 8 << 20


@pytest.fixture
def partition(tmp_path: Path) -> Path:
    path = tmp_path / "partition"
    with path.open("wb") as file:
        file.truncate(SIZE_BYTES)
    return path


def start(partition: Path) -> None:
    subprocess.run(["sh", SCRIPT, partition, TOOLS, "2"], check=True, env={"PATH": "/bin:/usr/bin", "TMPDIR": "/tmp"})


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


def test_what_cannot_be_read_is_left_alone(partition: Path, tmp_path: Path) -> None:
    start(tmp_path / "gone")
    assert not (tmp_path / "gone").exists()
    with partition.open("r+b") as file:  # a read that ends too early
        file.truncate(4096)
    start(partition)
    assert partition.read_bytes() == bytes(4096)

"""The two slots, as both boot loaders and RAUC know them."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from appliance import counted, entries, slots
from appliance.slot import SLOTS, Slot, primary

from officelib.errors import KnownError

ENTRY = "title x\nsort-key antesala\nlinux /{slot}/vmlinuz\n"


@dataclass(frozen=True)
class Card:
    """A FAT partition as it is flashed: slot a alone; and how its loader starts it."""

    boot: Path
    start: Callable[[Path], str]


def systemd_boot_starts(boot: Path) -> str:
    """Takes the best entry, and one try from its name. Returns the slot."""
    found = slots.read_slots(boot)
    taken = found[primary(found)]
    if taken.tries:
        (path,) = (boot / "loader/entries").glob(f"antesala-{taken.name}+*.conf")
        done = int(path.stem.rpartition("-")[2]) if path.stem.count("-") > 1 else 0
        path.rename(path.with_name(f"antesala-{taken.name}+{taken.tries - 1}-{done + 1}.conf"))
    return taken.name


def u_boot_starts(boot: Path) -> str:
    """What boot.cmd does; tests/image/uboot.py shows it in U-Boot itself."""
    said = dict(line.split("=") for line in (boot / counted.FILE).read_text().splitlines())
    first = said["first"]
    tries = said[f"{first}_tries"]
    if tries == "0":
        return "b" if first == "a" else "a"
    if tries != counted.GOOD:
        said[f"{first}_tries"] = str(int(tries) - 1)
        (boot / counted.FILE).write_text("".join(f"{name}={value}\n" for name, value in said.items()))
    return first


@pytest.fixture(params=["systemd-boot", "u-boot"])
def card(tmp_path: Path, request: pytest.FixtureRequest) -> Card:
    for slot in SLOTS:
        (tmp_path / slot).mkdir()
        (tmp_path / slot / "entry").write_text(ENTRY.format(slot=slot))
    if request.param == "u-boot":
        (tmp_path / counted.FILE).write_text(counted.text_of({"a": Slot("a", None, 1)}))
        return Card(tmp_path, u_boot_starts)
    (tmp_path / "loader/entries").mkdir(parents=True)
    (tmp_path / "loader/entries/antesala-a.conf").write_text(ENTRY.format(slot="a"))
    return Card(tmp_path, systemd_boot_starts)


@pytest.fixture
def boot(card: Card) -> Path:
    return card.boot


def test_an_update_is_started_on_trial_and_stays_once_it_is_good(card: Card) -> None:
    boot = card.boot
    slots.set_state(boot, "b", "bad")  # as RAUC does before it writes
    slots.set_primary(boot, "b")
    assert {name: slot.tries for name, slot in slots.read_slots(boot).items()} == {"a": None, "b": slots.TRIES}
    assert card.start(boot) == "b"
    assert slots.state(slots.read_slots(boot), "b") == "good"
    slots.set_state(boot, "b", "good")
    assert {slot.tries for slot in slots.read_slots(boot).values()} == {None}
    for _ in range(5):
        assert card.start(boot) == "b"


def test_an_update_that_never_gets_well_gives_way(card: Card) -> None:
    slots.set_primary(card.boot, "b")
    assert [card.start(card.boot) for _ in range(slots.TRIES + 2)] == ["b"] * slots.TRIES + ["a", "a"]
    assert slots.state(slots.read_slots(card.boot), "b") == "bad"


def test_a_bad_one_is_not_started_again(card: Card) -> None:
    slots.set_primary(card.boot, "b")
    slots.set_state(card.boot, "b", "bad")
    assert card.start(card.boot) == "a"


def test_updates_go_to_and_fro(card: Card) -> None:
    before = slots.read_slots(card.boot)["a"].version
    for slot in ("b", "a", "b", "a"):
        slots.set_state(card.boot, slot, "bad")
        slots.set_primary(card.boot, slot)
        assert card.start(card.boot) == slot
        slots.set_state(card.boot, slot, "good")
    assert [slots.read_slots(card.boot)[slot].version - before for slot in SLOTS] == [4, 3]


def test_the_last_resort_of_systemd_boot_is_started_all_the_same(card: Card) -> None:
    """U-Boot's script tries the other one first, and then this one."""
    slots.set_state(card.boot, "a", "bad")
    if card.start is systemd_boot_starts:
        assert card.start(card.boot) == "a"


def test_nothing_is_started_that_is_not_there(boot: Path) -> None:
    (boot / "b/entry").unlink()
    with pytest.raises(KnownError, match="no kernel"):
        slots.set_primary(boot, "b")
    with pytest.raises(KnownError, match="no entry"):
        slots.set_state(boot, "b", "good")
    assert primary({}) == ""


def test_an_entry_bears_its_version(tmp_path: Path) -> None:
    (tmp_path / "loader/entries").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    (tmp_path / "b/entry").write_text(ENTRY.format(slot="b"))
    entries.write(tmp_path, Slot("b", 3, 7))
    assert "sort-key antesala\nversion 7\n" in (tmp_path / "loader/entries/antesala-b+3.conf").read_text()


@pytest.mark.parametrize("text", ["", "first=b\n", "\0" * 40, "a_tries=good\nb_tries=x\nb_version=9\n"])
def test_a_spoiled_count_leaves_the_first_slot(tmp_path: Path, text: str) -> None:
    (tmp_path / counted.FILE).write_text(text)
    found = counted.read(tmp_path)
    assert (primary(found), found["a"].tries) == ("a", None)
    counted.write(tmp_path, replace(found["a"], version=3))
    assert counted.read(tmp_path) == {"a": Slot("a", None, 3)}


def test_as_rauc_calls_it(boot: Path) -> None:
    def call(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "appliance.slots", "--boot", str(boot), *words],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout.strip()

    assert call("get-primary") == (0, "a")
    assert call("set-primary", "b") == (0, "")
    assert call("get-primary") == (0, "b")
    assert call("set-state", "b", "bad") == (0, "")
    assert [call("get-state", slot) for slot in SLOTS] == [(0, "good"), (0, "bad")]
    assert call("get-state")[0] == 2
    assert call("set-state", "c", "good")[0] == 2

"""The two slots, as systemd-boot and RAUC know them."""

import subprocess
import sys
from pathlib import Path

import pytest
from appliance import slots

from officelib.errors import KnownError

ENTRY = "title x\nsort-key antesala\nlinux /{slot}/vmlinuz\n"


@pytest.fixture
def boot(tmp_path: Path) -> Path:
    """A FAT partition as it is flashed: slot a alone."""
    (tmp_path / "loader/entries").mkdir(parents=True)
    (tmp_path / "loader/entries/antesala-a.conf").write_text(ENTRY.format(slot="a"))
    for slot in slots.SLOTS:
        (tmp_path / slot).mkdir()
        (tmp_path / slot / "entry").write_text(ENTRY.format(slot=slot))
    return tmp_path


def names(boot: Path) -> list[str]:
    return sorted(path.name for path in (boot / "loader/entries").iterdir())


def start(boot: Path) -> str:
    """What systemd-boot does: takes the best entry, and one try from its name. Returns the slot."""
    found = slots.read_slots(boot)
    taken = found[slots.primary(found)]
    if taken.tries:
        done = int(taken.path.stem.rpartition("-")[2]) if taken.path.stem.count("-") > 1 else 0
        taken.path.rename(taken.path.with_name(f"antesala-{taken.name}+{taken.tries - 1}-{done + 1}.conf"))
    return taken.name


def test_an_update_is_started_on_trial_and_stays_once_it_is_good(boot: Path) -> None:
    slots.set_state(boot, "b", "bad")  # as RAUC does before it writes
    slots.set_primary(boot, "b")
    assert names(boot) == ["antesala-a.conf", f"antesala-b+{slots.TRIES}.conf"]
    assert start(boot) == "b"
    assert slots.state(slots.read_slots(boot), "b") == "good"
    slots.set_state(boot, "b", "good")
    assert names(boot) == ["antesala-a.conf", "antesala-b.conf"]
    for _ in range(5):
        assert start(boot) == "b"


def test_an_update_that_never_gets_well_gives_way(boot: Path) -> None:
    slots.set_primary(boot, "b")
    assert [start(boot) for _ in range(slots.TRIES + 2)] == ["b"] * slots.TRIES + ["a", "a"]
    assert slots.state(slots.read_slots(boot), "b") == "bad"


def test_a_bad_one_is_not_started_again(boot: Path) -> None:
    slots.set_primary(boot, "b")
    slots.set_state(boot, "b", "bad")
    assert start(boot) == "a"


def test_updates_go_to_and_fro(boot: Path) -> None:
    for slot in ("b", "a", "b", "a"):
        slots.set_state(boot, slot, "bad")
        slots.set_primary(boot, slot)
        assert start(boot) == slot
        slots.set_state(boot, slot, "good")
    assert [slots.read_slots(boot)[slot].version for slot in slots.SLOTS] == [4, 3]


def test_the_last_resort_is_started_all_the_same(boot: Path) -> None:
    slots.set_state(boot, "a", "bad")
    assert start(boot) == "a"


def test_nothing_is_started_that_is_not_there(boot: Path) -> None:
    (boot / "b/entry").unlink()
    with pytest.raises(KnownError, match="no kernel"):
        slots.set_primary(boot, "b")
    with pytest.raises(KnownError, match="no entry"):
        slots.set_state(boot, "b", "good")
    assert slots.primary({}) == ""


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
    assert [call("get-state", slot) for slot in slots.SLOTS] == [(0, "good"), (0, "bad")]
    assert call("get-state")[0] == 2
    assert call("set-state", "c", "good")[0] == 2

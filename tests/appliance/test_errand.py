"""What the machine does for IT: once, whatever dies meanwhile, and for nobody but the office."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from appliance.errand import KEPT, Facts, Machine, look

from mqtt_bridge.errands import update_of
from officelib.authority import Authority, begin
from officelib.errand import Errand, Kind, Outcome, Paper, sign

OFFICE = Authority(begin())
EMPTY = hashlib.sha256(b"").hexdigest()
NOW = Facts("boot-1", "a", "1.0", is_on_trial=False)
REBOOT = ("/bin/systemctl", "--no-block", "reboot")


class Bench:
    """A machine over its starts: what it ran, and what the bridge would find."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.errands = folder, folder / "errands"
        self.errands.mkdir()
        self.ran: list[tuple[str, ...]] = []
        self.says: Callable[[tuple[str, ...]], str] = lambda _words: "said"

    def do(self, number: int, kind: Kind, facts: Facts = NOW, by: Authority = OFFICE) -> Outcome | None:
        """The bridge leaves an errand; what it finds then."""
        paper = sign(Errand(id=number, office="o12", device="k1", kind=kind, until_ms=0, sha256=EMPTY), by.sign)
        (self.errands / f"{number}.errand").write_bytes(msgspec.json.encode(paper))
        memory = self.folder / "memory.json"
        machine = Machine("kiosk", "o12", "k1", OFFICE.certificate, memory, self.folder, self.run, facts)
        look(self.errands, machine)
        assert not list(self.errands.glob("*.errand"))
        found = list(self.errands.glob("*.outcome"))
        outcome = msgspec.json.decode(found[0].read_bytes(), type=Outcome) if found else None
        for path in found:
            path.unlink()
        return outcome

    def run(self, *words: str) -> str:
        self.ran.append(words)
        return self.says(words)

    def update(self, number: int) -> Path:
        """The bridge has fetched one."""
        errand = Errand(id=number, office="o12", device="k1", kind="install", until_ms=0)
        update_of(self.folder, errand).touch()
        return update_of(self.folder, errand)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_restart_is_of_the_roles_program(bench: Bench) -> None:
    assert bench.do(1, "restart") == Outcome(1, "done", "said")
    assert bench.ran == [("/bin/systemctl", "restart", "kiosk.service")]


def test_the_logs_last_lines_are_told(bench: Bench) -> None:
    bench.says = lambda words: "a line\n" if "journalctl" in words[0] else ""
    assert bench.do(1, "log") == Outcome(1, "done", "a line\n")


def test_it_is_done_once_however_often_it_comes(bench: Bench) -> None:
    assert bench.do(1, "restart") == bench.do(1, "restart")
    assert len(bench.ran) == 1


def test_a_reboot_is_begun_once_and_told_by_the_next_start(bench: Bench) -> None:
    assert bench.do(1, "reboot") is None
    assert bench.do(1, "reboot") is None, "it is on its way down"
    assert bench.ran == [REBOOT]
    assert bench.do(1, "reboot", replace(NOW, boot="boot-2")) == Outcome(1, "done", "1.0")
    assert bench.ran == [REBOOT]


def test_what_fails_is_told_and_not_tried_again(bench: Bench) -> None:
    def fails(_words: tuple[str, ...]) -> str:
        raise OSError("systemctl: no such unit")

    bench.says = fails
    assert bench.do(1, "restart") == Outcome(1, "failed", "systemctl: no such unit")
    assert bench.do(1, "restart") == Outcome(1, "failed", "systemctl: no such unit")
    assert len(bench.ran) == 1


def test_a_memory_that_cannot_be_read_is_begun_anew(bench: Bench) -> None:
    (bench.folder / "memory.json").write_text("{")
    assert bench.do(1, "log") == Outcome(1, "done", "said")


def test_an_errand_may_be_overtaken(bench: Bench) -> None:
    """An update is fetched for minutes; somebody asks for the log meanwhile, and after the restart once more."""
    bench.do(5, "log")
    bench.update(3)
    assert bench.do(3, "install") is None
    anew = Facts("boot-2", "b", "1.1", is_on_trial=False)
    assert bench.do(6, "log", anew) == Outcome(6, "done", "said")
    assert bench.do(3, "install", anew) == Outcome(3, "done", "1.1")


def test_what_was_forgotten_is_not_begun_again(bench: Bench) -> None:
    for number in range(10, 10 + KEPT + 2):
        bench.do(number, "log")
    ran = len(bench.ran)
    for number in (3, 10, 11):
        outcome = bench.do(number, "reboot")
        assert outcome is not None
        assert outcome.state == "failed"
    assert bench.do(12, "log") == Outcome(12, "done", "said")
    assert len(bench.ran) == ran


def test_what_a_power_cut_broke_off_is_told_and_not_begun_again(bench: Bench) -> None:
    def cut(_words: tuple[str, ...]) -> str:
        raise KeyboardInterrupt

    bench.says = cut
    with pytest.raises(KeyboardInterrupt):
        bench.do(1, "log")
    (bench.errands / "1.errand").unlink()
    outcome = bench.do(1, "log", replace(NOW, boot="boot-2"))
    assert outcome is not None
    assert (outcome.state, len(bench.ran)) == ("failed", 1)


@pytest.mark.parametrize("by", [Authority(begin())])
def test_nothing_is_done_for_anybody_else(bench: Bench, by: Authority) -> None:
    assert bench.do(1, "reboot", by=by) is None
    (bench.errands / "2.errand").write_text("{")
    (bench.errands / "3.errand").write_bytes(msgspec.json.encode(Paper("", "")))
    assert bench.do(4, "log") == Outcome(4, "done", "said")
    assert len(bench.ran) == 1


def test_an_update_is_told_once_the_new_system_is_well(bench: Bench) -> None:
    bundle = bench.update(1)
    assert bench.do(1, "install") is None
    assert bench.ran == [("/usr/bin/rauc", "install", str(bundle)), REBOOT]
    assert not bundle.exists()
    assert bench.do(1, "install", Facts("boot-2", "b", "1.1", is_on_trial=True)) is None
    assert bench.do(1, "install", Facts("boot-2", "b", "1.1", is_on_trial=False)) == Outcome(1, "done", "1.1")
    assert len(bench.ran) == 2


def test_an_update_that_went_back_is_told_so(bench: Bench) -> None:
    bench.update(1)
    bench.do(1, "install")
    assert bench.do(1, "install", Facts("boot-2", "b", "1.1", is_on_trial=True)) is None
    outcome = bench.do(1, "install", Facts("boot-5", "a", "1.0", is_on_trial=False))
    assert outcome is not None
    assert (outcome.state, "went back to 1.0" in outcome.text) == ("failed", True)


def test_an_update_of_others_is_refused_and_gone(bench: Bench) -> None:
    def fails(_words: tuple[str, ...]) -> str:
        raise OSError("rauc: signature verification failed")

    bench.says, bundle = fails, bench.update(1)
    outcome = bench.do(1, "install")
    assert outcome is not None
    assert (outcome.state, "signature" in outcome.text, bundle.exists()) == ("failed", True, False)
    assert REBOOT not in bench.ran


def test_the_same_release_once_more_is_an_update_too(bench: Bench) -> None:
    bench.update(1)
    bench.do(1, "install")
    assert bench.do(1, "install", replace(NOW, boot="boot-2", slot="b")) == Outcome(1, "done", "1.0")


def test_another_file_than_the_one_that_was_meant_is_not_installed(bench: Bench) -> None:
    bench.update(1).write_text("an older update, signed by the right keys")
    outcome = bench.do(1, "install")
    assert outcome is not None
    assert (outcome.state, bench.ran) == ("failed", [])


def test_while_on_trial_no_update_is_begun(bench: Bench) -> None:
    """The other slot holds the only system that is known to be good."""
    bench.update(1)
    trial = replace(NOW, is_on_trial=True)
    assert (bench.do(1, "install", trial), bench.ran) == (None, [])
    assert bench.do(1, "install") is None
    assert bench.ran[-1] == REBOOT


def test_an_older_update_does_not_follow_a_later_one(bench: Bench) -> None:
    bench.update(5)
    bench.do(5, "install")
    bench.update(3)
    outcome = bench.do(3, "install", replace(NOW, boot="boot-2", slot="b"))
    assert outcome is not None
    assert outcome.state == "failed"


def test_no_name_in_the_folder_leads_elsewhere(bench: Bench) -> None:
    """Whoever has taken the bridge over owns that folder, and must not write where root may."""
    precious = bench.folder / "precious"
    precious.write_text("kept")
    (bench.errands / ".1.outcome.part").symlink_to(precious)
    (bench.errands / "7.errand").symlink_to(precious)
    assert bench.do(1, "log") == Outcome(1, "done", "said")
    assert precious.read_text() == "kept"


def test_a_memory_that_cannot_be_written_is_told(bench: Bench) -> None:
    (bench.folder / ".memory.json.part").mkdir()
    outcome = bench.do(1, "reboot")
    assert outcome is not None
    assert (outcome.state, bench.ran) == ("failed", [])

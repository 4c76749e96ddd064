"""A day of calls on the lobby's display, at speed, while its processes are killed: each is heard, none twice."""

import contextlib
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.office.clerk import ClerkClient
from bench.office.report import announcements
from bench.office.stage import CLERKS, DISPLAY, Options, Stage, wait_for
from hwlib.sim.control import command
from officelib.assets import asset

pytestmark = pytest.mark.timeout(1_800)
LANGUAGES = ("es", "ca", "en", "fr", "ar")
DAY, SHORT = 900, 80
"""Calls of a busy office's day; and of the short form."""
DYING = ("display", "display-bridge", "broker", "hub")
DESKS = (("ana", "c1", "register"), ("biel", "c2", "register"), ("carme", "c3", "taxes"))
PATIENCE_S = 8
"""A clerk gives somebody so long to hear the call: whoever has come to the counter is not called aloud any more."""
GROWTH_MB = 12


class Lobby:
    """A display, its bridge, the broker and the hub; three clerks in turn, each of whom calls whom she has taken in."""

    def __init__(self, folder: Path) -> None:
        self.stage = Stage(folder, asset("demo", "office.toml"), Options(sound_pace=0.0))
        for role in ("broker", "hub"):
            self.stage.start(role)
        self.stage.wait_for_hub()
        self.stage.enrol("display")
        for role in ("display-bridge", "display"):
            self.stage.start(role)
        self.clerks = [ClerkClient(self.stage.console, name, CLERKS[name][1], counter) for name, counter, _ in DESKS]
        for clerk in self.clerks:
            clerk.sign_in()
        wait_for(lambda: self.clerks[0].view()["devices"].get(DISPLAY), "the display")
        self.called: list[str] = []
        self.died: Counter[str] = Counter()

    def call(self) -> None:
        """A clerk is done with whom she called before, takes somebody in, and calls."""
        at = len(self.called) % len(DESKS)
        clerk, language = self.clerks[at], LANGUAGES[len(self.called) % len(LANGUAGES)]
        if len(self.called) >= len(DESKS):
            self.came(self.called[-len(DESKS)])
            clerk.do("finish")
        clerk.do("add_walk_in", service=DESKS[at][2], language=language)
        answer = clerk.do("call_next")
        assert answer["answer"] == "done", answer
        self.called.append(answer["label"])

    def heard(self) -> Counter[str]:
        """How often each number was begun to be said; what is said again in other words is not counted."""
        return Counter(path.stem.partition("-")[2] for path in announcements(self.stage))

    def came(self, label: str) -> None:
        """Somebody hears the call and comes; or sees it and comes, where the display died with it on its lips."""
        with contextlib.suppress(TimeoutError):
            wait_for(lambda: label in self.heard(), label, PATIENCE_S)

    def dies(self, role: str, gone_s: float) -> None:
        """A process ends at once and is started again."""
        self.died[role] += 1
        self.stage.kill(role)
        time.sleep(gone_s)
        self.stage.start(role)
        self.call()  # while it is not there yet

    def memory_mb(self) -> float:
        text = Path(f"/proc/{self.stage.processes['display'].pid}/smaps_rollup").read_text()
        return int(next(line.split()[1] for line in text.splitlines() if line.startswith("Rss:"))) / 1024


@pytest.fixture
def lobby(tmp_path: Path) -> Iterator[Lobby]:
    one = Lobby(tmp_path)
    try:
        yield one
    finally:
        one.stage.stop()


def test_each_call_of_a_day_is_heard_once_whatever_dies(lobby: Lobby, request: pytest.FixtureRequest) -> None:
    """In the short form every process dies once, in the long one (make lobby-day) some fifteen times."""
    calls = DAY if request.config.getoption("--long") else SHORT
    rng = random.Random(9)
    deaths = dict(zip(sorted(rng.sample(range(5, calls - 5), calls // 15)), DYING * calls, strict=False))
    began_s = time.monotonic()
    for number in range(calls):
        lobby.call()
        if number in deaths:
            lobby.dies(deaths[number], rng.uniform(0, 0.4))
    for label in lobby.called[-len(DESKS) :]:  # the newest is said first
        lobby.came(label)
    took_s = time.monotonic() - began_s
    heard = lobby.heard()
    twice = {label: count for label, count in heard.items() if count > 1}
    missing = set(lobby.called) - set(heard)
    sys.stdout.write(
        f"{len(lobby.called)} calls in {took_s:.0f} s, killed {dict(lobby.died)}: {len(heard)} heard, "
        f"{len(missing)} silenced by the display's own death\n"
    )
    assert len(lobby.called) == len(set(lobby.called)) >= calls
    assert set(lobby.died) == set(DYING)
    assert not twice
    assert set(heard) <= set(lobby.called)
    assert len(missing) <= lobby.died["display"], "a display that dies with a word on its lips silences that one alone"
    labels = str(command(lobby.stage.control("display"), look=True)["painted"][-1][1]).split()[1:]
    assert labels[0] == lobby.called[-1]


def test_a_display_does_not_grow(lobby: Lobby, request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--long"):
        pytest.skip("with --long")
    calls = DAY // 3
    for _ in range(calls // 2):
        lobby.call()
    before_mb = lobby.memory_mb()
    for _ in range(calls):
        lobby.call()
    after_mb = lobby.memory_mb()
    sys.stdout.write(f"{before_mb:.1f} MB after {calls // 2} calls, {after_mb:.1f} MB after {calls} more\n")
    assert after_mb - before_mb < GROWTH_MB

"""The kiosk dies at any instant of a print: it comes back knowing what it may print, and what only as a copy."""

import time
from collections.abc import Iterator

import pytest

from hwlib.sim.control import command
from officelib import events as e
from tests.e2e.test_kill import Office, log_of

pytestmark = pytest.mark.timeout(300)
SLOW_MM_S = 60.0
INSTANTS_S = (0.0, 0.05, 0.1, 0.3, 1.2)
COPY = "COPIA"
STEPS = {"attract": "start", "choosing": "service-register", "confirming": "confirm"} | dict.fromkeys(
    ("ticket-printed", "ticket-fault"), "done"
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    one = Office(tmp_path_factory.mktemp("office"))
    try:
        one.open()
        command(one.stage.control("printer"), mm_s=SLOW_MM_S)
        yield one
    finally:
        one.stage.stop()


def begin(office: Office) -> str:
    """A citizen has just been given a number; its paper is about to come. Returns the label."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        try:
            seen = office.entrance.look()
            state, _, label = str(seen["painted"][-1][1]).partition(" ")
            if state == "ticket-printing":
                return label
            if seen["screen"] in STEPS:
                office.entrance.touch(STEPS[seen["screen"]])
        except (RuntimeError, OSError):
            pass
        time.sleep(0.02)
    raise AssertionError("no number in 40 s")


def papers_of(office: Office, label: str) -> tuple[int, int, int]:
    """How many papers bear a label without and with the mark of a copy, half ones too; and how many are whole."""
    tickets: list[list[str]] = command(office.stage.control("printer"))["tickets"]
    bearing = [lines for lines in tickets if label in lines]
    marked = [lines for lines in bearing if any(line.startswith(COPY) for line in lines)]
    whole = [lines for lines in bearing if "/" in lines[-1]]  # the time stands last
    return len(bearing) - len(marked), len(marked), len(whole)


@pytest.mark.parametrize("instant_s", INSTANTS_S)
def test_sigkill_in_the_middle_of_a_print(office: Office, instant_s: float) -> None:
    office.wait_until_linked()
    label = begin(office)
    time.sleep(instant_s)
    office.stage.kill("kiosk")
    office.stage.start("kiosk")
    office.wait_until_linked()
    deadline = time.monotonic() + 20
    while True:  # until the paper that is owed has come, and a breath longer
        office.settle()
        ended = [x.body for x in log_of(office) if isinstance(x.body, e.TicketPrinted)]
        numbered = {x.body.label: x.body.ticket for x in log_of(office) if isinstance(x.body, e.TicketNumbered)}
        if label in numbered and any(body.ticket == numbered[label] for body in ended):
            break
        assert time.monotonic() < deadline, "how the print ended is in the log"
        time.sleep(0.1)
    time.sleep(1.5)
    plain, _copies, whole = papers_of(office, label)
    assert plain <= 1, "never two tickets of one number without a mark"
    assert whole >= 1, "the citizen who stands there gets a whole paper"
    outcomes = [body.outcome for body in ended if body.ticket == numbered[label]]
    assert outcomes.count("done") <= 1
    assert outcomes[-1] == "done"

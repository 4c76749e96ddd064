"""What the kiosk can show, and what it knows while it shows it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from officelib.catalogue import Catalogue
from officelib.events import Claim
from officelib.inbound import ServicesView


class Problem(StrEnum):
    """Why a citizen gets no ticket now. Each has a title, a cause and a next step in every language."""

    INVALID_CODE = "invalid_code"
    OTHER_DAY = "other_day"
    OTHER_OFFICE = "other_office"
    TOO_EARLY = "too_early"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    FULL = "full"
    NOT_BOOKED = "not_booked"
    NOT_FOUND = "not_found"
    NOT_ASKED = "not_asked"
    SCAN_AGAIN = "scan_again"
    UNCHECKED = "unchecked"
    LEFT = "left"
    OUT_OF_SERVICE = "out_of_service"


class Mode(StrEnum):
    """How a citizen wants the screen; until the next one comes."""

    LARGE = "large"
    CONTRAST = "contrast"
    LOWERED = "lowered"
    CURTAIN = "curtain"


class Help(StrEnum):
    """How it stands with somebody of the office who helps at the kiosk."""

    OFFERED = "offered"
    ASKED = "asked"
    TOLD = "told"
    COMING = "coming"
    NOBODY = "nobody"


@dataclass(frozen=True)
class HelpCall:
    """A citizen's call for help. `asked` names it; an answer to another one means nothing."""

    state: Help = Help.OFFERED
    asked: int = 0


class Paper(StrEnum):
    """How the paper of the shown ticket is."""

    PRINTING = "printing"
    PRINTED = "printed"
    FAULT = "fault"


@dataclass(frozen=True)
class TicketFacts:
    """All that a ticket says, on the screen and on paper.

    Attributes:
        seq: Of the event in the journal that the ticket stands on.
        label: The number.
        service: The service's id.
        language: The citizen's.
        ahead: People before it; None when the hub was away.
        wait_min: Estimated wait; None when unknown.
        slot_ms: The booking's time; 0 for a walk-in.
        issued_ms: Hub time; 0 when the kiosk did not know it.
        copies: How often it was printed before.
        code: What its QR says.
        spread_min: The least and the most minutes of waiting, in four of five cases; None when unknown.
        persons: So many come together.
        then: Services of the same visit that follow, by id.
    """

    seq: int
    label: str
    service: str
    language: str
    ahead: int | None
    wait_min: int | None
    slot_ms: int
    issued_ms: int
    copies: int = 0
    code: str = ""
    spread_min: tuple[int, int] | None = None
    persons: int = 1
    then: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attract:
    """Nobody is here."""


@dataclass(frozen=True)
class Choosing:
    """A citizen chooses a service; of a group, where `group` is not empty."""

    group: str = ""


@dataclass(frozen=True)
class Searching:
    """A citizen types what the service is called."""

    text: str = ""


@dataclass(frozen=True)
class Typing:
    """A citizen types the short code of a booking, or with `who` what the office knows people by.

    `is_wrong`: it was entered, and is none; `again` alternates with each time that the same is entered.
    """

    text: str = ""
    is_wrong: bool = False
    again: bool = False
    who: bool = False


@dataclass(frozen=True)
class LookingUp:
    """The hub is asked which booking somebody has. `asked` names the question; nothing of the citizen is kept."""

    asked: int


@dataclass(frozen=True)
class Confirming:
    """A citizen looks at what a service means before taking a ticket.

    Attributes:
        service: Its id.
        behind: Where the citizen came from.
        leaflet: How the paper of what to bring is; None when it was not asked for.
        priority: The citizen asks to go earlier, by the office's rules.
    """

    service: str
    behind: Choosing | Searching = Choosing()
    leaflet: Paper | None = None
    priority: bool = False


@dataclass(frozen=True)
class ChoosingSlot:
    """A citizen who would wait too long chooses a time to come back.

    Attributes:
        service: What for.
        behind: Where the citizen came from.
        times_ms: What can be chosen; nothing changes under a finger.
        gone: The one chosen before was just taken.
    """

    service: str
    behind: "Confirming | ShowingProblem"
    times_ms: tuple[int, ...]
    gone: bool = False


@dataclass(frozen=True)
class Reserving:
    """The hub is asked for a booking; `slip` once it has given one, while that is written down."""

    service: str
    slot_ms: int
    behind: "Confirming | ShowingProblem"
    times_ms: tuple[int, ...]
    seq: int | None = None
    slip: "Slip | None" = None


@dataclass(frozen=True)
class Slip:
    """A booking that the kiosk gave: what its paper says.

    Attributes:
        seq: Of the event that asked for it.
        ref: The booking's reference.
        service: Its id.
        language: The citizen's.
        slot_ms: When to come.
        short: Its short code.
        code: What its QR says.
    """

    seq: int
    ref: str
    service: str
    language: str
    slot_ms: int
    short: str
    code: str


@dataclass(frozen=True)
class ShowingSlip:
    """The citizen sees when to come back, and how the paper is."""

    slip: Slip
    paper: Paper


@dataclass(frozen=True)
class Issuing:
    """A want is in the journal, or on its way into it; the hub is asked for a number."""

    claim: Claim
    seq: int | None = None


@dataclass(frozen=True)
class Committing:
    """The ticket has its number and is being written down; no paper before that."""

    claim: Claim


@dataclass(frozen=True)
class ShowingTicket:
    """The citizen sees the number.

    Attributes:
        ticket: It.
        paper: How its paper is.
        again: This citizen had it already, and shows its code.
        asked: The event with which the hub was asked how it stands; an answer to another means nothing.
        waits: The hub says that it waits: it can be left.
        counter: The hub says that it was called to this one.
    """

    ticket: TicketFacts
    paper: Paper
    again: bool = False
    asked: int | None = None
    waits: bool = False
    counter: str = ""


@dataclass(frozen=True)
class Leaving:
    """A citizen is asked whether to leave the queue."""

    ticket: TicketFacts


@dataclass(frozen=True)
class Rating:
    """Somebody who was served may say how it was. `service` is all that is kept of the ticket."""

    service: str


@dataclass(frozen=True)
class Thanks:
    """It was said."""


Tab = Literal["tests", "state", "log", "touch"]


@dataclass(frozen=True)
class Maintaining:
    """A technician is behind the door.

    Attributes:
        tab: What is looked at.
        scanned: What the scanner read last.
        printed: How the test's paper is; None when it was not asked for.
        touched: Tiles of the touch test that a finger has reached.
    """

    tab: Tab = "tests"
    scanned: str = ""
    printed: Paper | None = None
    touched: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ShowingProblem:
    """No ticket now, and why. `at_ms` is the time that the text names, `service` what the citizen came for."""

    problem: Problem
    at_ms: int = 0
    service: str = ""


Screen = (
    Attract
    | Choosing
    | Searching
    | Typing
    | LookingUp
    | Confirming
    | ChoosingSlot
    | Reserving
    | ShowingSlip
    | Issuing
    | Committing
    | ShowingTicket
    | Leaving
    | Rating
    | Thanks
    | Maintaining
    | ShowingProblem
)


@dataclass(frozen=True)
class Timings:
    """The kiosk's patience, milliseconds.

    Source of the warning's 20 s: WCAG 2.2, 2.2.1. While the kiosk speaks, `speech_idle_ms` is the least on every page,
    and begins when the voice is through.
    """

    answer_ms: int = 400
    idle_ms: int = 45_000
    speech_idle_ms: int = 120_000
    typing_ms: int = 300_000
    warning_ms: int = 20_000
    ticket_ms: int = 12_000
    problem_ms: int = 20_000
    thanks_ms: int = 8_000
    reserve_ms: int = 3_000


@dataclass(frozen=True)
class Kiosk:
    """The kiosk as it stands.

    Attributes:
        screen: What is shown.
        language: What it is shown in.
        catalogue: The office; None before the hub was ever met.
        keys: Public keys of booking codes, by key id.
        view: How busy the office is, as last heard.
        link_up: The hub answers.
        enrolled: The journal has an incarnation: events may be written.
        has_lane: The kiosk may give numbers by itself.
        due_ms: When the screen's own time is over, monotonic; None when it has none.
        warning: The citizen is asked whether somebody is still here.
        timings: How long everything waits.
        speaks: The voice is on.
        modes: What the citizen chose for the eyes.
        door: What the configuration says of the technician's code; empty for no door.
        ranking: Services, the most asked for first, as it was when this citizen came.
        asks_help: The page that calls somebody lies over the screen.
        help: How that call stands.
        scans: The scanner is read: whoever has a code may be asked to show it.
    """

    screen: Screen = Attract()
    language: str = "es"
    catalogue: Catalogue | None = None
    keys: dict[int, bytes] = field(default_factory=dict)
    view: ServicesView | None = None
    link_up: bool = False
    enrolled: bool = False
    has_lane: bool = False
    due_ms: int | None = None
    warning: bool = False
    timings: Timings = Timings()
    speaks: bool = False
    modes: frozenset[Mode] = frozenset()
    door: str = ""
    ranking: tuple[str, ...] = ()
    asks_help: bool = False
    help: HelpCall = HelpCall()
    scans: bool = True

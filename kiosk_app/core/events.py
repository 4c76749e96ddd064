"""What happens to a kiosk, and what it asks to be done."""

from dataclasses import dataclass
from typing import Literal

from kiosk_app.core.states import Mode, Slip, Tab, TicketFacts
from officelib.catalogue import Catalogue
from officelib.events import BookingClaim, Claim
from officelib.inbound import HelpAnswer, Result, ServicesView

# --- what happens


@dataclass(frozen=True)
class Started:
    """The citizen touched the attract screen."""


@dataclass(frozen=True)
class LanguageChosen:
    language: str


@dataclass(frozen=True)
class CodeScanned:
    """A scanner read something. `hub_ms` is hub time; None before this boot's first word from the hub."""

    text: str
    hub_ms: int | None


@dataclass(frozen=True)
class ScanFailed:
    """A scanner read something that cannot be trusted."""


@dataclass(frozen=True)
class ServiceChosen:
    service: str
    hub_ms: int | None


@dataclass(frozen=True)
class GroupChosen:
    group: str


@dataclass(frozen=True)
class SearchAsked:
    """The citizen wants to type what the service is called."""


@dataclass(frozen=True)
class PrioritySwitched:
    """The citizen asks to go earlier, or no longer does."""


@dataclass(frozen=True)
class LeafletAsked:
    """The citizen wants on paper what to bring."""


@dataclass(frozen=True)
class SlotsAsked:
    """The citizen would rather come back at another time. `hub_ms` as in `CodeScanned`."""

    hub_ms: int | None


@dataclass(frozen=True)
class SlotChosen:
    """At this one."""

    slot_ms: int


@dataclass(frozen=True)
class SlipWritten:
    """That the citizen has the booking of a want is in the journal."""

    seq: int


@dataclass(frozen=True)
class SlipRecovered:
    """A crash stood between a booking and its citizen, moments ago."""

    slip: Slip


@dataclass(frozen=True)
class SlipEnded:
    """The printer is through with a booking's paper."""

    seq: int
    printed: bool


@dataclass(frozen=True)
class LeafletEnded:
    """The printer is through with what to bring for a service."""

    service: str
    printed: bool


@dataclass(frozen=True)
class TypingAsked:
    """The citizen has a short code, and no QR; with `who` neither of them."""

    who: bool = False


@dataclass(frozen=True)
class KeyTyped:
    """A character of a short code or of a search; empty takes the last one away."""

    character: str


@dataclass(frozen=True)
class CodeEntered:
    """The citizen has typed all of it. `hub_ms` as in `CodeScanned`."""

    hub_ms: int | None


@dataclass(frozen=True)
class BookingFound:
    """The hub says which booking somebody has, by its short code; empty for none. `hub_ms` as in `CodeScanned`."""

    asked: int
    short: str
    hub_ms: int | None


@dataclass(frozen=True)
class Confirmed:
    """The citizen wants the ticket."""


@dataclass(frozen=True)
class BackPressed:
    pass


@dataclass(frozen=True)
class DonePressed:
    """The citizen leaves."""


@dataclass(frozen=True)
class StillHere:
    """The citizen answers the warning, or touches anything."""


@dataclass(frozen=True)
class ModeSwitched:
    """The citizen wants the screen otherwise, or as before."""

    mode: Mode


@dataclass(frozen=True)
class HelpAsked:
    """The citizen wants somebody of the office."""


@dataclass(frozen=True)
class HelpCalled:
    """And is sure of it."""


@dataclass(frozen=True)
class HelpGivenUp:
    """No longer."""


@dataclass(frozen=True)
class HelpAnswered:
    """The office has heard the call `asked`, has nobody at work, or somebody is on the way."""

    asked: int
    answer: HelpAnswer


@dataclass(frozen=True)
class HelpUnanswered:
    """The office has had its time to answer the call `asked`."""

    asked: int


@dataclass(frozen=True)
class SpeechSwitched:
    """The kiosk speaks from now on, or no longer."""

    on: bool


@dataclass(frozen=True)
class Spoke:
    """A sentence was begun or ended: to listen is not to be idle."""


@dataclass(frozen=True)
class CopyAsked:
    """The citizen wants the shown ticket on paper again."""


@dataclass(frozen=True)
class PaperTold:
    """The hub is asked with the event `seq` how the ticket of a paper stands."""

    code: str
    seq: int


@dataclass(frozen=True)
class LeaveAsked:
    """The citizen does not want to wait any more."""


@dataclass(frozen=True)
class LeaveConfirmed:
    """And is sure of it."""


@dataclass(frozen=True)
class ScoreChosen:
    """How a citizen found the service: 1, bad, to 4, very good."""

    score: int


@dataclass(frozen=True)
class TabChosen:
    """A technician looks at something else."""

    tab: Tab


@dataclass(frozen=True)
class TestAsked:
    """A technician tries the printer or the loudspeaker."""

    __test__ = False

    what: Literal["print", "sound"]


@dataclass(frozen=True)
class TestPrinted:
    """The printer is through with the test."""

    __test__ = False

    printed: bool


@dataclass(frozen=True)
class TileTouched:
    """Of the touch test."""

    number: int


MaintenanceEvent = TabChosen | TestAsked | TestPrinted | TileTouched | CodeScanned | ScanFailed


@dataclass(frozen=True)
class TimePassed:
    """`due_ms` may have come."""


@dataclass(frozen=True)
class WantWritten:
    """The want is in the journal."""

    seq: int


@dataclass(frozen=True)
class HubAnswered:
    result: Result
    hub_ms: int | None


@dataclass(frozen=True)
class TicketWritten:
    """The ticket is in the journal: it exists."""

    ticket: TicketFacts


@dataclass(frozen=True)
class BookingSeen:
    """This kiosk gave that booking its ticket before."""

    ticket: TicketFacts


@dataclass(frozen=True)
class BookingNew:
    """This kiosk knows of no ticket for that booking."""

    claim: Claim


@dataclass(frozen=True)
class PaperEnded:
    """The printer is through with a ticket."""

    seq: int
    printed: bool


@dataclass(frozen=True)
class LinkSwitched:
    up: bool


@dataclass(frozen=True)
class ScannerSwitched:
    """The scanner is read from now on, or no longer."""

    on: bool


@dataclass(frozen=True)
class OfficeTold:
    """The hub told the catalogue and the keys."""

    catalogue: Catalogue
    keys: dict[int, bytes]


@dataclass(frozen=True)
class QueuesTold:
    view: ServicesView


@dataclass(frozen=True)
class Enrolled:
    """The journal has its incarnation; or has lost it, and asks for another."""

    has_lane: bool
    granted: bool = True


@dataclass(frozen=True)
class JournalRefused:
    """The disk takes nothing: no ticket may be promised."""


@dataclass(frozen=True)
class Recovered:
    """A crash stood between a ticket and its citizen, moments ago."""

    ticket: TicketFacts


Event = (
    Started
    | LanguageChosen
    | CodeScanned
    | ScanFailed
    | ServiceChosen
    | GroupChosen
    | SearchAsked
    | PrioritySwitched
    | LeafletAsked
    | LeafletEnded
    | SlotsAsked
    | SlotChosen
    | SlipWritten
    | SlipRecovered
    | SlipEnded
    | TypingAsked
    | KeyTyped
    | CodeEntered
    | BookingFound
    | Confirmed
    | BackPressed
    | DonePressed
    | StillHere
    | ModeSwitched
    | HelpAsked
    | HelpCalled
    | HelpGivenUp
    | HelpAnswered
    | HelpUnanswered
    | SpeechSwitched
    | Spoke
    | CopyAsked
    | PaperTold
    | LeaveAsked
    | LeaveConfirmed
    | ScoreChosen
    | TabChosen
    | TestAsked
    | TestPrinted
    | TileTouched
    | TimePassed
    | WantWritten
    | HubAnswered
    | TicketWritten
    | BookingSeen
    | BookingNew
    | PaperEnded
    | LinkSwitched
    | ScannerSwitched
    | OfficeTold
    | QueuesTold
    | Enrolled
    | JournalRefused
    | Recovered
)

# --- what is to be done


@dataclass(frozen=True)
class LookUpBooking:
    """Has this kiosk seen the booking? Answered by `BookingSeen` or `BookingNew`."""

    claim: Claim
    booking: BookingClaim


@dataclass(frozen=True)
class AskBooking:
    """Ask the hub for the booking of whoever typed that; it leaves the kiosk as a hash, and is written nowhere.

    Answered by `BookingFound`, or by nothing.
    """

    typed: str
    office: str
    asked: int

    def __repr__(self) -> str:
        return f"AskBooking(asked={self.asked})"


@dataclass(frozen=True)
class CallHelp:
    """Ask the hub for somebody, or say that nobody is needed any more; written nowhere. Answered by `HelpAnswered`."""

    asked: int
    on: bool


@dataclass(frozen=True)
class WriteWant:
    """Answered by `WantWritten`."""

    claim: Claim


@dataclass(frozen=True)
class WritePrint:
    """Take the hub's number and owe its paper. Answered by `TicketWritten`."""

    ticket: TicketFacts
    booking_ref: str


@dataclass(frozen=True)
class WriteLane:
    """Take the next number of the lane. `want` is 0 when the hub was not asked. Answered by `TicketWritten`."""

    claim: Claim
    want: int


@dataclass(frozen=True)
class WriteBook:
    """Ask the hub for a booking. Answered by `WantWritten`."""

    service: str
    slot_ms: int


@dataclass(frozen=True)
class WriteBooked:
    """The citizen is told of the booking, and owed its paper. Answered by `SlipWritten`."""

    slip: Slip


@dataclass(frozen=True)
class PrintSlip:
    """Print a booking that the citizen has. Answered by `SlipEnded`."""

    slip: Slip


@dataclass(frozen=True)
class WriteAbandon:
    """No ticket comes of a want. `told`: the number that its citizen was told instead."""

    want: int
    reason: str
    told: str = ""


@dataclass(frozen=True)
class TellPaper:
    """A ticket's paper was shown: the hub is to know of it. Answered by `PaperTold`."""

    code: str


@dataclass(frozen=True)
class WriteLeft:
    """The citizen of a paper leaves the queue."""

    code: str


@dataclass(frozen=True)
class ForgetBooking:
    """The booking of a ticket's code has no ticket any more: who comes with it again comes anew."""

    code: str


@dataclass(frozen=True)
class WriteRating:
    """How somebody found a service."""

    service: str
    score: int


@dataclass(frozen=True)
class PrintPaper:
    """Print a ticket that is written down; its `copies` say whether it is a copy."""

    ticket: TicketFacts


@dataclass(frozen=True)
class RunTest:
    """Print a page, answered by `TestPrinted`; or say a sentence, answered by whoever hears it."""

    what: Literal["print", "sound"]


@dataclass(frozen=True)
class PrintLeaflet:
    """Print what to bring for a service. Nothing of it is written down. Answered by `LeafletEnded`."""

    service: str
    language: str


Effect = (
    LookUpBooking
    | AskBooking
    | CallHelp
    | WriteWant
    | WritePrint
    | WriteLane
    | WriteAbandon
    | WriteBook
    | WriteBooked
    | PrintSlip
    | TellPaper
    | WriteLeft
    | ForgetBooking
    | WriteRating
    | PrintPaper
    | PrintLeaflet
    | RunTest
)

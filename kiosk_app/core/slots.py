"""A citizen who cannot be served now gets a booking for another time. Pure."""

from dataclasses import replace

from kiosk_app.core import events as ev
from kiosk_app.core.patience import show
from kiosk_app.core.states import (
    Attract,
    ChoosingSlot,
    Confirming,
    Kiosk,
    Paper,
    Problem,
    Reserving,
    ShowingProblem,
    ShowingSlip,
    Slip,
)
from kiosk_app.core.waits import closing
from officelib.inbound import SlotDenied, SlotGranted

Step = tuple[Kiosk, list[ev.Effect]]


def free_ms(kiosk: Kiosk, service: str, hub_ms: int | None) -> tuple[int, ...]:
    """Times that can be had for a service; none where the hub is away."""
    state = kiosk.view.services.get(service) if kiosk.view and kiosk.link_up and kiosk.enrolled else None
    if state is None or kiosk.catalogue is None or hub_ms is None:
        return ()
    soonest_ms = hub_ms + kiosk.catalogue.slots.lead_min * 60_000
    return tuple(slot for slot in state.free_ms if slot >= soonest_ms)


def offers_slots(kiosk: Kiosk, hub_ms: int | None) -> bool:
    """Whether the page that is shown should offer another time: nobody who can be served today is sent away."""
    screen = kiosk.screen
    match screen:
        case Confirming():
            late = closing(kiosk, screen.service, hub_ms) is not None
            return late and bool(free_ms(kiosk, screen.service, hub_ms))
        case ShowingProblem() if screen.problem in (Problem.FULL, Problem.NOT_BOOKED):
            return bool(free_ms(kiosk, screen.service, hub_ms))
        case _:
            return False


def slots_asked(kiosk: Kiosk, hub_ms: int | None, now_ms: int) -> Kiosk:
    """The times that there are."""
    screen = kiosk.screen
    if not isinstance(screen, Confirming | ShowingProblem) or not offers_slots(kiosk, hub_ms):
        return kiosk
    times_ms = free_ms(kiosk, screen.service, hub_ms)
    return show(kiosk, ChoosingSlot(screen.service, screen, times_ms), now_ms)


def slot_chosen(kiosk: Kiosk, slot_ms: int, now_ms: int) -> Step:
    """Ask the hub for it; the hub alone knows whether it can still be had."""
    screen = kiosk.screen
    if not isinstance(screen, ChoosingSlot) or slot_ms not in screen.times_ms:
        return kiosk, []
    if not (kiosk.link_up and kiosk.enrolled):
        return show(kiosk, ShowingProblem(Problem.NOT_BOOKED, service=screen.service), now_ms), []
    reserving = Reserving(screen.service, slot_ms, screen.behind, screen.times_ms)
    return show(kiosk, reserving, now_ms), [ev.WriteBook(screen.service, slot_ms)]


def reserving_written(kiosk: Kiosk, screen: Reserving, seq: int, now_ms: int) -> Kiosk:
    """The wish is in the journal: from now on the hub has its time to answer."""
    return replace(kiosk, screen=replace(screen, seq=seq), due_ms=now_ms + kiosk.timings.reserve_ms)


def slot_answered(kiosk: Kiosk, answer: SlotGranted | SlotDenied, now_ms: int) -> Step:
    """What the hub says; after the time for it nothing counts, and the hub hears that nobody was told."""
    screen = kiosk.screen
    if not isinstance(screen, Reserving) or screen.seq != answer.seq or screen.slip is not None:
        return kiosk, []
    if isinstance(answer, SlotDenied):
        ended = ev.WriteAbandon(answer.seq, "refused: taken")
        left = tuple(slot for slot in screen.times_ms if slot != screen.slot_ms)
        if not left:
            return show(kiosk, ShowingProblem(Problem.NOT_BOOKED, service=screen.service), now_ms), [ended]
        return show(kiosk, ChoosingSlot(screen.service, screen.behind, left, gone=True), now_ms), [ended]
    slip = Slip(answer.seq, answer.ref, answer.service, kiosk.language, answer.slot_ms, answer.short, answer.code)
    return replace(kiosk, screen=replace(screen, slip=slip), due_ms=None), [ev.WriteBooked(slip)]


def slip_written(kiosk: Kiosk, seq: int, now_ms: int) -> Step:
    """Now it is the citizen's: it is shown and printed."""
    screen = kiosk.screen
    if not isinstance(screen, Reserving) or screen.slip is None or screen.slip.seq != seq:
        return kiosk, []
    return show(kiosk, ShowingSlip(screen.slip, Paper.PRINTING), now_ms), [ev.PrintSlip(screen.slip)]


def slip_recovered(kiosk: Kiosk, slip: Slip, now_ms: int) -> Step:
    """The citizen may still stand here: the booking is shown, and its paper printed."""
    if not isinstance(kiosk.screen, Attract):
        return kiosk, [ev.PrintSlip(slip)]
    shown = show(replace(kiosk, language=slip.language), ShowingSlip(slip, Paper.PRINTING), now_ms)
    return shown, [ev.PrintSlip(slip)]


def slip_ended(kiosk: Kiosk, event: ev.SlipEnded, now_ms: int) -> Kiosk:
    """How its paper came out."""
    screen = kiosk.screen
    if not isinstance(screen, ShowingSlip) or screen.slip.seq != event.seq:
        return kiosk
    return show(kiosk, replace(screen, paper=Paper.PRINTED if event.printed else Paper.FAULT), now_ms)


def not_reserved(kiosk: Kiosk, screen: Reserving, now_ms: int) -> Step:
    """No answer in time: nothing is booked, and the hub is told so."""
    ended: list[ev.Effect] = [] if screen.seq is None else [ev.WriteAbandon(screen.seq, "no answer in time")]
    return show(kiosk, ShowingProblem(Problem.NOT_BOOKED, service=screen.service), now_ms), ended

"""What citizens do on their tickets' pages, and who of them is on the way: told to clerks, written nowhere."""

from typing import assert_never

from office_hub.core import intake
from office_hub.core.intake import Intake
from office_hub.core.pages import PageAction
from officelib import events as e
from officelib.ids import EventId
from officelib.office import Office, State, Ticket

ON_THE_WAY_MS = 600_000
"""Who said so longer ago has come, or will not."""
MAY_COME = frozenset({State.WAITING, State.CALLED, State.PARKED, State.NO_SHOW})
SCORES = {"rate-1": 1, "rate-2": 2, "rate-3": 3, "rate-4": 4}


class Followers:
    """Used by the engine's thread."""

    def __init__(self) -> None:
        self._coming: dict[str, int] = {}
        self._rated: set[str] = set()

    def coming(self) -> frozenset[str]:
        """Tickets whose citizens said that they are on the way."""
        return frozenset(self._coming)

    def forget(self, now_ms: int) -> bool:
        """Drop what is over. Returns whether anything was."""
        before = len(self._coming)
        self._coming = {ticket: at_ms for ticket, at_ms in self._coming.items() if now_ms - at_ms <= ON_THE_WAY_MS}
        return len(self._coming) < before

    def forget_day(self) -> None:
        """Another day: its tickets are others."""
        self._coming, self._rated = {}, set()

    def act(
        self, office: Office, rules: Intake, code: str, action: PageAction, now_ms: int
    ) -> tuple[bool, list[e.LogBody]]:
        """What a citizen does. Returns whether it counts, and what the log says.

        Who was missed and is on the way waits again, as at a kiosk. A service is rated once, by who was served.

        Raises:
            Poison: no paper of this office and day.
        """
        ticket, opened = self._ticket(office, rules, code, now_ms)
        match action:
            case "leave":
                return True, intake.leave(office, rules, code, now_ms)
            case "coming":
                if ticket is None or ticket.state not in MAY_COME:
                    return False, opened
                self._coming[ticket.id] = now_ms
                return True, intake.bring_in(office, rules, code, now_ms)[1]
            case "rate-1" | "rate-2" | "rate-3" | "rate-4":
                if ticket is None or ticket.state is not State.FINISHED or ticket.id in self._rated:
                    return False, opened
                self._rated.add(ticket.id)
                return True, [e.ServiceRated(ticket.service, SCORES[action])]
            case _:
                assert_never(action)

    @staticmethod
    def _ticket(office: Office, rules: Intake, code: str, now_ms: int) -> tuple[Ticket | None, list[e.LogBody]]:
        read, opened = intake.open_page(office, rules, code, now_ms)
        return ticket_of(office, read.ticket, read.label), opened


def ticket_of(office: Office, event: EventId, label: str) -> Ticket | None:
    """The ticket of a paper: by the event that it stands on, else by the number that another paper has too."""
    return office.ticket_of(event) or office.tickets.get(office.by_label.get(label, ""))

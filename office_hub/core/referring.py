"""Other offices of the city: who they are, and what they have of the citizens that were sent to them."""

from typing import NamedTuple

import msgspec

from mqtt_bridge.messages import OfficeState, ReferralsTaken
from officelib.office import Office
from officelib.referral import Referral

AGAIN_MS = 5_000
"""After so long without an answer a referral is sent once more."""


class Elsewhere(NamedTuple):
    """Another office as a clerk chooses it: names by language; waits of services that are served there now."""

    id: str
    name: dict[str, str]
    services: dict[str, dict[str, str]]
    waits_min: dict[str, int]


class Neighbours:
    """Used by the engine's thread; `elsewhere` may be read from any.

    Nothing in it must outlive a restart: whom this office has sent is in its log, and what the others took they say
    again.
    """

    def __init__(self) -> None:
        self.elsewhere: tuple[Elsewhere, ...] = ()
        self._offices: dict[str, OfficeState] = {}
        self._taken: dict[str, set[str]] = {}
        self._sent_ms: dict[str, int] = {}

    def heard(self, state: OfficeState) -> None:
        """A hub's birth or will; one of a lower epoch is dead. Of a higher one nobody knows yet what it took."""
        known = self._offices.get(state.office)
        if known is not None:
            is_dead = state.ep < known.ep
            is_stray_will = state.st == "off" and state.ses != known.ses
            if is_dead or is_stray_will:
                return
        if known is None or state.ep > known.ep:
            self._taken[state.office] = set()
            self._sent_ms.clear()
        self._offices[state.office] = state
        self._show()

    def gone(self) -> None:
        """The city cannot be reached: nobody is there until heard again. What the offices took counts on."""
        self._offices = {name: msgspec.structs.replace(one, st="off") for name, one in self._offices.items()}
        self._show()

    def took(self, taken: ReferralsTaken) -> None:
        """Another office's answer; of what was never sent it means nothing."""
        refs = self._sent_ms.keys() & taken.refs
        known = self._offices.get(taken.office)
        if known is None or taken.ep < known.ep:
            return
        if taken.ep > known.ep:
            self.heard(msgspec.structs.replace(known, ep=taken.ep))
        self._taken[taken.office] |= refs

    def services(self) -> dict[str, dict[str, dict[str, str]]]:
        """The services of each office that can be reached now, by the office's id."""
        return {office.id: office.services for office in self.elsewhere}

    def due(self, office: Office, now_ms: int) -> dict[str, list[Referral]]:
        """What is to be sent now, by office.

        Args:
            office: This one.
            now_ms: Monotonic.
        """
        if not office.referred:  # another day
            self._sent_ms.clear()
            self._taken = {name: set() for name in self._taken}
        found: dict[str, list[Referral]] = {}
        for ref, sent in office.referred.items():
            other = self._offices.get(sent.office)
            if other is None or other.st == "off" or ref in self._taken[sent.office]:
                continue
            if now_ms - self._sent_ms.get(ref, -AGAIN_MS) < AGAIN_MS:
                continue
            self._sent_ms[ref] = now_ms
            ticket = office.tickets[sent.ticket]
            referral = Referral(ref, sent.service, ticket.stands.arrival_ms, ticket.persons)
            found.setdefault(sent.office, []).append(referral)
        return found

    def _show(self) -> None:
        present = sorted((state for state in self._offices.values() if state.st == "on"), key=lambda one: one.office)
        self.elsewhere = tuple(Elsewhere(one.office, one.name, one.services, one.waits_min) for one in present)

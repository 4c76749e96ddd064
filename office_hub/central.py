"""The link to the city's broker, where the hubs of its offices meet."""

import logging
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from mqtt_bridge import messages, topics
from mqtt_bridge.client import Connect, Session
from mqtt_bridge.messages import BadMessage
from office_hub import work

if TYPE_CHECKING:
    from office_hub.engine import Engine

log = logging.getLogger(__name__)

REFERRALS_A_MESSAGE = 64
GREET_MS = 60_000
"""A hub that was replaced may have left its own word, retained, in place of ours."""


class Central:
    """A hub's mouth and ears among the offices of its city. `attach` gives it its engine."""

    def __init__(self, connect: Connect, hub: str, office: str) -> None:
        """Args:
        connect: To the city's broker.
        hub: This hub's name.
        office: The office's id.
        """
        self._hub, self._office = hub, office
        self._session_id = ""
        self._greet, self._greet_due_ms = False, 0
        self._engine: Engine | None = None
        self._link = connect(self._session, on_up=self._came_up, on_down=self._went_down, on_message=self._message)

    def attach(self, engine: "Engine") -> None:
        """Begin to speak for an engine."""
        self._engine = engine
        self._link.start()

    def stop(self) -> None:
        """The others are told that nobody is sent here now; a hub that was replaced says nothing any more."""
        if not self._of_engine().fenced_by:
            self._link.publish(topics.office_state(self._office), messages.encode(self._state("off")), retain=True)
        self._link.stop()

    # --- told in the engine's thread

    def greet(self) -> None:
        """The others are to hear who we are, and what we offer."""
        self._greet = True

    def referrals_taken(self, office: str, refs: Sequence[str]) -> None:
        """Tell an office that its citizens are known here."""
        message = messages.ReferralsTaken(ep=self._of_engine().epoch, office=self._office, refs=tuple(refs))
        self._link.publish(topics.referrals_taken(self._office, office), messages.encode(message))

    def tick(self, now_ms: int) -> None:
        """Send what is due, monotonic time given."""
        engine = self._of_engine()
        if self._greet or now_ms >= self._greet_due_ms:
            self._greet, self._greet_due_ms = False, now_ms + GREET_MS
            self._link.publish(topics.office_state(self._office), messages.encode(self._state("on")), retain=True)
        for office, items in engine.neighbours.due(engine.office, now_ms).items():
            for start in range(0, len(items), REFERRALS_A_MESSAGE):
                part = tuple(items[start : start + REFERRALS_A_MESSAGE])
                message = messages.Referrals(ep=engine.epoch, office=self._office, items=part)
                self._link.publish(topics.referrals(self._office, office), messages.encode(message))

    # --- the link's threads

    def _state(self, st: Literal["on", "off"]) -> messages.OfficeState:
        engine = self._of_engine()
        services = {service.id: dict(service.name) for service in engine.catalogue.service} if st == "on" else {}
        return messages.OfficeState(
            ep=engine.epoch,
            st=st,
            ses=self._session_id,
            office=self._office,
            name=dict(engine.catalogue.office.name),
            services=services,
            waits_min=engine.waits_min() if st == "on" else {},
        )

    def _session(self) -> Session:
        self._session_id = secrets.token_hex(16)
        return Session(
            f"{self._office}-{self._hub}-{self._session_id[:8]}",
            topics.from_city(self._office),
            topics.office_state(self._office),
            messages.encode(self._state("off")),
        )

    def _came_up(self) -> None:
        log.info("connected to the city's broker")
        self._greet = True

    def _went_down(self, reason: str) -> None:
        log.warning("%s: the city's broker is away; the office goes on by itself", reason)
        self._of_engine().submit(work.CityGone())

    def _message(self, topic: str, payload: bytes) -> None:
        parts = topics.parse_city(topic, self._office)
        if parts is None or not payload:
            return
        try:
            came = _work_of(parts, payload)
            if isinstance(came, work.CityNoticesCame) or parts.office != self._office:
                self._of_engine().submit(came)
            elif isinstance(came, work.OfficeCame) and came.state.ep > self._of_engine().epoch:
                self._of_engine().submit(work.HigherEpochHeard(came.state.ep))
        except BadMessage as error:
            log.warning("ignored a message on %s: %s", topic, error)

    def _of_engine(self) -> "Engine":
        if self._engine is None:
            raise RuntimeError("attach comes first")
        return self._engine


def _work_of(parts: topics.CityTopic, payload: bytes) -> work.Work:
    """What another office says.

    Raises:
        BadMessage: nothing that can be read, or said in the name of a third one.
    """
    message: messages.OfficeState | messages.Referrals | messages.ReferralsTaken
    came: work.Work
    if parts.leaf == "notices":
        return work.CityNoticesCame(messages.decode(payload, messages.CityNotices))
    match parts.leaf:
        case "state":
            message = messages.decode(payload, messages.OfficeState)
            came = work.OfficeCame(message)
        case "referrals":
            message = messages.decode(payload, messages.Referrals)
            came = work.ReferralsCame(message)
        case _:
            message = messages.decode(payload, messages.ReferralsTaken)
            came = work.ReferralsWereTaken(message)
    if message.office != parts.office:
        raise BadMessage(f"{parts.office} writes in the name of {message.office}")
    return came

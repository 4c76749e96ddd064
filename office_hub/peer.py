"""A hub's ear at the other hub's broker: a standby follows there, a leader hears whether it was replaced."""

import logging
import secrets
import sqlite3
import threading
from collections.abc import Callable

from mqtt_bridge import messages, topics
from mqtt_bridge.client import Connect, Session
from mqtt_bridge.messages import BadMessage
from office_hub.standby import Standby
from officelib.errors import KnownError

log = logging.getLogger(__name__)

FOLLOW_MS = 2_000
"""How often a standby tells how far it is when nothing comes."""


class Peer:
    """Follows with a standby; without one only listens. Its calls come in the link's threads, one at a time."""

    def __init__(
        self, connect: Connect, hub: str, office: str, standby: Standby | None, on_epoch: Callable[[int], None]
    ) -> None:
        """Args:
        connect: To the other hub's broker.
        hub: This hub's name.
        office: The office's id.
        standby: Takes in the log; None for a leader.
        on_epoch: Hears the epoch of the hub over there.
        """
        self._hub, self._office, self._standby, self._on_epoch = hub, office, standby, on_epoch
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="peer", daemon=True)
        self.link = connect(
            self._session,
            on_up=self.follow,
            on_down=lambda reason: log.warning("%s: the other hub's broker", reason),
            on_message=self._message,
        )

    def start(self) -> None:
        self.link.start()
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self.link.stop()

    def follow(self) -> None:
        """Tell the leader how far this log is."""
        if self._standby is not None:
            with self._lock:
                word = self._standby.follow()
            self.link.publish(topics.follow(self._office, self._hub), messages.encode(word))

    def _run(self) -> None:
        while not self._ended.wait(FOLLOW_MS / 1000):
            self.follow()

    def _session(self) -> Session:
        listens = (topics.beat(self._office), topics.replica(self._office, self._hub))
        return Session(f"{self._hub}-peer-{secrets.token_hex(4)}", listens)

    def _message(self, topic: str, payload: bytes) -> None:
        try:
            if topic == topics.beat(self._office):
                with self._lock:
                    self._on_epoch(messages.decode(payload, messages.Beat).ep)
            elif self._standby is not None:
                replica = messages.decode(payload, messages.Replica)
                with self._lock:
                    is_news = self._standby.hear(replica)
                if is_news:
                    self.follow()
        except BadMessage as error:
            log.warning("ignored a message on %s: %s", topic, error)
        except KnownError as error:
            log.error("%s", error)
        except sqlite3.Error:
            log.exception("the log could not be written; it will be asked for again; check the disk")

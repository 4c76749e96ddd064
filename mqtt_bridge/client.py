"""A connection to the broker that is thrown away and built anew whenever it is in doubt."""

import functools
import logging
import random
import socket
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from mqtt_bridge.tls import REFUSALS, TlsFiles, context_of, refusal

log = logging.getLogger(__name__)

KEEPALIVE_S = 10
CONNECT_S = 10.0
BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
TCP_USER_TIMEOUT_MS = 10_000


@dataclass(frozen=True)
class BrokerAddress:
    """Where the broker is, and who we are there: the common name of the certificate."""

    host: str
    port: int
    user: str
    tls: TlsFiles


@dataclass(frozen=True)
class Session:
    """What a connection says of itself: its will, published by the broker when it dies, and what it listens to."""

    client_id: str
    subscriptions: tuple[str, ...]
    will_topic: str = ""
    will: bytes = b""


class Link(Protocol):
    """What bridges and hubs know of a connection. Methods may be called from any thread."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def renew(self) -> None:
        """The connection is in doubt: throw it away."""

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish when connected; drop it when not: what matters is sent again by whoever waits for an ack."""


class Connect(Protocol):
    """Makes a link to a broker; it calls back in its own threads.

    `new_session` is asked before each attempt; `on_up`: the subscriptions stand; `on_down`: the link is gone, with the
    reason for the log; `on_message`: (topic, payload) as they come.
    """

    def __call__(
        self,
        new_session: Callable[[], Session],
        *,
        on_up: Callable[[], None],
        on_down: Callable[[str], None],
        on_message: Callable[[str, bytes], None],
    ) -> Link: ...


class Connection:
    """Keeps a connection up. Calls back in its own threads; `publish` may be called from any."""

    def __init__(
        self,
        brokers: Sequence[BrokerAddress],
        new_session: Callable[[], Session],
        *,
        on_up: Callable[[], None],
        on_down: Callable[[str], None],
        on_message: Callable[[str, bytes], None],
        on_refused: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Args:
        brokers: Where to connect: to the next one whenever a connection ends or fails.
        new_session: Asked before each attempt.
        on_up: The subscriptions stand.
        on_down: The connection is gone; the reason is for the log.
        on_message: (topic, payload) as they come.
        on_refused: The broker wants nothing of our certificate; OpenSSL's name of its alert.
        """
        self._brokers = deque(brokers)
        self._new_session = new_session
        self._on_up, self._on_down, self._on_message = on_up, on_down, on_message
        self._on_refused = on_refused
        self._jitter = random.SystemRandom()
        self._client: paho.Client | None = None
        self._lost = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Say good-bye and end; the will is not published."""
        self._ended.set()
        self._lost.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def renew(self) -> None:
        """The connection is in doubt: throw it away."""
        self._lost.set()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish at QoS 1 when connected; drop it when not: what matters is sent again by whoever waits for an ack."""
        client = self._client
        if client is not None:
            client.publish(topic, payload, qos=1, retain=retain)

    def _run(self) -> None:
        failures = 0
        while not self._ended.is_set():
            lasted = self._one_connection(self._brokers[0])
            self._brokers.rotate(-1)
            failures = 0 if lasted else failures + 1
            pause_s = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
            self._ended.wait(pause_s * self._jitter.uniform(0.5, 1.0))

    def _one_connection(self, broker: BrokerAddress) -> bool:
        """Connect, wait until it is over. True when it had come up."""
        self._lost.clear()
        came_up = threading.Event()
        session = self._new_session()
        client = self._build(broker, session, came_up)
        try:
            client.tls_set_context(context_of(broker.tls))
            client.connect(broker.host, broker.port, keepalive=KEEPALIVE_S, clean_start=True)
        except OSError as error:
            log.info("broker %s:%d: %s", broker.host, broker.port, error)
            return False
        client.loop_start()
        try:
            for _ in range(int(CONNECT_S * 20)):
                if came_up.wait(0.05) or self._lost.is_set():
                    break
            if came_up.is_set() and not self._lost.is_set():
                self._client = client
                self._on_up()
                self._lost.wait()
        finally:
            self._client = None
            client.disconnect()
            client.loop_stop()
            if came_up.is_set():
                self._on_down("ended" if self._ended.is_set() else "connection lost")
        if not came_up.is_set():
            self._ask_why(broker)
        return came_up.is_set()

    def _ask_why(self, broker: BrokerAddress) -> None:
        """A connection that ended before it began: a refused certificate is something that a person must mend."""
        reason = refusal(broker.host, broker.port, broker.tls)
        if reason:
            log.error(
                "broker %s:%d refuses '%s': %s", broker.host, broker.port, broker.user, REFUSALS.get(reason, reason)
            )
            self._on_refused(reason)

    def _build(self, broker: BrokerAddress, session: Session, came_up: threading.Event) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, session.client_id, protocol=paho.MQTTv5, reconnect_on_failure=False
        )
        if session.will_topic:
            client.will_set(session.will_topic, session.will, qos=1, retain=True)
        client.connect_timeout = CONNECT_S

        def connected(c: paho.Client, _u: object, _f: object, code: ReasonCode, _p: Properties | None) -> None:
            if code.is_failure:
                log.error("broker %s refuses '%s': %s", broker.host, broker.user, code)
                self._lost.set()
            else:
                c.subscribe([(topic, SubscribeOptions(qos=1)) for topic in session.subscriptions])

        def subscribed(_c: paho.Client, _u: object, _m: int, codes: list[ReasonCode], _p: Properties | None) -> None:
            for topic, code in zip(session.subscriptions, codes, strict=True):
                if code.is_failure:
                    log.error("broker refuses '%s' to listen to %s: %s", broker.user, topic, code)
            came_up.set()

        def published(_c: paho.Client, _u: object, _m: int, code: ReasonCode, _p: Properties | None) -> None:
            if code.is_failure:
                log.error("broker refuses a message of '%s': %s", broker.user, code)

        def message(_c: paho.Client, _u: object, received: paho.MQTTMessage) -> None:
            self._on_message(received.topic, bytes(received.payload))

        client.on_socket_open = _tune
        client.on_connect = connected
        client.on_subscribe = subscribed
        client.on_publish = published
        client.on_message = message
        client.on_disconnect = lambda *_: self._lost.set()
        return client


def to_brokers(*brokers: BrokerAddress) -> Connect:
    """Connections to the first of these brokers that answers."""
    return functools.partial(Connection, brokers)


def _tune(_client: paho.Client, _data: object, connection: object) -> None:
    if not isinstance(connection, socket.socket):
        return
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TCP_USER_TIMEOUT_MS)

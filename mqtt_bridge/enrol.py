"""A device asks to be let into an office, and shows its token."""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import msgspec

from mqtt_bridge.identity import install, pending_key
from officelib import authority
from officelib.enrolment import PATH, PROOF_HEADER, Admission, Ask, BadToken, Token, is_proved, prove, read_token
from officelib.errors import KnownError

ASK_S = 10.0
PATIENCE_S = 60.0
PAUSE_S = 1.0
MAX_ANSWER_BYTES = 64 * 1024

MEANINGS = {
    "expired": "the token is too old: make a new one with 'office-hub enrol'",
    "used": "the token was used by another device: make a new one with 'office-hub enrol'",
    "slot_taken": "another kiosk's lane has that digit: make a token with another --slot",
    "no_device": "the token names no device",
    "bad_request": "the hub does not understand the request: are both of the same release?",
    "foreign": "the token is not of this hub, or was changed",
}


class HubRefuses(KnownError):
    """The hub does not want the device with that token: trying again with the same one is in vain."""


def enrol(text: str, folder: Path, patience_s: float = PATIENCE_S, more_hubs: Sequence[str] = ()) -> Admission:
    """Enter the office that a token's text names, and write down what this device is there.

    Args:
        text: The token's.
        folder: The device's identity.
        patience_s: How long a hub is asked that does not answer.
        more_hubs: Asked where none of the token's own answers, as "http://10.0.0.5:8420".

    Raises:
        HubRefuses: the hub does not want it.
        KnownError: no token, or no hub. Trying again with the same token is safe.
    """
    try:
        token = read_token(text)
    except BadToken as error:
        raise KnownError(str(error), where="the token", mend="Show it again: 'office-hub enrol'.") from error
    key = pending_key(folder)
    body = msgspec.json.encode(Ask(token.invitation, authority.request_of(key, token.invitation.device)))
    hubs = tuple(dict.fromkeys([*token.hubs, *more_hubs]))
    deadline = time.monotonic() + patience_s
    while True:
        admission, why = _ask_all(hubs, token, body)
        if admission is not None:
            install(folder, admission, key)
            return admission
        if time.monotonic() > deadline:
            raise KnownError(why, where=", ".join(hubs), mend="Mend that, and enrol with the same token again.")
        time.sleep(PAUSE_S)


def _ask_all(hubs: Sequence[str], token: Token, body: bytes) -> tuple[Admission | None, str]:
    why = "the token names no hub"
    for hub in hubs:
        try:
            admission = _ask(hub, token, body)
        except OSError as error:
            why = f"{hub}: {error}"
        else:
            if admission is not None:
                return admission, ""
            why = f"{hub} cannot decide now: is its standby there?"
    return None, why


def _ask(hub: str, token: Token, body: bytes) -> Admission | None:
    """One hub's answer; None: it asks to wait.

    Raises:
        OSError: it cannot be reached, or does not prove that it knows the token.
        HubRefuses: it does not want this device.
    """
    if not hub.startswith(("http://", "https://")):
        raise OSError("no address of a hub")
    asked = urllib.request.Request(  # noqa: S310 (the scheme was looked at)
        hub + PATH, data=body, headers={PROOF_HEADER: prove(token.secret, "ask", body)}, method="POST"
    )
    try:
        with urllib.request.urlopen(asked, timeout=ASK_S) as answer:  # noqa: S310
            said, proof = answer.read(MAX_ANSWER_BYTES), answer.headers.get(PROOF_HEADER, "")
    except urllib.error.HTTPError as error:
        reason = error.read(200).decode(errors="replace")
        if error.code >= 500:
            return None
        raise HubRefuses(MEANINGS.get(reason, f"refused: {reason}"), where=hub, mend="Then enrol again.") from error
    except http.client.HTTPException as error:
        raise OSError(f"no hub answers there: {error!r}") from error
    if not is_proved(token.secret, "admission", said, proof):
        raise OSError("what answers there does not know the token: is it the hub?")
    try:
        return msgspec.json.decode(said, type=Admission)
    except ValueError as error:
        raise OSError(f"not understood: {error}") from error

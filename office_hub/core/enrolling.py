"""Who is let into the office: what becomes of a token, of a renewal, of a word that a device is out."""

import logging
from typing import Literal

from office_hub.core.draft import Draft
from officelib import events as e
from officelib.authority import RENEW_MS, Authority, Certificate, ends_ms
from officelib.enrolment import Invitation
from officelib.ids import DEVICE
from officelib.journal.registry import Given, Registry
from officelib.signature import is_signed

log = logging.getLogger(__name__)

Refused = Literal["expired", "used", "slot_taken", "no_device", "bad_request", "wait"]


def admit(
    draft: Draft, registry: Registry, authority: Authority, invitation: Invitation, request: str
) -> Given | Certificate | Refused:
    """Let a device in by its token, which is known to be this hub's.

    The same token with the same key gets the same certificate again: an answer may be lost. Another machine of that
    name is replaced: its certificates count no more.

    Returns:
        What it was given; "wait" while a promotion may still lose it; or why it is not let in.
    """
    try:
        asked = authority.certify(request, invitation.device, draft.now_ms)
    except ValueError:
        return "bad_request"
    nonce = invitation.nonce.hex()
    before = registry.of_token(nonce)
    if any(isinstance(entry.body, e.CertificateGiven) for entry in draft.entries):
        return "wait"  # one at a time: what this round gave is not in the registry yet
    if before is not None:
        if before.public != asked.public or before.is_revoked:
            return "used"
        return before if is_safe(draft, before.n) else "wait"
    if draft.now_ms > invitation.expires_ms:
        return "expired"
    found = DEVICE.match(invitation.device)
    if found is None or found["kind"] == "h" or not 0 <= invitation.slot <= (9 if found["kind"] == "k" else 0):
        return "no_device"
    if invitation.slot and _owner(draft, registry, invitation.slot) not in ("", invitation.device):
        return "slot_taken"
    old = tuple(one.serial for one in registry.of(invitation.device) if not one.is_revoked)
    if old:
        draft.add([e.DeviceRevoked(invitation.device, old, replaced=True)])
    draft.add([_given(invitation.device, asked, nonce, invitation.slot)])
    return asked if draft.followed_to is None else "wait"


def renew(
    draft: Draft, registry: Registry, authority: Authority, device: str, request: str, proof: bytes
) -> Given | Certificate | None:
    """A device asks for its next certificate. None: not now, or never; the log says why.

    Args:
        draft: The round.
        registry: Who was let in.
        authority: The office's.
        device: Who asks, as the broker knows it.
        request: For the new key.
        proof: The request signed with the key of the certificate that the device has: a machine that was replaced may
            still be connected under the same name.
    """
    known = [one for one in registry.of(device) if not one.is_revoked]
    if not is_signed(request.encode(), proof, [one.pem for one in known]):
        log.error("%s asks for a certificate, and has none that counts", device)
        return None
    try:
        asked = authority.certify(request, device, draft.now_ms)
    except ValueError as error:
        log.error("%s asks for a certificate: %s", device, error)
        return None
    before = next((one for one in known if one.public == asked.public), None)
    if before is not None:
        return before if is_safe(draft, before.n) else None
    if any(ends_ms(one.pem) - RENEW_MS > draft.now_ms for one in known) or _gave_already(draft, device):
        log.error("%s asks for a certificate while it has one that is good for long", device)
        return None
    draft.add([_given(device, asked, "", known[-1].slot)])
    return asked if draft.followed_to is None else None


def revoke(draft: Draft, registry: Registry, device: str, serials: tuple[str, ...]) -> bool:
    """A device is out, if one of these certificates still counts: with all that it was given since, too.

    Returns:
        Whether that holds whatever happens; while a promotion may still lose it, it is to be asked again.
    """
    known = registry.of(device)
    good = [one.serial for one in known if not one.is_revoked]
    if not set(good) & set(serials):
        return all(is_safe(draft, one.revoked_n or 0) for one in known)
    given = [entry.body for entry in draft.entries if isinstance(entry.body, e.CertificateGiven)]
    still = (*good, *(body.serial for body in given if body.device == device))
    draft.add([e.DeviceRevoked(device, still)])
    return draft.followed_to is None


def _gave_already(draft: Draft, device: str) -> bool:
    return any(isinstance(one.body, e.CertificateGiven) and one.body.device == device for one in draft.entries)


def is_safe(draft: Draft, n: int) -> bool:
    """Whether an entry cannot be lost any more by a promotion."""
    return draft.followed_to is None or draft.followed_to >= n


def _owner(draft: Draft, registry: Registry, slot: int) -> str:
    """The device whose lane has that digit, or will have; "" for nobody."""
    for device, state in draft.office.devices.items():
        if state.slot == slot:
            return device
    return next((device for device, digit in registry.slots().items() if digit == slot), "")


def _given(device: str, certificate: Certificate, nonce: str, slot: int) -> e.CertificateGiven:
    return e.CertificateGiven(device, certificate.serial, certificate.public, certificate.pem, nonce, slot)

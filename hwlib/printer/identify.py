"""Which profile a printer has, by what it says of itself; and what it can do, found out by asking."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from hwlib.printer.conversation import DLE_EOT, FULL_STATUS, Conversation
from hwlib.printer.paper_gauge import PaperGauge
from hwlib.printer.profile import Profile
from hwlib.printer.replies import AutomaticStatus, Block, FullStatus, PrintedId, Processed, RealTimeStatus
from hwlib.printer.status import Fault
from hwlib.printer.transports import Transport

SCORES = {"usb": 1, "ieee1284": 2, "gs_i": 3}
"""What a match is worth: a model's own name says more than a number that several models share."""


@dataclass(frozen=True)
class Identity:
    """What is known of a device. Empty strings where it did not say."""

    usb: str = ""
    ieee1284: tuple[str, str] = ("", "")
    gs_i: tuple[str, str] = ("", "")


@dataclass
class Probe:
    """What a printer answered."""

    identity: Identity
    fault: Fault = Fault.NONE
    silent: bool = False
    answers: dict[str, bool] = field(default_factory=dict)


def matching(identity: Identity, profiles: Iterable[Profile]) -> list[Profile]:
    """The profiles that fit, best first; none of several that fit equally well is better than its name in order."""
    scored = [(score, profile) for profile in profiles if (score := _score(identity, profile))]
    return [profile for _, profile in sorted(scored, key=lambda pair: (-pair[0], pair[1].id))]


def read_device_id(text: str) -> tuple[str, str]:
    """Maker and model of an IEEE 1284 id, as "MFG:EPSON;MDL:TM-T20II;CLS:PRINTER;"."""
    pairs = (part.partition(":") for part in text.split(";"))
    found = {key.strip().upper(): value.strip() for key, _, value in pairs}
    maker = found.get("MFG") or found.get("MANUFACTURER") or ""
    return maker, found.get("MDL") or found.get("MODEL") or ""


def probe(transport: Transport, profile: Profile, *, usb: str = "", device_id: str = "") -> Probe:
    """Ask a printer what it answers. A printer that knows ESC/POS prints nothing of it.

    Args:
        transport: The way to it.
        profile: A cautious one, as generic/80.
        usb: Its USB ids, where they are known.
        device_id: Its IEEE 1284 id, where it may be asked.

    Raises:
        HardwareError: it is not there.
    """
    talk = Conversation(transport, profile, PaperGauge(), lambda _: None)
    fault = talk.open()
    try:
        answers = {
            f"DLE EOT {number}": talk.exchange(DLE_EOT + bytes((number,)), RealTimeStatus) is not None
            for number in range(1, 5)
        }
        maker, model = _name(talk, 66), _name(talk, 67)
        answers["GS I"] = bool(maker or model)
        answers["GS a (ASB)"] = talk.exchange(b"\x1da\xff", AutomaticStatus) is not None
        talk.write(b"\x1da\x00")
        answers["DLE EOT 20 (full status)"] = talk.exchange(FULL_STATUS, FullStatus) is not None
        answers["GS r 1"] = talk.exchange(b"\x1dr1", Processed) is not None
        answers["GS ( H"] = talk.exchange(b"\x1d(H\x06\x0000ANTE", PrintedId) is not None
        answers["GS ( L memory"] = talk.stored_logos() is not None
        identity = Identity(usb, read_device_id(device_id), (maker, model))
        return Probe(identity, fault, silent=not any(answers.values()) and bool(fault), answers=answers)
    finally:
        talk.close()


def profile_table(found: Probe, day: str) -> str:
    """What a probe proved, as a part of a profile (TOML) with its evidence: to be kept, or sent in.

    Args:
        found: The probe.
        day: When, as 2026-11-22.
    """
    answers, identity = found.answers, found.identity
    asks = all(answers[f"DLE EOT {number}"] for number in range(1, 5))
    method = "gs_paren_h" if answers["GS ( H"] else "gs_r" if answers["GS r 1"] else "estimate" if asks else "none"
    flags = {
        "asb": answers["GS a (ASB)"],
        "gs_i": answers["GS I"],
        "full_status": answers["DLE EOT 20 (full status)"],
    }
    lines = ["[confirm]", f'method = "{method}"', "", "[status]", f'kind = "{"escpos" if asks else "none"}"']
    lines += [f"{name} = {str(value).lower()}" for name, value in flags.items()]
    lines += ["", "[nv]", f"logo = {str(answers['GS ( L memory']).lower()}", "", "[match]"]
    lines += [f'usb = ["{identity.usb.lower()}"]'] if identity.usb else []
    for name, pair in (("ieee1284", identity.ieee1284), ("gs_i", identity.gs_i)):
        lines += [f"{name} = {json.dumps(list(pair))}"] if any(pair) else []
    source = json.dumps(f"hardware: answered when it was probed on {day}")
    lines += ["", "[evidence]", *(f"{section} = {source}" for section in ("confirm", "status", "nv", "match"))]
    return "\n".join(lines) + "\n"


def _name(talk: Conversation, number: int) -> str:
    answer = talk.exchange(b"\x1dI" + bytes((number,)), Block)
    return answer.body.decode("ascii", "replace") if isinstance(answer, Block) else ""


def _score(identity: Identity, profile: Profile) -> int:
    match = profile.match
    score = SCORES["usb"] if identity.usb and identity.usb.lower() in match.usb else 0
    if match.ieee1284 and _same(match.ieee1284, identity.ieee1284):
        score += SCORES["ieee1284"]
    if match.gs_i and _same(match.gs_i, identity.gs_i):
        score += SCORES["gs_i"]
    return score


def _same(known: tuple[str, str], said: tuple[str, str]) -> bool:
    """Equal, but for case and for what makers put after the model's name."""
    return all(s and s.lower().split()[0] == k.lower() for k, s in zip(known, said, strict=True))

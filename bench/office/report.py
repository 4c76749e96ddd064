"""What came of a played morning: each ticket, each check, each figure."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from bench.office.stage import Stage, codes_of
from hwlib.audio.wav import read_wav
from office_hub.tools import read_log
from officelib import events as e
from officelib.journal.outbox import Outbox
from officelib.office import LIVE, Office, State
from officelib.order import next_ticket
from officelib.ticket_code import is_genuine, read_code


@dataclass(frozen=True)
class Check:
    """Something that must hold."""

    name: str
    ok: bool
    detail: str


@dataclass
class Notes:
    """What was seen while it happened; times in milliseconds."""

    checks: list[Check] = field(default_factory=list)
    scan_to_answer_ms: list[int] = field(default_factory=list)
    touch_to_first_byte_ms: list[int] = field(default_factory=list)
    call_to_board_ms: list[int] = field(default_factory=list)

    def check(self, name: str, ok: object, detail: object = "") -> None:
        """Note whether something holds."""
        self.checks.append(Check(name, bool(ok), str(detail)))


def announcements(stage: Stage) -> list[Path]:
    """The sounds that say a call for the first time: not what is said again, nor a chime that came before its words."""
    return [path for path in sorted((stage.out / "announcements").glob("*.wav")) if "." not in path.stem]


def write_report(stage: Stage, notes: Notes) -> bool:
    """Write `office.log.jsonl` and `summary.json`; returns whether everything held."""
    log = read_log(stage.hub_config.database)
    with (stage.out / "office.log.jsonl").open("wb") as file:
        file.writelines(msgspec.json.encode(entry) + b"\n" for entry in log)
    office = check_log(stage, log, notes)
    check_papers(stage, office, notes)
    check_voices(stage, log, notes)
    check_outboxes(stage, notes)
    summary = {
        "tickets": [_ticket_row(office, ticket, stage) for ticket in sorted(office.tickets)],
        "checks": [asdict(check) for check in notes.checks],
        "timings_ms": {
            name.removesuffix("_ms"): quantiles(getattr(notes, name))
            for name in ("scan_to_answer_ms", "touch_to_first_byte_ms", "call_to_board_ms")
        },
    }
    (stage.out / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
    return all(check.ok for check in notes.checks)


def check_log(stage: Stage, log: list[e.LogEntry], notes: Notes) -> Office:
    """Fold the log again, and hold every call against the order at that moment."""
    notes.check("the log has no gap", all(b.n == a.n + 1 for a, b in pairwise(log)), f"{len(log)} entries")
    office, wrong, labels = Office(), [], []
    for entry in log:
        body = entry.body
        if isinstance(body, e.TicketCalled) and not body.recall:
            counter = stage.catalogue.counters[body.counter]
            heads = [(s, office.queue(s).head) for s in counter.services]
            heads.append(("", office.queue("", counter.id).head))
            due = next_ticket(counter, [(s, h[0], h[1]) for s, h in heads if h is not None])
            if due != body.ticket:
                wrong.append(f"{body.labels[0]} before {due}")
        if isinstance(body, e.TicketNumbered | e.LaneTicket | e.TicketAliased):
            labels.append(body.label)
        office.apply(entry)
    notes.check("every call was the next in the order", not wrong, "; ".join(wrong))
    notes.check("no label twice", len(labels) == len(set(labels)), f"{len(labels)} labels")
    left = [t.label for t in office.tickets.values() if t.state in LIVE]
    notes.check("nobody is left waiting", not left, ", ".join(left))
    rejected = [entry.body for entry in log if isinstance(entry.body, e.EventRejected)]
    notes.check("no event was rejected", not rejected, rejected)
    return office


def check_papers(stage: Stage, office: Office, notes: Notes) -> None:
    """Each ticket that was printed is there, and an independent decoder reads its label from the picture."""
    read: list[str] = []
    unread = []
    certificates = [x.body.pem for x in read_log(stage.hub_config.database) if isinstance(x.body, e.CertificateGiven)]
    for path in sorted((stage.out / "tickets").glob("*.png")):
        texts = codes_of(path)
        read += [read_code(text).label for text in texts]
        genuine = bool(texts) and is_genuine(texts[0], certificates)
        if not genuine:
            unread.append(path.name)
    notes.check("every QR on paper is read, and signed", read and not unread, f"{len(read)} read, not: {unread}")
    printed = {t.label for t in office.tickets.values() if t.printed == "done"}
    missing = sorted(printed - set(read))
    notes.check("what counts as printed is on paper", printed and not missing, missing)
    unknown = sorted(set(read) - set(office.by_label))
    notes.check("every paper is in the log", not unknown, unknown)


def check_voices(stage: Stage, log: list[e.LogEntry], notes: Notes) -> None:
    """Each call was announced once, aloud, and left a sound that is one."""
    calls, due = all_calls(log), due_calls(log)
    told = [entry.body for entry in log if isinstance(entry.body, e.CallAnnounced)]
    twice = len(told) - len({body.call for body in told})
    heard = {body.call for body in told}
    notes.check("every call was announced", due <= heard <= calls, f"{len(heard)} of {len(calls)}, {len(due)} due")
    notes.check("no call was announced twice", twice == 0, twice)
    notes.check("every announcement was aloud", all(body.aloud for body in told), len(told))
    sounds = announcements(stage)
    silent = [path.name for path in sounds if max(map(abs, read_wav(path)), default=0) < 5_000]
    notes.check("every announcement is a sound", len(sounds) == len(told) and not silent, f"{len(sounds)}; {silent}")


def all_calls(log: list[e.LogEntry]) -> set[str]:
    """The ids of all calls."""
    return {entry.call_id for entry in log if isinstance(entry.body, e.TicketCalled)}


def due_calls(log: list[e.LogEntry]) -> set[str]:
    """The ids of calls that must be heard: a call may be replaced by another one of its ticket before it was said."""
    return set({entry.body.ticket: entry.call_id for entry in log if isinstance(entry.body, e.TicketCalled)}.values())


def check_outboxes(stage: Stage, notes: Notes) -> None:
    """Nothing is left to be sent."""
    for role in ("kiosk", "display"):
        outbox = Outbox(stage.run / role / "journal.db")
        acked, head = outbox.epoch_and_acked()[1], outbox.head()
        outbox.close()
        notes.check(f"the {role}'s outbox is empty", head and acked == head, f"{acked} of {head} acknowledged")


def quantiles(values: Sequence[float]) -> dict[str, float]:
    """Median, 99th percentile and count."""
    if not values:
        return {"p50": -1, "p99": -1, "n": 0}
    ordered = sorted(values)
    at = min(len(ordered) - 1, round(0.99 * (len(ordered) - 1)))
    return {"p50": statistics.median(ordered), "p99": ordered[at], "n": len(ordered)}


def _ticket_row(office: Office, ticket_id: str, stage: Stage) -> dict[str, Any]:
    ticket = office.tickets[ticket_id]
    counter = stage.catalogue.counters.get(ticket.counter)
    return {
        "label": ticket.label,
        "series": ticket.label[0],
        "kind": ticket.kind,
        "issued_by": ticket.issued_by,
        "state": State(ticket.state).value,
        "counter": counter.name if counter else "",
        "calls": ticket.calls,
        "printed": ticket.printed,
    }


def summary_text(out: Path) -> str:
    """The summary for a person."""
    summary = json.loads((out / "summary.json").read_text())
    lines = [f"  {'ok  ' if check['ok'] else 'FAIL'}  {check['name']}" for check in summary["checks"]]
    lines += [f"        {check['detail']}" for check in summary["checks"] if not check["ok"]]
    states: dict[str, int] = {}
    for ticket in summary["tickets"]:
        states[ticket["state"]] = states.get(ticket["state"], 0) + 1
    lines.append(f"  {len(summary['tickets'])} tickets: " + ", ".join(f"{n} {state}" for state, n in states.items()))
    lines += [
        f"  {name.replace('_', ' ')}: median {t['p50']:.0f} ms, p99 {t['p99']:.0f} ms, n {t['n']}"
        for name, t in summary["timings_ms"].items()
    ]
    return "\n".join(lines)

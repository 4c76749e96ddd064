"""Every release reads what every release before it wrote: on the wire, in journals and in logs."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mqtt_bridge import messages
from officelib import events as e
from tests.contract.record import CORPUS

RELEASES = sorted(CORPUS.glob("*.jsonl"))
KINDS = {kind.__name__: kind for kind in messages.MESSAGES}
NEWEST = "0.2"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.stem)
def test_everything_that_a_release_wrote_is_read(path: Path) -> None:
    for line in lines(path):
        payload = json.dumps(line["payload"]).encode()
        match line["what"]:
            case "message":
                read = messages.decode(payload, KINDS[line["kind"]])
                _loses_nothing(line["payload"], json.loads(messages.encode(read)), line["kind"])
            case "event":
                msgspec.json.decode(payload, type=e.DeviceEvent)
            case _:
                msgspec.json.decode(payload, type=e.LogBody)


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.stem)
def test_a_later_release_may_say_more(path: Path) -> None:
    """Fields that this release does not know are ignored, wherever they stand in an object."""
    for line in lines(path):
        if line["what"] == "message":
            payload = {**line["payload"], "later": {"deep": [1, {"a": None}]}}
            messages.decode(json.dumps(payload).encode(), KINDS[line["kind"]])
            older = {**line["payload"], "v": messages.VERSION - 1}
            assert messages.decode(json.dumps(older).encode(), KINDS[line["kind"]]).v == messages.VERSION - 1


def test_the_newest_corpus_has_every_message_and_event() -> None:
    """What is not recorded is not promised."""
    written = {(line["what"], line["kind"]) for line in lines(CORPUS / f"{NEWEST}.jsonl")}
    assert {kind for what, kind in written if what == "message"} == set(KINDS)
    tags = {kind.__struct_config__.tag for kind in e.DeviceEvent.__args__}
    assert {kind for what, kind in written if what == "event"} == tags


def _loses_nothing(before: Any, after: Any, where: str) -> None:
    """Whatever was written is still there after reading and writing; this release may add."""
    if isinstance(before, dict):
        for key, value in before.items():
            assert key in after, f"{where}.{key}"
            _loses_nothing(value, after[key], f"{where}.{key}")
    elif isinstance(before, list):
        assert len(after) >= len(before), where
        for number, value in enumerate(before):
            _loses_nothing(value, after[number], f"{where}[{number}]")
    else:
        assert before == after, where

"""The contract as a document: JSON Schema of every message, generated from the structs."""

import inspect
import json
import sys
from pathlib import Path
from typing import Any

from mqtt_bridge.messages import MESSAGES, VERSION, schemas
from mqtt_bridge.topics import (
    answer,
    beat,
    city_notices,
    config,
    config_of,
    device_state,
    down,
    errand,
    errand_told,
    follow,
    help_answer,
    hub_state,
    log,
    office_state,
    referrals,
    referrals_taken,
    replica,
    rpc,
    snapshot,
    up,
)

TOPICS = {
    device_state("{office}", "{device}"): "DeviceState",
    up("{office}", "{device}"): "Up",
    down("{office}", "{device}"): "Down",
    rpc("{office}", "{device}"): "Ask",
    answer("{office}", "{device}"): "BookingFound",
    help_answer("{office}", "{device}"): "HelpAnswered",
    errand("{office}", "{device}"): "ErrandMessage",
    errand_told("{office}", "{device}"): "ErrandTold",
    hub_state("{office}"): "HubState",
    beat("{office}"): "Beat",
    follow("{office}", "{hub}"): "Follow",
    replica("{office}", "{hub}"): "Replica",
    log("{office}"): "LogMessage",
    snapshot("{office}", "board"): "BoardMessage",
    snapshot("{office}", "services"): "ServicesMessage",
    config("{office}"): "ConfigMessage",
    config_of("{office}", "{device}"): "CertificateMessage",
    office_state("{office}"): "OfficeState",
    city_notices(): "CityNotices",
    referrals("{office}", "{other}"): "Referrals",
    referrals_taken("{office}", "{other}"): "ReferralsTaken",
}


def document() -> dict[str, Any]:
    """Topics, and the schema of what goes over each."""
    assert {kind.__name__ for kind in MESSAGES} == set(TOPICS.values())  # noqa: S101 (a fault of ours, told at once)
    return {"version": VERSION, "topics": TOPICS, "schemas": _cleaned(schemas())}


def _cleaned(part: Any) -> Any:
    """Docstrings without their indentation, which not every Python keeps."""
    if isinstance(part, dict):
        return {
            key: inspect.cleandoc(value) if key == "description" and isinstance(value, str) else _cleaned(value)
            for key, value in part.items()
        }
    return [_cleaned(item) for item in part] if isinstance(part, list | tuple) else part


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(document(), indent=1, sort_keys=True) + "\n")

"""The contract as an AsyncAPI 3 document, from the same structs and topics: python -m mqtt_bridge.asyncapi FILE."""

import json
import sys
from pathlib import Path
from typing import Any

from mqtt_bridge.client import KEEPALIVE_S
from mqtt_bridge.contract import TOPICS, document
from mqtt_bridge.messages import MAX_PACKET_BYTES, VERSION

WRITERS = {
    "DeviceState": "device",
    "Up": "device",
    "Ask": "device",
    "Follow": "standby",
    "CityNotices": "city",
}
"""Who writes a message; the hub writes all others."""
RETAINED = frozenset(
    {"DeviceState", "HubState", "BoardMessage", "ServicesMessage", "ConfigMessage", "OfficeState", "CityNotices"}
)
BETWEEN_OFFICES = frozenset({"OfficeState", "Referrals", "ReferralsTaken", "CityNotices"})
"""On the city's broker."""


def asyncapi() -> dict[str, Any]:
    """Channels, operations of the hub's side, messages and schemas."""
    schemas = document()["schemas"]
    channels = {
        name: {
            "address": topic,
            "description": _first_sentence(schemas[name].get("description", "")),
            "parameters": {part[1:-1]: {} for part in topic.split("/") if part.startswith("{")},
            "messages": {name: {"$ref": f"#/components/messages/{name}"}},
            "servers": [{"$ref": f"#/servers/{'city' if name in BETWEEN_OFFICES else 'office'}"}],
        }
        for topic, name in TOPICS.items()
    }
    operations = {
        f"{action}{name}": {
            "action": action,
            "channel": {"$ref": f"#/channels/{name}"},
            "description": f"Written by the {WRITERS.get(name, 'hub')}.",
            "bindings": {"mqtt": {"qos": 1, "retain": name in RETAINED, "bindingVersion": "0.2.0"}},
        }
        for name in channels
        for action in _actions(name)
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Antesala",
            "version": str(VERSION),
            "description": "What devices and hubs of an office say to each other, as the hub sees it.",
        },
        "servers": {
            name: {
                "host": host,
                "protocol": "secure-mqtt",
                "protocolVersion": "5.0",
                "bindings": {
                    "mqtt": {
                        "cleanSession": True,
                        "keepAlive": KEEPALIVE_S,
                        "sessionExpiryInterval": 0,
                        "maximumPacketSize": MAX_PACKET_BYTES,
                        "bindingVersion": "0.2.0",
                    }
                },
            }
            for name, host in (("office", "broker:8883"), ("city", "city:8883"))
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": {name: {"payload": {"$ref": f"#/components/schemas/{name}"}} for name in channels},
            "schemas": json.loads(json.dumps(schemas).replace("#/$defs/", "#/components/schemas/")),
        },
    }


def _actions(name: str) -> tuple[str, ...]:
    """What the hub does with a message."""
    if name in WRITERS:
        return ("receive",)
    return ("send", "receive") if name in BETWEEN_OFFICES else ("send",)


def _first_sentence(text: str) -> str:
    return text.split("\n\n", maxsplit=1)[0].replace("\n", " ")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(asyncapi(), indent=1, sort_keys=True) + "\n")

"""An office's devices as Home Assistant finds them by itself: a retained message a figure.

Source: Home Assistant, "MQTT Discovery": topic homeassistant/COMPONENT/NODE/OBJECT/config, and the keys of the payload.
"""

import json
from typing import Any

from mqtt_bridge import topics

PREFIX = "homeassistant"
FIGURES: dict[str, dict[str, Any]] = {
    "outbox": {"value_template": "{{ value_json.health.outbox }}", "state_class": "measurement"},
    "disk": {
        "value_template": "{{ value_json.health.disk_free_mb }}",
        "device_class": "data_size",
        "unit_of_measurement": "MB",
    },
    "temperature": {
        "value_template": "{{ value_json.health.temperature_c }}",
        "device_class": "temperature",
        "unit_of_measurement": "°C",
    },
    "tickets_left": {
        "value_template": "{{ value_json.health.app.figures.tickets_left | default }}",
        "state_class": "measurement",
    },
}
"""What of a device's health is a figure there. A will has no health: those figures then stay as they were."""


def discovery(office: str, device: str) -> list[tuple[str, bytes]]:
    """Topics and payloads that make a device known: whether it is on line, and its figures."""
    node = f"antesala_{office}_{device}"
    common = {
        "state_topic": topics.device_state(office, device),
        "device": {"identifiers": [node], "name": f"Antesala {office} {device}", "manufacturer": "Antesala"},
    }
    on_line = {
        **common,
        "name": "on line",
        "unique_id": f"{node}_on_line",
        "device_class": "connectivity",
        "value_template": "{{ 'ON' if value_json.st == 'on' else 'OFF' }}",
    }
    found = [(f"{PREFIX}/binary_sensor/{node}/on_line/config", on_line)]
    for name, facts in FIGURES.items():
        template = "{% if value_json.health %}" + facts["value_template"] + "{% endif %}"
        own = {**common, **facts, "name": name, "unique_id": f"{node}_{name}", "value_template": template}
        found.append((f"{PREFIX}/sensor/{node}/{name}/config", own))
    return [(topic, json.dumps(payload).encode()) for topic, payload in found]

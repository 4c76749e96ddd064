"""The office's figures for Prometheus; docs/operators/fleet.md explains them. No personal data."""

from collections.abc import Iterator

from office_hub.fleet import FleetView
from officelib.health import OK

KIND = "text/plain; version=0.0.4; charset=utf-8"
"""Source: Prometheus, "Exposition formats", text-based format."""
ROLES = {"k": "kiosk", "s": "display"}
HELP = {
    "antesala_device_up": "1 while the device is on line and speaks",
    "antesala_device_silent_seconds": "how long ago its last word was",
    "antesala_device_app_up": "1 while the program with the screen runs",
    "antesala_device_part_ok": "1 while a part (printer, voice, ...) is well",
    "antesala_device_outbox_events": "events that the hub has not acknowledged",
    "antesala_device_clock_error_seconds": "how well it knows the office's time; NaN: not at all",
    "antesala_device_disk_free_bytes": "where its journal lies",
    "antesala_device_temperature_celsius": "of its processor",
    "antesala_device_disk_worn_ratio": "of the card's life, where it says so",
    "antesala_device_app_starts_last_hour": "how often the program came",
    "antesala_device_tickets_left": "that its rolls give, about",
    "antesala_device_certificate_ends_timestamp_seconds": "when its certificate ends",
    "antesala_device_info": "1, with the release that it runs",
    "antesala_kiosk_arrivals_last_hour": "citizens who came to a kiosk",
    "antesala_office_waiting": "citizens who wait",
    "antesala_alerts": "alerts that last, by rule",
}


def metrics_of(view: FleetView, office: str) -> str:
    """All figures, as Prometheus reads them."""
    lines: list[str] = []
    found: dict[str, list[str]] = {}
    for name, labels, value in _samples(view):
        said = ",".join(f'{key}="{_escaped(text)}"' for key, text in {"office": office, **labels}.items())
        found.setdefault(name, []).append(f"{name}{{{said}}} {value:g}")
    for name, samples in found.items():
        lines += [f"# HELP {name} {HELP[name]}", f"# TYPE {name} gauge", *samples]
    return "\n".join(lines) + "\n"


def _samples(view: FleetView) -> Iterator[tuple[str, dict[str, str], float]]:
    for facts in view.devices:
        own = {"device": facts.device, "role": ROLES.get(facts.device[:1], "hub")}
        yield "antesala_device_up", own, not facts.is_away(view.at_ms)
        if facts.heard_ms:
            yield "antesala_device_silent_seconds", own, (view.at_ms - facts.heard_ms) / 1000
        if facts.certificate_ends_ms:
            yield "antesala_device_certificate_ends_timestamp_seconds", own, facts.certificate_ends_ms / 1000
        if facts.is_kiosk:
            yield "antesala_kiosk_arrivals_last_hour", own, view.load.came.get(facts.device, 0)
        health = facts.health
        if health is None:
            continue
        yield "antesala_device_outbox_events", own, health.outbox
        error_s = health.clock_err_ms / 1000 if health.clock_err_ms >= 0 else float("nan")
        yield "antesala_device_clock_error_seconds", own, error_s
        yield "antesala_device_disk_free_bytes", own, health.disk_free_mb << 20
        if health.temperature_c is not None:
            yield "antesala_device_temperature_celsius", own, health.temperature_c
        if health.disk_worn_percent is not None:
            yield "antesala_device_disk_worn_ratio", own, health.disk_worn_percent / 100
        yield "antesala_device_app_starts_last_hour", own, health.app_starts
        yield "antesala_device_app_up", own, health.app is not None
        if health.app is not None:
            yield "antesala_device_info", {**own, "release": health.app.software}, 1
            for part, said in health.app.parts.items():
                yield "antesala_device_part_ok", {**own, "part": part}, said == OK
            if "tickets_left" in health.app.figures:
                yield "antesala_device_tickets_left", own, health.app.figures["tickets_left"]
    yield "antesala_office_waiting", {}, view.load.waiting
    for one in view.shown:
        labels = {"rule": one.alert.rule, "severity": str(one.alert.severity), "taken": str(int(bool(one.taken_by)))}
        yield "antesala_alerts", labels, len(one.alert.devices)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")

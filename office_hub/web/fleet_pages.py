"""The pages for IT: what is wrong, weightiest first; every device; the day's list on paper; a code for a new device."""

import asyncio
import base64
import io
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import qrcode
import qrcode.image.svg
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from office_hub.fleet import Fleet, Kept, Shown
from office_hub.metrics import KIND, metrics_of
from office_hub.web.clerks import Clerk
from office_hub.web.exchange import read_form
from officelib.catalogue import Catalogue, text_in
from officelib.health import OK
from officelib.ids import check_device
from officelib.texts import Texts

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MAX_NOTE = 400


class Invited(NamedTuple):
    """A code that lets one device in, and until when, hub time."""

    code: str
    until_ms: int


class FleetPages:
    """Handlers; who is let in is the console's to say."""

    def __init__(
        self,
        fleet: Fleet,
        catalogue: Callable[[], Catalogue],
        who: Callable[[Request], Clerk | None],
        texts: Callable[[Request], Texts],
        templates: Jinja2Templates,
        invite: Callable[[str], Invited],
    ) -> None:
        """Args:
        fleet: The devices, and what is wrong with them.
        catalogue: The office's.
        who: Who is signed in and looks after devices; None for anybody else.
        texts: The console's, in the reader's language.
        templates: The pages'.
        invite: Makes a code for a new device.
        """
        self._fleet, self._catalogue, self._who, self._texts = fleet, catalogue, who, texts
        self._templates, self._invite = templates, invite

    def routes(self) -> list[Route]:
        return [
            Route("/fleet", self.fleet),
            Route("/fleet/day", self.day),
            Route("/fleet/new", self.new, methods=["GET", "POST"]),
            Route("/fleet/alert", self.alert, methods=["POST"]),
            Route("/metrics", self.metrics),
        ]

    async def fleet(self, request: Request) -> Response:
        """What is wrong, and how every device is."""
        view, texts = self._fleet.view, self._texts(request)
        context = {
            "alerts": [self._told(one, texts) for one in view.shown],
            "devices": [self.row(one.device, texts) for one in view.devices],
            "waiting": view.load.waiting,
            "at": self.local(view.at_ms),
        }
        return self.page(request, "fleet", context)

    async def day(self, request: Request) -> Response:
        """The list for the morning: what lasts, and what was since yesterday; made to be printed."""
        now_ms = self._fleet.view.at_ms
        texts = self._texts(request)
        kept = await asyncio.to_thread(self._fleet.since, now_ms - DAY_MS)
        view = self._fleet.view
        context = {
            "alerts": [self._told(one, texts) for one in view.shown],
            "over": [self._over(one, texts) for one in kept if one.ended_ms is not None],
            "devices": [self.row(one.device, texts) for one in view.devices],
            "at": self.local(now_ms),
        }
        return self.page(request, "fleet_day", context)

    async def new(self, request: Request) -> Response:
        """A code that lets one device in, to be held to its scanner."""
        if request.method == "GET":
            return self.page(request, "fleet_new", {"name": self._next_name(), "code": "", "wrong": ""})
        form = await read_form(request)
        name = form.get("name", "").strip().lower()
        if self.allowed(request) is None:
            return RedirectResponse("/", status_code=303)
        try:
            check_device(name)
            if name.startswith("h"):
                raise ValueError(name)
        except ValueError:
            return self.page(request, "fleet_new", {"name": name, "code": "", "wrong": "name"}, status=409)
        invited = self._invite(name)
        context = {
            "name": name,
            "code": invited.code,
            "picture": _picture(invited.code),
            "until": self.local(invited.until_ms),
            "is_known": any(one.device == name for one in self._fleet.view.devices),
            "wrong": "",
        }
        return self.page(request, "fleet_new", context)

    async def alert(self, request: Request) -> Response:
        """Somebody takes an alert, notes something, or wants quiet."""
        clerk, form = self.allowed(request), await read_form(request)
        if clerk is None:
            return RedirectResponse("/", status_code=303)
        by = clerk.name if "take" in form or form.get("taken") else ""
        quiet_ms = self._fleet.view.at_ms + HOUR_MS * int(form["hours"]) if form.get("hours", "").isdigit() else 0
        devices = form.get("devices", "").split(" ")
        note = form.get("note", "")[:MAX_NOTE]
        await asyncio.to_thread(
            self._fleet.take, form.get("rule", ""), devices, "" if "leave" in form else by, note, quiet_ms
        )
        return RedirectResponse("/fleet", status_code=303)

    async def metrics(self, _request: Request) -> Response:
        """Figures for a monitoring system, which signs in nowhere: there is nothing personal in them."""
        return Response(metrics_of(self._fleet.view, self._catalogue().office.id), media_type=KIND)

    def allowed(self, request: Request) -> Clerk | None:
        """Who asks, if it may be: somebody who looks after devices, from a page of ours."""
        own_page = request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        return self._who(request) if own_page else None

    def _told(self, shown: Shown, texts: Texts) -> dict[str, Any]:
        alert = shown.alert
        return {
            "rule": alert.rule,
            "devices": alert.devices,
            "severity": alert.severity,
            "severity_text": texts.get(f"severity_{alert.severity}"),
            "touched": texts.get("alert_touched", n=alert.touched),
            "what": texts.get(f"alert_{alert.rule}", n=len(alert.devices)),
            "mend": texts.get(f"mend_{alert.rule}"),
            "detail": alert.detail,
            "began": self.local(shown.began_ms),
            "taken_by": shown.taken_by,
            "note": shown.note,
            "is_quiet": shown.is_quiet,
        }

    def _over(self, kept: Kept, texts: Texts) -> dict[str, Any]:
        return {
            "device": kept.device,
            "what": texts.get(f"alert_{kept.rule}", n=1),
            "detail": kept.detail,
            "began": self.local(kept.began_ms),
            "ended": self.local(kept.ended_ms or 0),
            "taken_by": kept.taken_by,
            "note": kept.note,
        }

    def row(self, device: str, texts: Texts) -> dict[str, Any]:
        """A device as a line of the table."""
        view = self._fleet.view
        facts = next(one for one in view.devices if one.device == device)
        health, is_away = facts.health, facts.is_away(view.at_ms)
        app = health.app if health else None
        parts = [(name, said == OK, said) for name, said in (app.parts if app else {}).items()]
        left = app.figures.get("tickets_left") if app else None
        return {
            "device": device,
            "role": texts.get("role_kiosk" if facts.is_kiosk else "role_display"),
            "state": texts.get("device_off" if is_away else "device_on"),
            "is_away": is_away,
            "heard": self.local(facts.heard_ms) if facts.heard_ms else "–",
            "release": " ".join(filter(None, (app.software if app else "", health.system if health else ""))) or "–",
            "parts": parts,
            "left": "–" if left is None else f"{left:.0f}",
            "came": view.load.came.get(device, 0) if facts.is_kiosk else "",
            "outbox": health.outbox if health else "–",
            "clock": "–" if health is None else "?" if health.clock_err_ms < 0 else f"{health.clock_err_ms} ms",
            "disk": f"{health.disk_free_mb} MB" if health else "–",
            "warmth": f"{health.temperature_c:.0f} °C" if health and health.temperature_c is not None else "–",
            "certificate": self.local(facts.certificate_ends_ms)[:10] if facts.certificate_ends_ms else "–",
        }

    def _next_name(self) -> str:
        """The name of one more kiosk."""
        taken = {one.device for one in self._fleet.view.devices}
        return next(name for number in range(1, 10_000) if (name := f"k{number}") not in taken)

    def local(self, at_ms: int) -> str:
        """A moment as people of the office write it."""
        return self._catalogue().local(at_ms).strftime("%Y-%m-%d %H:%M")

    def page(self, request: Request, name: str, context: Mapping[str, Any], status: int = 200) -> Response:
        """One of IT's pages; the way in for anybody else."""
        if self._who(request) is None:
            return RedirectResponse("/", status_code=303)
        texts, catalogue = self._texts(request), self._catalogue()
        common = {
            "t": texts.get,
            "language": texts.language,
            "office": text_in(catalogue.office.name, texts.language),
            "page": name,
        }
        return self._templates.TemplateResponse(request, f"{name}.html", {**common, **context}, status_code=status)


def _picture(code: str) -> str:
    """The code as a drawing, to stand in the page's address for it."""
    drawing = io.BytesIO()
    made = qrcode.make(code, image_factory=qrcode.image.svg.SvgPathImage, error_correction=qrcode.ERROR_CORRECT_M)
    made.save(drawing)
    return "data:image/svg+xml;base64," + base64.b64encode(drawing.getvalue()).decode()

"""The pages by which IT has devices do something: one device with all that it was asked, and updates for many."""

import asyncio
import hashlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from office_hub.core.rollout import stages
from office_hub.errands import OPEN, Errands, Rollout, Sent
from office_hub.fleet import Fleet
from office_hub.web.clerks import Clerk
from office_hub.web.exchange import read_form
from office_hub.web.fleet_pages import FleetPages
from officelib.errand import KINDS, Kind
from officelib.texts import Texts

ASKED: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind != "install")
OF_A_KIOSK: tuple[Kind, ...] = ("test_print",)
HEAVY: tuple[Kind, ...] = ("restart", "reboot")
"""Takes the device from citizens for a while: wants a tick besides."""
UPDATE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.raucb")


class ErrandPages:
    """Handlers; who is let in is the console's to say."""

    def __init__(
        self,
        pages: FleetPages,
        fleet: Fleet,
        errands: Errands,
        updates: Path | None,
        address: str,
        texts: Callable[[Request], Texts],
    ) -> None:
        """Args:
        pages: IT's other pages, which know who is let in.
        fleet: The devices.
        errands: What they are asked.
        updates: The folder of updates; None where there is none.
        address: Where devices reach this hub's pages, as http://host:port.
        texts: The console's, in the reader's language.
        """
        self._pages, self._fleet, self._errands = pages, fleet, errands
        self._updates, self._address, self._texts = updates, address, texts

    def routes(self) -> list[Route]:
        return [
            Route("/fleet/device/{device}", self.device),
            Route("/fleet/errand", self.errand, methods=["POST"]),
            Route("/fleet/picture/{errand:int}", self.picture),
            Route("/fleet/update", self.update, methods=["GET", "POST"]),
            Route("/fleet/update/stop", self.stop, methods=["POST"]),
            Route("/updates/{name}", self.file),
        ]

    async def device(self, request: Request) -> Response:
        """One device: how it is, what it may be asked, what it was asked."""
        device, view, texts = request.path_params["device"], self._fleet.view, self._texts(request)
        facts = next((one for one in view.devices if one.device == device), None)
        if facts is None:
            return RedirectResponse("/fleet", status_code=303)
        sent = await asyncio.to_thread(self._errands.of_device, device)
        context = {
            "device": device,
            "rows": [self._pages.row(device, texts)],
            "kinds": [kind for kind in ASKED if facts.is_kiosk or kind not in OF_A_KIOSK],
            "heavy": HEAVY,
            "errands": [self._told(one, texts) for one in sent],
            "is_open": any(one.state in OPEN for one in sent),
        }
        return self._pages.page(request, "fleet_device", context)

    async def errand(self, request: Request) -> Response:
        """Somebody has a device do something."""
        clerk = self._clerk(request)
        form = await read_form(request)
        kind, device = form.get("kind", ""), form.get("device", "")
        known = {one.device for one in self._fleet.view.devices}
        if clerk is None or kind not in ASKED or device not in known:
            return RedirectResponse("/fleet", status_code=303)
        if kind not in HEAVY or form.get("sure"):
            await asyncio.to_thread(self._errands.ask, [device], kind, clerk.name)
        return RedirectResponse(f"/fleet/device/{device}", status_code=303)

    async def picture(self, request: Request) -> Response:
        """What stood on a screen."""
        if self._clerk(request) is None:
            return RedirectResponse("/", status_code=303)
        content = await asyncio.to_thread(self._errands.picture, request.path_params["errand"])
        return Response(content, media_type="image/jpeg") if content else Response(status_code=404)

    async def update(self, request: Request) -> Response:
        """Choose an update and devices; what came of the last ones."""
        if request.method == "POST":
            return await self._begin(request)
        texts = self._texts(request)
        rollouts = await asyncio.to_thread(self._errands.rollouts)
        devices = [(one.device, one.health.system if one.health else "") for one in self._fleet.view.devices]
        counts = stages(sum(bool(system) for _, system in devices))
        context = {
            "files": self._names(),
            "folder": self._updates,
            "devices": devices,
            "stages": " + ".join(str(count) for count in counts) or "–",
            "rollouts": [self._rollout(one, texts) for one in rollouts],
            "is_going": any(one.ended_ms is None for one in rollouts),
        }
        return self._pages.page(request, "fleet_update", context)

    async def _begin(self, request: Request) -> Response:
        clerk = self._clerk(request)
        form = await read_form(request)
        name = form.get("file", "")
        devices = [one.device for one in self._fleet.view.devices if form.get(f"device.{one.device}")]
        if clerk is not None and devices and name in self._names() and self._updates is not None:
            sha256 = await asyncio.to_thread(_sum_of, self._updates / name)
            source = f"{self._address}/updates/{name}"
            await asyncio.to_thread(
                lambda: self._errands.begin_rollout(
                    devices, source, sha256, clerk.name, at_once=form.get("how") == "at_once"
                )
            )
        return RedirectResponse("/fleet/update", status_code=303)

    async def stop(self, request: Request) -> Response:
        """No more devices get that update."""
        clerk, form = self._clerk(request), await read_form(request)
        if clerk is not None and form.get("rollout", "").isdecimal():
            await asyncio.to_thread(self._errands.stop_rollout, int(form["rollout"]), clerk.name)
        return RedirectResponse("/fleet/update", status_code=303)

    async def file(self, request: Request) -> Response:
        """An update, for devices: whoever has it can do nothing with it, and what is signed needs no lock."""
        name = request.path_params["name"]
        if self._updates is None or name not in self._names():
            raise HTTPException(404)
        return FileResponse(self._updates / name, media_type="application/octet-stream")

    def _clerk(self, request: Request) -> Clerk | None:
        return self._pages.allowed(request)

    def _names(self) -> Sequence[str]:
        """Of the updates in the folder."""
        if self._updates is None or not self._updates.is_dir():
            return []
        return sorted(path.name for path in self._updates.iterdir() if path.is_file() and UPDATE.fullmatch(path.name))

    def _told(self, one: Sent, texts: Texts) -> dict[str, Any]:
        return {
            "id": one.id,
            "at": self._pages.local(one.id),
            "told": self._pages.local(one.told_ms) if one.told_ms else "",
            "kind": texts.get(f"errand_{one.kind}"),
            "state": texts.get(f"errand_is_{one.state}"),
            "by": one.asked_by,
            "text": one.text,
            "has_picture": one.has_picture,
        }

    def _rollout(self, one: Rollout, texts: Texts) -> dict[str, Any]:
        if one.ended_ms is None:
            state = texts.get("rollout_goes_on")
        elif one.ill:
            state = texts.get("rollout_ill", devices=", ".join(one.ill))
        elif one.ended_by:
            state = texts.get("rollout_stopped", who=one.ended_by)
        else:
            state = texts.get("rollout_done")
        return {
            "id": one.id,
            "began": self._pages.local(one.began_ms),
            "by": one.asked_by,
            "file": one.source.rpartition("/")[2],
            "state": state,
            "is_going": one.ended_ms is None,
            "devices": [
                (device, texts.get(f"errand_is_{sent.state}") if sent else "–", sent.text if sent else "")
                for device in one.devices
                for sent in [one.errands.get(device)]
            ],
        }


def _sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

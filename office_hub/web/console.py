"""The console's pages and its interface, as one ASGI application."""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from starlette.types import ASGIApp

from office_hub.catalogue_keeper import CatalogueKeeper
from office_hub.core import desk
from office_hub.core.referring import Elsewhere
from office_hub.errands import Errands
from office_hub.fleet import Fleet
from office_hub.web.clerks import Clerk, Door
from office_hub.web.errand_pages import ErrandPages
from office_hub.web.exchange import answer_of, read_body, read_form, with_headers
from office_hub.web.feed import Feed
from office_hub.web.fleet_pages import FleetPages, Invited
from office_hub.web.gate import Gate
from office_hub.web.office_pages import OfficePages
from officelib.catalogue import Catalogue, text_in
from officelib.texts import Texts

SESSION_S = 12 * 3600
Submit = Callable[[str, str, desk.AnyCommand, Callable[[bytes], None]], None]


class CommandBody(msgspec.Struct, frozen=True):
    """What the page posts: an id that stays the same over retries, and the command."""

    request: str
    command: desk.AnyCommand


class HelpBody(msgspec.Struct, frozen=True):
    """What the page posts: the kiosk that a clerk goes to."""

    device: str


class Console:
    """Handlers of the pages; state is in the hub's engine and in the clerk's signed cookie."""

    def __init__(
        self,
        *,
        door: Door,
        feed: Feed,
        texts: Mapping[str, Texts],
        catalogue: Callable[[], Catalogue],
        submit: Submit,
        help_taken: Callable[[str, str, Callable[[bool], None]], None],
        is_well: Callable[[], bool],
        gate: Gate,
        keeper: CatalogueKeeper,
        fleet: Fleet,
        invite: Callable[[str], Invited],
        errands: Errands,
        updates: Path | None,
        address: str,
        elsewhere: Callable[[], Sequence[Elsewhere]] = tuple,
    ) -> None:
        self._door, self._feed, self._texts = door, feed, texts
        self._catalogue, self._submit, self._is_well, self._gate = catalogue, submit, is_well, gate
        self._elsewhere = elsewhere
        self._keeper, self._help = keeper, help_taken
        self._templates = Jinja2Templates(directory=Path(__file__).parent / "templates")
        self._fleet, self._invite = fleet, invite
        self._errands, self._updates, self._address = errands, updates, address

    def app(self, secret: str) -> ASGIApp:
        """The ASGI application.

        Args:
            secret: Signs the cookies; the same over restarts, so that nobody is signed out by one.
        """
        fleet = FleetPages(
            self._fleet, self._catalogue, self._technician, self._texts_of, self._templates, self._invite
        )
        errands = ErrandPages(fleet, self._fleet, self._errands, self._updates, self._address, self._texts_of)
        routes = [
            Route("/", self.page),
            Route("/sign-in", self.sign_in, methods=["POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
            Route("/language", self.language, methods=["POST"]),
            Route("/events", self.events),
            Route("/api/offices", self.offices),
            Route("/api/command", self.command, methods=["POST"]),
            Route("/api/help", self.help, methods=["POST"]),
            Route("/health", self.health),
            *self._gate.routes(),
            *OfficePages(self._keeper, self._catalogue, self._editor, self._texts_of, self._templates).routes(),
            *fleet.routes(),
            *errands.routes(),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ]
        session = Middleware(SessionMiddleware, secret_key=secret, max_age=SESSION_S, same_site="strict")
        return with_headers(Starlette(routes=routes, middleware=[session]))

    async def page(self, request: Request) -> Response:
        """The console for who is signed in, else the way in."""
        catalogue, texts = self._catalogue(), self._texts_of(request)
        clerk = self._door.clerks.get(request.session.get("clerk", ""))
        context = {
            "t": texts.get,
            "language": texts.language,
            "languages": sorted(self._texts),
            "office": text_in(catalogue.office.name, texts.language),
            "clerks": sorted(self._door.clerks.values(), key=lambda c: c.name),
            "counters": catalogue.counter,
            "failed": request.query_params.get("failed", ""),
        }
        if clerk is None or request.session.get("counter") not in catalogue.counters:
            return self._templates.TemplateResponse(request, "sign_in.html", context)
        counter = catalogue.counters[request.session["counter"]]
        services = [{"id": s.id, "name": text_in(s.name, texts.language)} for s in catalogue.service]
        boot = {
            "counter": counter.id,
            "clerk": clerk.id,
            "texts": texts.entries,
            "services": services,
            "counters": [{"id": c.id, "name": c.name} for c in catalogue.counter],
            "languages": catalogue.office.languages,
            "timezone": catalogue.office.timezone,
            "language": texts.language,
        }
        context |= {
            "clerk": clerk,
            "counter": counter,
            "services": services,
            "boot": msgspec.json.encode(boot).decode(),
        }
        return self._templates.TemplateResponse(request, "console.html", context)

    async def sign_in(self, request: Request) -> Response:
        """Check the PIN and take the counter."""
        form = await read_form(request)
        clerk, pin, counter = (form.get(name, "") for name in ("clerk", "pin", "counter"))
        if not await asyncio.to_thread(self._door.opens, clerk, pin):
            return RedirectResponse("/?failed=pin", status_code=303)
        answer = await self._ask(secrets.token_hex(8), clerk, desk.SignIn(counter, clerk))
        refusal = msgspec.json.decode(answer, type=desk.Answer)
        if isinstance(refusal, desk.Refusal):
            return RedirectResponse(f"/?failed={refusal.reason}", status_code=303)
        request.session.update(clerk=clerk, counter=counter)
        return RedirectResponse("/", status_code=303)

    async def sign_out(self, request: Request) -> Response:
        """Leave the counter."""
        clerk, counter = request.session.get("clerk"), request.session.get("counter")
        if clerk and counter:
            answer = await self._ask(secrets.token_hex(8), clerk, desk.SignOut(counter))
            refusal = msgspec.json.decode(answer, type=desk.Answer)
            if isinstance(refusal, desk.Refusal) and refusal.reason == "finish_first":
                return RedirectResponse("/", status_code=303)
        request.session.clear()
        return RedirectResponse("/", status_code=303)

    async def language(self, request: Request) -> Response:
        """The console's language, kept in the cookie."""
        form = await read_form(request)
        if form.get("language") in self._texts:
            request.session["language"] = form["language"]
        return RedirectResponse("/", status_code=303)

    async def events(self, request: Request) -> Response:
        """Live views as server-sent events."""
        if not self._clerk(request):
            return JSONResponse({"answer": "refused", "reason": "not_signed_in"}, status_code=401)
        return StreamingResponse(
            self._feed.events(), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
        )

    async def offices(self, request: Request) -> Response:
        """Where else a citizen can be sent now."""
        if not self._clerk(request):
            return JSONResponse({"answer": "refused", "reason": "not_signed_in"}, status_code=401)
        language = self._texts_of(request).language
        found = [
            {"id": one.id, "name": text_in(one.name, language), "services": _named(one.services, language)}
            for one in self._elsewhere()
        ]
        return JSONResponse(found)

    async def help(self, request: Request) -> Response:
        """A clerk goes to the kiosk where somebody asks for help."""
        clerk = self._door.clerks.get(self._clerk(request))
        if clerk is None:
            return JSONResponse({"answer": "refused", "reason": "not_signed_in"}, status_code=401)
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return JSONResponse({"answer": "refused", "reason": "foreign_page"}, status_code=403)
        try:
            device = msgspec.json.decode(await read_body(request), type=HelpBody).device
        except ValueError as error:
            return JSONResponse({"answer": "refused", "reason": "bad_command", "detail": str(error)}, status_code=400)
        taken = await answer_of(lambda reply: self._help(device, clerk.name, reply))
        return JSONResponse({"answer": "done"} if taken else {"answer": "refused", "reason": "help_over"})

    async def command(self, request: Request) -> Response:
        """Carry out a clerk's command, once, however often it is posted."""
        session, clerk = request.session, self._clerk(request)
        if not clerk:
            return JSONResponse({"answer": "refused", "reason": "not_signed_in"}, status_code=401)
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return JSONResponse({"answer": "refused", "reason": "foreign_page"}, status_code=403)
        try:
            posted = msgspec.json.decode(await read_body(request), type=CommandBody)
        except ValueError as error:
            return JSONResponse({"answer": "refused", "reason": "bad_command", "detail": str(error)}, status_code=400)
        command = posted.command
        if command.counter != session.get("counter") or isinstance(command, desk.SignIn):
            return JSONResponse({"answer": "refused", "reason": "other_counter"}, status_code=403)
        answer = await self._ask(f"{clerk}-{posted.request}", clerk, command)
        return Response(answer, media_type="application/json")

    async def health(self, _request: Request) -> Response:
        """Whether the hub decides, and does not only serve pages."""
        well = self._is_well()
        return JSONResponse({"hub": "ok" if well else "stuck"}, status_code=200 if well else 503)

    def _editor(self, request: Request) -> Clerk | None:
        """Who is signed in, where that clerk may change the office."""
        clerk = self._door.clerks.get(self._clerk(request))
        return clerk if clerk and clerk.edits else None

    def _technician(self, request: Request) -> Clerk | None:
        """Who is signed in, where that clerk looks after devices."""
        clerk = self._door.clerks.get(self._clerk(request))
        return clerk if clerk and clerk.it else None

    def _clerk(self, request: Request) -> str:
        """Who is signed in, and is still one of the clerks; "" for nobody."""
        clerk = str(request.session.get("clerk", ""))
        return clerk if clerk in self._door.clerks else ""

    async def _ask(self, request: str, clerk: str, command: desk.AnyCommand) -> bytes:
        answer: bytes = await answer_of(lambda reply: self._submit(request, clerk, command, reply))
        return answer

    def _texts_of(self, request: Request) -> Texts:
        first = self._catalogue().language
        wanted = request.session.get("language", first)
        return self._texts.get(wanted) or self._texts.get(first) or next(iter(self._texts.values()))


def _named(services: Mapping[str, dict[str, str]], language: str) -> list[dict[str, str]]:
    return [{"id": name, "name": text_in(texts, language)} for name, texts in services.items()]

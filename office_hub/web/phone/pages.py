"""A ticket's page: shown to whoever has the paper, alive by server-sent events, whole without scripts."""

import random
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from starlette.types import ASGIApp

from office_hub.core.followers import ticket_of
from office_hub.core.pages import PageAction, TicketPage, page_of
from office_hub.core.surge import Surge, Wait, arrive, begin, wait_of
from office_hub.web.exchange import answer_of, with_headers
from office_hub.web.phone.follower import Follower
from office_hub.work import PageActed, PageOpened
from officelib.catalogue import Catalogue, text_in
from officelib.office import Ticket
from officelib.texts import RIGHT_TO_LEFT, Texts, in_language, isolated
from officelib.ticket_code import BadTicketCode, TicketCode, bare_code, read_code

BURST = 100
"""So many visitors come in at once after a quiet time."""
MOST_NUMBERS, KNOWN_CODES = 50_000, 20_000
MOST_LIVE = 2_000
"""Pages that are told of changes; others come back by themselves."""
KEEPALIVE_S = 15.0
LOOK_S = 2.0
"""What happens to a ticket is told at once; its place and its wait are looked at so often, up to twice as rarely."""
REFRESH_S = 20
"""A page without scripts comes back after so long; so does one that waits to come in, or sooner."""


@dataclass(frozen=True)
class Visitor:
    """Somebody with a paper: what it says, its text, its number at the door, and the language."""

    read: TicketCode
    code: str
    number: int
    texts: Texts

    @property
    def url(self) -> str:
        """Of this page, in this language."""
        return f"/t/{self.code}?l={self.texts.language}"


class PhonePages:
    """Handlers of the pages. Nothing is kept of visitors but which paper came to the door in what order."""

    def __init__(
        self,
        *,
        follower: Follower,
        catalogue: Callable[[], Catalogue],
        texts: Mapping[str, Texts],
        submit: Callable[[PageOpened | PageActed], None],
        hub_ms: Callable[[], int],
        mono_ms: Callable[[], int],
        per_s: float,
    ) -> None:
        """Args:
        follower: The office, as the log says it is.
        catalogue: The office's.
        texts: Of the kind "phone", by language.
        submit: Hands work to the engine.
        hub_ms: Hub time.
        mono_ms: A clock that nobody sets.
        per_s: New visitors a second.
        """
        self._follower, self._catalogue, self._texts = follower, catalogue, texts
        self._submit, self._hub_ms, self._mono_ms = submit, hub_ms, mono_ms
        self._spread = random.SystemRandom()
        self._door: Surge = begin(per_s, BURST, mono_ms())
        self._numbers: OrderedDict[str, int] = OrderedDict()
        self._known: OrderedDict[str, str] = OrderedDict()
        self._live = 0
        self._templates = Jinja2Templates(directory=Path(__file__).parent / "templates")

    def app(self) -> ASGIApp:
        """The ASGI application."""
        routes = [
            Route("/", self.front),
            Route("/T/{code}", self.page),
            Route("/t/{code}", self.page),
            Route("/t/{code}/live", self.live),
            Route("/t/{code}/{action}", self.act, methods=["POST"]),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ]
        return with_headers(Starlette(routes=routes))

    async def front(self, request: Request) -> Response:
        """For who comes without a paper's code."""
        return self._message(request, self._texts_of(request, ""), "scan", 200)

    async def page(self, request: Request) -> Response:
        """The ticket's page; or the place before the door."""
        visitor = self._visitor(request)
        if visitor is None:
            return self._message(request, self._texts_of(request, ""), "unknown", 404)
        wait = wait_of(self._door, visitor.number, self._mono_ms())
        if wait is not None:
            return self._waits(request, visitor, wait)
        try:
            is_known = await self._is_known(visitor)
        except TimeoutError:
            return self._message(request, visitor.texts, "away", 503, visitor.url)
        shown = self._shown(visitor) if is_known else None
        if shown is None:
            return self._message(request, visitor.texts, "unknown", 404)
        said = request.query_params.get("done", "")
        context = self._context(visitor.texts) | {
            "visitor": visitor,
            "ticket": self._fragment(visitor, shown),
            "said": said if said in ("coming_told", "rated", "not_counted") else "",
            "refresh_s": REFRESH_S,
            "languages": [(one, texts.get("language_name")) for one, texts in self._texts.items()],
        }
        return self._templates.TemplateResponse(request, "page.html", context)

    async def live(self, request: Request) -> Response:
        """What changes on the page, as server-sent events; each is the page's middle as a whole."""
        visitor = self._visitor(request)
        if visitor is None or not self._is_of_today(visitor):
            return Response(status_code=404)
        if self._live >= MOST_LIVE:
            return Response(status_code=503, headers={"retry-after": str(REFRESH_S)})
        events = self._events(visitor)
        return StreamingResponse(events, media_type="text/event-stream", headers={"x-accel-buffering": "no"})

    async def act(self, request: Request) -> Response:
        """What the citizen does; then the page again."""
        visitor, action = self._visitor(request), request.path_params["action"]
        known: dict[str, PageAction] = {name: name for name in get_args(PageAction)}
        if visitor is None or action not in known:
            return self._message(request, self._texts_of(request, ""), "unknown", 404)
        try:
            counts = await answer_of(lambda reply: self._submit(PageActed(visitor.code, known[action], reply)))
        except TimeoutError:
            return self._message(request, visitor.texts, "away", 503, visitor.url)
        done = "not_counted" if not counts else "coming_told" if action == "coming" else "rated"
        more = "" if counts and action == "leave" else f"&done={done}"
        return RedirectResponse(visitor.url + more, status_code=303)

    # --- who comes

    def _visitor(self, request: Request) -> Visitor | None:
        """Who has a paper's code; somebody new gets the next number at the door."""
        code = bare_code(request.path_params["code"])
        try:
            read = read_code(code)
        except BadTicketCode:
            return None
        return Visitor(read, code, self._number_of(code), self._texts_of(request, read.language))

    def _number_of(self, code: str) -> int:
        """A paper's number at the door, the next one when it is new: who comes again has the same place."""
        number = self._numbers.get(code)
        if number is None:
            self._door, number = arrive(self._door, self._mono_ms())
            self._numbers[code] = number
            if len(self._numbers) > MOST_NUMBERS:
                self._numbers.popitem(last=False)
        return number

    def _texts_of(self, request: Request, language: str) -> Texts:
        """The language that was chosen, else the paper's, else one that the phone asks for, else the office's."""
        asked = [part.split(";")[0].strip()[:2] for part in request.headers.get("accept-language", "").split(",")]
        wanted = [request.query_params.get("l", ""), language, *asked]
        found = next((one for one in wanted if one in self._texts), "")
        return in_language(self._texts, found, self._catalogue().language)

    async def _is_known(self, visitor: Visitor) -> bool:
        """Whether the paper is genuine, and of today. The engine is asked once; what it learns comes by the log."""
        if not self._is_of_today(visitor):
            if not await answer_of(lambda reply: self._submit(PageOpened(visitor.code, reply))):
                return False
            self._known[visitor.code] = self._follower.office.day
            if len(self._known) > KNOWN_CODES:
                self._known.popitem(last=False)
        self._known.move_to_end(visitor.code)
        return True

    def _is_of_today(self, visitor: Visitor) -> bool:
        """A number means somebody else tomorrow."""
        return self._known.get(visitor.code) == self._follower.office.day

    # --- what is shown

    def _ticket(self, visitor: Visitor) -> Ticket | None:
        return ticket_of(self._follower.office, visitor.read.ticket, visitor.read.label)

    def _shown(self, visitor: Visitor) -> TicketPage | None:
        ticket = self._ticket(visitor)
        return page_of(self._follower.office, self._catalogue(), ticket, visitor.read.label) if ticket else None

    def _fragment(self, visitor: Visitor, shown: TicketPage) -> str:
        texts, catalogue = visitor.texts, self._catalogue()
        services = [catalogue.services[one] for one in (shown.service, *shown.then) if one in catalogue.services]
        names = [text_in(service.name, texts.language) for service in services]
        context = self._context(texts) | {
            "visitor": visitor,
            "shown": shown,
            "service": names[0] if names else "",
            "then": ", ".join(names[1:]),
            "wait": _wait_text(shown, texts),
            "isolated": isolated,
        }
        return self._templates.get_template("ticket.html").render(context)

    def _context(self, texts: Texts) -> dict[str, object]:
        catalogue = self._catalogue()
        direction = "rtl" if texts.language in RIGHT_TO_LEFT else "ltr"
        clock = f"{catalogue.local(self._hub_ms()):%H:%M}"
        office = text_in(catalogue.office.name, texts.language)
        return {"t": texts.get, "language": texts.language, "direction": direction, "office": office, "clock": clock}

    def _waits(self, request: Request, visitor: Visitor, wait: Wait) -> Response:
        context = self._context(visitor.texts) | {
            "visitor": visitor,
            "wait": wait,
            "refresh_s": max(2, min(REFRESH_S, wait.seconds)),
        }
        headers = {"retry-after": str(wait.seconds)}
        return self._templates.TemplateResponse(request, "door.html", context, status_code=200, headers=headers)

    def _message(self, request: Request, texts: Texts, what: str, status: int, again: str = "") -> Response:
        context = self._context(texts) | {"what": what, "again": again, "refresh_s": REFRESH_S}
        return self._templates.TemplateResponse(request, "message.html", context, status_code=status)

    async def _events(self, visitor: Visitor) -> AsyncIterator[bytes]:
        told: TicketPage | None = None
        quiet_s = 0.0
        self._live += 1
        try:
            while self._is_of_today(visitor) and (ticket := self._ticket(visitor)) is not None:
                shown = page_of(self._follower.office, self._catalogue(), ticket, visitor.read.label)
                if shown != told:
                    told, quiet_s = shown, 0.0
                    lines = self._fragment(visitor, shown).splitlines()
                    yield b"".join(b"data: " + line.encode() + b"\n" for line in lines) + b"\n"
                elif quiet_s >= KEEPALIVE_S:
                    quiet_s = 0.0
                    yield b": still here\n\n"
                look_s = self._spread.uniform(LOOK_S, 2 * LOOK_S)
                await self._follower.news_of(ticket.id, look_s)
                quiet_s += look_s
        finally:
            self._live -= 1


def _wait_text(shown: TicketPage, texts: Texts) -> str:
    if shown.ahead is None:
        return ""
    if shown.spread_min is None:
        return texts.get("wait_unknown")
    low, high = shown.spread_min
    if low == high or high <= 1:
        return texts.get("wait_about", n=high)
    return texts.get("wait_between", low=isolated(str(low)), high=isolated(str(high)))

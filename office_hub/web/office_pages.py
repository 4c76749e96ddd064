"""Where staff who are no technicians change what the office offers and says: services, hours, notices, words."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from office_hub.catalogue_edits import (
    Edit,
    HoursSaved,
    NoticeAdded,
    NoticeRemoved,
    ServiceRemoved,
    ServiceSaved,
    WordsSaved,
)
from office_hub.catalogue_keeper import CatalogueKeeper, Refused
from office_hub.web.clerks import Clerk
from office_hub.web.exchange import read_form
from officelib.catalogue import LEGIBLE_SERIES, WEEKDAYS, Catalogue, Service, text_in
from officelib.texts import Texts

NEW = "new"
Form = Mapping[str, str]


class OfficePages:
    """Pages of forms, without scripts. What is wrong is told on the page, and what was typed stays in it."""

    def __init__(
        self,
        keeper: CatalogueKeeper,
        catalogue: Callable[[], Catalogue],
        editor: Callable[[Request], Clerk | None],
        texts: Callable[[Request], Texts],
        templates: Jinja2Templates,
    ) -> None:
        """Args:
        keeper: Of the catalogue's file.
        catalogue: The one in force.
        editor: Who asks, if that clerk may change the office.
        texts: The console's, in the language of who asks.
        templates: Of the pages.
        """
        self._keeper, self._catalogue = keeper, catalogue
        self._editor, self._texts, self._templates = editor, texts, templates

    def routes(self) -> list[Route]:
        return [
            Route("/office", self.services),
            Route("/office/service/{id}", self.service, methods=["GET", "POST"]),
            Route("/office/hours", self.hours, methods=["GET", "POST"]),
            Route("/office/notices", self.notices, methods=["GET", "POST"]),
            Route("/office/words", self.words, methods=["GET", "POST"]),
        ]

    async def services(self, request: Request) -> Response:
        """All services; those with the asked word in any of their texts."""
        asked = request.query_params.get("q", "").casefold()
        found = [service for service in self._catalogue().service if asked in _all_of(service)]
        return self._page(request, "services", {"services": found, "q": asked})

    async def service(self, request: Request) -> Response:
        """One service's form; "new" for one that there is not yet."""
        catalogue, name = self._catalogue(), request.path_params["id"]
        known = catalogue.services.get(name)
        if known is None and name != NEW:
            return RedirectResponse("/office", status_code=303)
        if request.method == "GET":
            context = {"form": _form_of(known, catalogue) if known else _blank(catalogue), "is_new": known is None}
            return self._page(request, "service", context)
        form = await read_form(request)

        def change() -> Edit:
            if "remove" in form:
                if form.get("sure") != "1":
                    raise ValueError(self._texts(request).get("remove_not_sure"))
                return ServiceRemoved(name)
            return _service_saved(form, name if known else form.get("id", ""), known, catalogue)

        return await self._saved(request, "service", form, change, {"is_new": known is None})

    async def hours(self, request: Request) -> Response:
        """The opening hours of a week."""
        if request.method == "GET":
            form = {day: ", ".join(self._catalogue().hours.get(day, ())) for day in WEEKDAYS}
            return self._page(request, "hours", {"form": form})
        form = await read_form(request)
        return await self._saved(
            request, "hours", form, lambda: HoursSaved({day: _listed(form.get(day, ""), ",") for day in WEEKDAYS})
        )

    async def notices(self, request: Request) -> Response:
        """Messages to everybody: those there are, and a new one."""
        if request.method == "GET":
            return self._page(request, "notices", {"form": {}})
        form = await read_form(request)

        def change() -> Edit:
            if "remove" in form:
                return NoticeRemoved(form["remove"])
            start = datetime.fromisoformat(form["start"]) if form.get("start") else None
            text = _texts(form, "text", self._catalogue())
            end, urgent = datetime.fromisoformat(form.get("end", "")), "urgent" in form
            return NoticeAdded(f"n-{secrets.token_hex(4)}", text, start, end, urgent)

        return await self._saved(request, "notices", form, change)

    async def words(self, request: Request) -> Response:
        """The office's own words in place of the kiosk's, in one language."""
        catalogue = self._catalogue()
        language = request.query_params.get("in", catalogue.language)
        if language not in self._keeper.texts:
            return RedirectResponse("/office/words", status_code=303)
        entries = self._keeper.texts[language].entries
        usual = {key: text for key, text in entries.items() if isinstance(text, str)}
        context = {"usual": usual, "shown": language}
        if request.method == "GET":
            return self._page(request, "words", context | {"form": catalogue.texts.get(language, {})})
        form = await read_form(request)
        own = {key: form[key].strip() for key in usual if form.get(key, "").strip() not in ("", usual[key])}
        return await self._saved(request, "words", form, lambda: WordsSaved(language, own), context)

    # ---

    async def _saved(
        self, request: Request, page: str, form: Form, change: Callable[[], Edit], context: Mapping[str, Any] = {}
    ) -> Response:
        """Carry out a change; back to the page, which says what became of it."""
        editor = self._editor(request)
        if editor is None or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return RedirectResponse("/", status_code=303)
        try:
            edit = change()
        except (ValueError, KeyError) as error:
            refused: Refused | None = Refused((str(error),))
        else:
            refused = await asyncio.to_thread(self._keeper.save, edit, form.get("revision", ""))
        if refused is not None:
            return self._page(request, page, {**context, "form": form, "refused": refused}, status=409)
        where = "/office" if page == "service" else request.url.path
        asked = f"?saved=1&in={request.query_params['in']}" if "in" in request.query_params else "?saved=1"
        return RedirectResponse(where + asked, status_code=303)

    def _page(self, request: Request, page: str, context: Mapping[str, Any], status: int = 200) -> Response:
        if self._editor(request) is None:
            return RedirectResponse("/", status_code=303)
        texts, catalogue = self._texts(request), self._catalogue()
        common = {
            "t": texts.get,
            "language": texts.language,
            "office": text_in(catalogue.office.name, texts.language),
            "catalogue": catalogue,
            "languages": catalogue.office.languages,
            "name_of": lambda named: text_in(named.name, texts.language),
            "series": sorted(LEGIBLE_SERIES),
            "days": WEEKDAYS,
            "page": page,
            "saved": "saved" in request.query_params,
            "file_problem": self._keeper.problem,
            "revision": self._keeper.revision,
            "refused": None,
        }
        return self._templates.TemplateResponse(
            request, f"office_{page}.html", common | dict(context), status_code=status
        )


def _all_of(service: Service) -> str:
    texts = [service.id, *service.name.values(), *(word for words in service.words.values() for word in words)]
    return " ".join(texts).casefold()


def _form_of(service: Service, catalogue: Catalogue) -> dict[str, str]:
    """A service as the fields of its form."""
    form = {
        "id": service.id,
        "code": str(service.code),
        "series": service.series,
        "minutes": f"{service.minutes:g}",
        "group": service.group,
    }
    if service.walk_in:
        form["walk_in"] = "1"
    if service.per_hour:
        form["per_hour"] = str(service.per_hour)
    if service.per_slot:
        form["per_slot"] = str(service.per_slot)
    form |= {f"counter.{counter.id}": "1" for counter in catalogue.counter if service.id in counter.services}
    form |= {f"name.{language}": text for language, text in service.name.items()}
    form |= {f"fee.{language}": text for language, text in service.fee.items()}
    form |= {f"words.{language}": ", ".join(words) for language, words in service.words.items()}
    form |= {f"bring.{language}": "\n".join(lines) for language, lines in service.bring.items()}
    return form


def _blank(catalogue: Catalogue) -> dict[str, str]:
    code = max([*(service.code for service in catalogue.service), *catalogue.retired]) + 1
    return {"code": str(code), "series": catalogue.service[0].series, "minutes": "8", "walk_in": "1"}


def _service_saved(form: Form, name: str, known: Service | None, catalogue: Catalogue) -> ServiceSaved:
    """The form's service. What has no field on it stays as it was."""
    if known is None and name in (NEW, *catalogue.services):
        raise ValueError(f"'{name}' is taken: choose another short name")
    minutes = float(form.get("minutes", "").replace(",", "."))
    return ServiceSaved(
        id=name,
        code=known.code if known else int(form.get("code", "")),
        series=form.get("series", ""),
        name=_texts(form, "name", catalogue),
        minutes=int(minutes) if minutes.is_integer() else minutes,
        walk_in="walk_in" in form,
        group=form.get("group", ""),
        words=_lists(form, "words", ",", catalogue),
        bring=_lists(form, "bring", "\n", catalogue),
        fee=_texts(form, "fee", catalogue),
        per_hour=int(form.get("per_hour") or 0),
        per_slot=int(form.get("per_slot") or 0),
        counters=tuple(counter.id for counter in catalogue.counter if f"counter.{counter.id}" in form),
    )


def _texts(form: Form, field: str, catalogue: Catalogue) -> dict[str, str]:
    found = {language: form.get(f"{field}.{language}", "").strip() for language in catalogue.office.languages}
    return {language: text for language, text in found.items() if text}


def _lists(form: Form, field: str, between: str, catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    found = {language: _listed(form.get(f"{field}.{language}", ""), between) for language in catalogue.office.languages}
    return {language: tuple(lines) for language, lines in found.items() if lines}


def _listed(text: str, between: str) -> list[str]:
    return [part.strip() for part in text.split(between) if part.strip()]

"""Where devices ask to be let in, and where an operator's tool says that one is out. Nothing secret comes or goes."""

from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from office_hub.web.exchange import answer_of, read_body
from office_hub.work import EnrolCame, RevokeCame
from officelib.authority import Certificate
from officelib.enrolment import PATH, PROOF_HEADER, Admission, Ask, BrokerPlace, is_proved, prove, secret_of
from officelib.journal.registry import Given

REVOKE_PATH = "/revoke"
WAIT, REFUSED = 503, 403


class Revocation(msgspec.Struct, frozen=True):
    """An operator's word. It names certificates, so that the same word said again later means nothing new."""

    device: str
    serials: tuple[str, ...]


class Gate:
    """Two doors of the hub's web server; the engine decides."""

    def __init__(
        self,
        *,
        key: bytes,
        office: str,
        authority: str,
        brokers: tuple[BrokerPlace, ...],
        submit: Callable[[EnrolCame | RevokeCame], None],
    ) -> None:
        """Args:
        key: The hub's, for tokens, and for its operator's word.
        office: The office's id.
        authority: Its certificate, PEM.
        brokers: Where devices find a broker.
        submit: Hands work to the engine.
        """
        self._key, self._office, self._authority = key, office, authority
        self._brokers, self._submit = brokers, submit

    def routes(self) -> list[Route]:
        return [Route(PATH, self.enrol, methods=["POST"]), Route(REVOKE_PATH, self.revoke, methods=["POST"])]

    async def enrol(self, request: Request) -> Response:
        """A device with a token: 200 with what it is, 403 with the reason, or 503: ask again."""
        body = await read_body(request)
        try:
            ask = msgspec.json.decode(body, type=Ask)
        except ValueError:
            return Response("bad_request", status_code=REFUSED)
        secret = secret_of(self._key, ask.invitation)
        if not is_proved(secret, "ask", body, request.headers.get(PROOF_HEADER, "")):
            return Response("foreign", status_code=REFUSED)
        given = await answer_of(lambda reply: self._submit(EnrolCame(ask.invitation, ask.request, reply)))
        if not isinstance(given, Given | Certificate):
            return Response(str(given), status_code=WAIT if given == "wait" else REFUSED)
        invited = ask.invitation
        admission = Admission(self._office, invited.device, invited.slot, given.pem, self._authority, self._brokers)
        said = msgspec.json.encode(admission)
        return Response(said, media_type="application/json", headers={PROOF_HEADER: prove(secret, "admission", said)})

    async def revoke(self, request: Request) -> Response:
        """The operator's tool, which has the hub's key: 200, or 503 while the standby does not have it."""
        body = await read_body(request)
        if not is_proved(self._key, "ask", body, request.headers.get(PROOF_HEADER, "")):
            return Response("foreign", status_code=REFUSED)
        word = msgspec.json.decode(body, type=Revocation)
        is_safe = await answer_of(lambda reply: self._submit(RevokeCame(word.device, word.serials, reply)))
        return Response(status_code=200 if is_safe else WAIT)

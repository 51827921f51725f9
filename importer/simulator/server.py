"""One simulated provider behind HTTP: its limits, faults, latency and journal around its answers."""

import json
import random
from dataclasses import replace

from aiohttp import web

from importer.simulator.exchange import Answer, Arrival, Call, redirect
from importer.simulator.faults import NOTHING_CREATED, Fault, Faults, FaultSource
from importer.simulator.journal import Journal, RequestRecord, kept_headers
from importer.simulator.provider import Provider
from importer.simulator.settings import Settings
from importer.simulator.windows import Limiter, Standing


class ProviderServer:
    """Answers the requests of one provider."""

    def __init__(self, provider: Provider, settings: Settings) -> None:
        """Start with empty windows and an empty journal."""
        self.provider = provider
        self.journal = Journal(size=settings.log_size)
        self._settings = settings
        self._prefix = f"/{provider.name}"
        self._faults = FaultSource(settings.faults_of(provider.name), self._seed("faults"))
        self._jitter = random.Random(self._seed("jitter"))  # noqa: S311 - repeatable on purpose
        self._limiters = self._make_limiters() if settings.limits else {}

    def set_faults(self, faults: Faults) -> None:
        """From the next request on, deal out these faults, from the beginning of their script."""
        self._faults = FaultSource(faults, self._seed("faults"))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer `request`, unless its fault is to get no answer."""
        arrived = self._settings.clock()
        target = request.raw_path.removeprefix(self._prefix)
        path, _, query = target.partition("?")
        call = self.provider.call_of(request.method, path)
        standing = self._limiters[call].admit(arrived) if call in self._limiters else None
        headers = request.headers
        record = RequestRecord(
            self.provider.name, call, request.method, target, kept_headers(headers), arrived
        )
        self.journal.arrived(record)
        record.body = body = await request.read()
        arrival = Arrival(call, request.method, path, query, headers, body, arrived)
        answer = self._decide(arrival, record, standing)
        if answer.created is not None:
            record.customer_id = answer.created.id
        try:
            await self._wait(record.fault)
            return await self._send(request, record, self._marked(answer, standing))
        finally:
            self.provider.answered(answer)

    def _decide(self, arrival: Arrival, record: RequestRecord, standing: Standing | None) -> Answer:
        if standing is not None and standing.wait > 0:
            record.rate_limited = True
            return self.provider.too_many(standing)
        record.fault = fault = self._faults.draw(arrival.call, self._email(arrival))
        if fault in NOTHING_CREATED:
            return self._struck_before(fault, arrival.time)
        answer = self.provider.answer(arrival)
        return answer if fault is None else self._struck_after(fault, answer)

    def _struck_before(self, fault: Fault | None, now: float) -> Answer:
        faults = self._faults.faults
        match fault:
            case Fault.RATE_LIMITED:
                wait = faults.retry_after
                return self.provider.too_many(Standing(1, 0, now + wait, wait))
            case Fault.SERVER_ERROR:
                return self.provider.error(self._faults.next_server_error())
            case Fault.REDIRECT:
                return redirect(f"{self._prefix}/login")
            case Fault.EXPIRED_TOKEN:
                self.provider.revoke_tokens()
                return self.provider.error(401)
            case Fault.REFUSED:
                return self.provider.error(faults.refused_status)
            case _:
                return Answer(0)

    def _struck_after(self, fault: Fault, answer: Answer) -> Answer:
        succeeded = answer.status < 300
        match fault:
            case Fault.GARBLED:
                return replace(answer, body=self.provider.garbage + answer.body)
            case Fault.NO_ID if succeeded:
                return replace(answer, body=self.provider.without_id(answer))
            case Fault.ERROR_AFTER if succeeded:
                return replace(self.provider.error(500), created=answer.created)
            case Fault.REJECTED_AFTER if succeeded:
                return replace(self.provider.error(400), created=answer.created)
            case _:
                return answer

    async def _wait(self, fault: Fault | None) -> None:
        seconds = self._settings.latency
        if self._settings.jitter:
            seconds += self._jitter.uniform(0, self._settings.jitter)
        if fault is Fault.SLOW:
            seconds += self._faults.faults.slow_seconds
        if seconds:
            await self._settings.sleep(seconds)

    async def _send(self, request: web.Request, record: RequestRecord, answer: Answer) -> web.StreamResponse:
        if record.fault in (Fault.CUT_BEFORE, Fault.CUT_AFTER):
            self.journal.answered(record, None)
            _hang_up(request)
            return web.Response()
        self.journal.answered(record, answer.status)
        headers = {"Content-Type": answer.content_type, **answer.headers}
        if record.fault is Fault.CUT_BODY:
            return await _send_half(request, answer, headers)
        return web.Response(status=answer.status, body=answer.body, headers=headers)

    def _marked(self, answer: Answer, standing: Standing | None) -> Answer:
        if standing is None or not self.provider.announces_limits:
            return answer
        marks = {
            "X-RateLimit-Limit": str(standing.limit),
            "X-RateLimit-Remaining": str(standing.remaining),
            "X-RateLimit-Reset": str(int(standing.reset_at)),
        }
        return replace(answer, headers={**answer.headers, **marks})

    def _email(self, arrival: Arrival) -> str:
        if not self._faults.goes_by_email or arrival.call is not Call.CREATE:
            return ""
        try:
            document = json.loads(arrival.body)
        except ValueError:
            return ""
        return str(document.get(self.provider.email_field, "")) if isinstance(document, dict) else ""

    def _make_limiters(self) -> dict[Call, Limiter]:
        windows = self._settings.windows_of(self.provider.name) or self.provider.windows
        return {
            call: limiter
            for limiter, calls in ((Limiter(windows), group) for group in self.provider.counted)
            for call in calls
        }

    def _seed(self, purpose: str) -> str:
        return f"{self._settings.seed}:{self.provider.name}:{purpose}"


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()


async def _send_half(request: web.Request, answer: Answer, headers: dict[str, str]) -> web.StreamResponse:
    """Promise the whole body, send half of it, and hang up."""
    response = web.StreamResponse(status=answer.status, headers=headers)
    response.content_length = len(answer.body)
    await response.prepare(request)
    await response.write(answer.body[: len(answer.body) // 2])
    _hang_up(request)
    return response

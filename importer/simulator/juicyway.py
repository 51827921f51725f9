"""JuicyWay: the one provider whose idempotency key protects a create.

https://docs.juicyway.com
"""

import itertools
import math
from typing import Any

from importer.simulator.countries import ALPHA_2, calling_code
from importer.simulator.credentials import JUICYWAY_API_KEY
from importer.simulator.customers import Customer
from importer.simulator.exchange import Answer, Arrival, Call, json_answer
from importer.simulator.fields import Complaint, Fields, ListOf, Rule, Wrong, by_field, complaints
from importer.simulator.provider import Provider, moment, page_size, read_object, read_query
from importer.simulator.replays import Replays
from importer.simulator.rules import alpha_2, e164, email, one_of, person_name, text
from importer.simulator.settings import Settings
from importer.simulator.windows import Standing, Window

PATH = "/customers"

_ERRORS = {
    401: ("unauthorized", "Invalid API key", "authentication_error"),
    403: ("forbidden", "Access to the requested resource is denied", "authentication_error"),
    404: ("not_found", "The requested resource could not be found", "invalid_request_error"),
}


def _fields(phone_field: str) -> Fields:
    address = Fields(
        {
            "line1": text(),
            "line2": text(),
            "city": text(),
            "state": text(),
            "zip_code": text(),
            "country": alpha_2,
        },
        frozenset({"line1", "city", "state", "zip_code", "country"}),
    )
    rules: dict[str, Rule | Fields | ListOf] = {
        "first_name": person_name(100),
        "last_name": person_name(100),
        "email": email(),
        phone_field: e164,
        "type": one_of("individual", "business"),
        "billing_address": address,
    }
    return Fields(rules, frozenset(rules))


class JuicyWay(Provider):
    """``POST /customers`` with the raw key and an idempotency key."""

    name = "juicyway"
    create_path = look_up_path = PATH
    windows = (Window(100, 60),)  # [A] the sandbox's, for creates and for lists alike
    counted = (frozenset({Call.CREATE}), frozenset({Call.LOOK_UP}))
    email_field = "email"

    def __init__(self, settings: Settings) -> None:
        """Start with no customers and no idempotency keys."""
        super().__init__(settings)
        self._phone_field = settings.variants.juicyway_phone
        self._fields = _fields(self._phone_field)
        self._replays = Replays()
        key = JUICYWAY_API_KEY
        self._authorization = f"Bearer {key}" if settings.variants.juicyway_bearer else key
        self.id_path = ("data", "id") if settings.variants.juicyway_envelope else ("id",)

    def authorise(self, arrival: Arrival) -> Answer | None:
        """The raw key, or where the setting says so a bearer token [A, contradictory]."""
        return None if arrival.headers.get("Authorization") == self._authorization else self.error(401)

    def create(self, arrival: Arrival) -> Answer:
        """201, or what the idempotency key was answered before.

        The first answer is replayed for 24 h [A], a refusal too; the same key with another body is an error.
        """
        key = arrival.headers.get("Idempotency-Key", "")
        if not key:
            return self._problem(400, "missing_idempotency_key", "Idempotency-Key header is required")
        earlier = self._replays.find(key, arrival.time)
        if earlier is None:
            answer = self._create(arrival)
            first = Answer(answer.status, answer.body)  # a replay creates nobody
            self._replays.keep(key, arrival.body, first, arrival.time)
            return answer
        if earlier.body != arrival.body:
            message = "Idempotency-Key was used with a different request body"
            return self._problem(400, "idempotency_key_reused", message)
        return earlier.answer

    def _create(self, arrival: Arrival) -> Answer:
        body = read_object(arrival)
        if body is None:
            return self._problem(400, "malformed_request", "The request body is not valid JSON")
        found = complaints(body, self._fields) or self._foreign_phone(body)
        if found:
            return self._refused(found)
        address = body["email"].casefold()
        if self.customers.has(address):
            return self._problem(409, "customer_already_exists", "A customer with this email already exists")
        customer = self.keep(self.new_uuid(), arrival, identity=address)
        return json_answer(201, self._enveloped(customer), created=customer)

    def look_up(self, arrival: Arrival) -> Answer:
        """The customers with this e-mail, or without one everybody [A]."""
        query = read_query(arrival)
        wanted = query.get("email", "").casefold()
        limit = page_size(query.get("limit"), default=20, most=100)
        older = self.customers.newest_first(after=query.get("after"))
        found = list(itertools.islice((one for one in older if wanted in ("", one.identity)), limit + 1))
        shown = [{**one.body, **_state(one), **self.news.get(one.id, {})} for one in found[:limit]]
        after = found[limit - 1].id if len(found) > limit else None
        return json_answer(
            200, {"data": shown, "pagination": {"before": None, "after": after, "limit": limit}}
        )

    def error(self, status: int) -> Answer:
        """An error of the account or of the server."""
        code, message, kind = _ERRORS.get(
            status, ("bad_request", "The request was invalid", "invalid_request_error")
        )
        if status >= 500:
            code, message, kind = "internal_error", "Something went wrong", "api_error"
        return self._problem(status, code, message, type=kind)

    def too_many(self, standing: Standing) -> Answer:
        """429 with ``retry_after`` in the body [A], inside ``error`` like everything else there [C]."""
        wait = math.ceil(standing.wait)
        return self._problem(429, "rate_limit_exceeded", "Too many requests", retry_after=wait)

    def _foreign_phone(self, body: dict[str, Any]) -> list[Complaint]:
        country = ALPHA_2[body["billing_address"]["country"]]
        if calling_code(body[self._phone_field]) == country.calling_code:
            return []
        return [Complaint(self._phone_field, Wrong.INVALID, "must belong to the billing country")]

    def _refused(self, found: list[Complaint]) -> Answer:
        """400 and a list where something is missing, 422 and a table where a value is wrong."""
        missing = [complaint for complaint in found if complaint.wrong is Wrong.MISSING]
        message = "The request was invalid"
        if missing:
            errors = [{"field": one.field, "message": one.sentence} for one in found]
            return self._problem(
                400, "validation_error", message, type="invalid_request_error", errors=errors
            )
        return self._problem(422, "validation_error", message, details=by_field(found))

    def _problem(self, status: int, code: str, message: str, **more: object) -> Answer:
        error = {"code": code, "message": message, **more}
        return json_answer(status, {"error": error, "request_id": f"req_{self.new_hex(64)}"})

    def _enveloped(self, customer: Customer) -> dict[str, Any]:
        state = _state(customer)
        return {"data": state} if self.settings.variants.juicyway_envelope else state


def _state(customer: Customer) -> dict[str, Any]:
    time = moment(customer.created_at)
    return {"id": customer.id, "status": "pending_kyc", "created_at": f"{time:%Y-%m-%dT%H:%M:%SZ}"}

"""Yativo: short tokens, two shapes of success, and many of failure.

https://docs.yativo.com
"""

import math
from typing import Any

from importer.simulator.credentials import YATIVO_ACCOUNT_ID, YATIVO_APP_SECRET, YATIVO_TOKEN
from importer.simulator.customers import Customer
from importer.simulator.exchange import Answer, Arrival, Call, json_answer
from importer.simulator.fields import Complaint, Fields, Wrong, by_field, complaints
from importer.simulator.provider import Provider, moment, page_size, read_object, read_query
from importer.simulator.replays import Replays
from importer.simulator.rules import alpha_3, boolean, e164, email, one_of, text
from importer.simulator.settings import Settings
from importer.simulator.tokens import Tokens, bearer
from importer.simulator.windows import Standing, Window

PATH = "/customer"
BODY = Fields(
    {
        "customer_name": text(),
        "customer_email": email(),
        "customer_phone": e164,
        "customer_country": alpha_3,
        "customer_type": one_of("individual", "business"),
        "send_kyc_mail": boolean,
    },
    frozenset({"customer_name", "customer_email", "customer_phone", "customer_country"}),
)


class Yativo(Provider):
    """``POST /customer`` with a token that lasts ten minutes and an idempotency key that protects nothing."""

    name = "yativo"
    create_path = look_up_path = PATH
    log_in_path = "/auth/login"
    windows = (Window(60, 60),)  # [B] by plan
    counted = (frozenset({Call.CREATE, Call.LOOK_UP}),)
    announces_limits = True
    email_field = "customer_email"
    id_path = ("data", "customer_id")
    garbage = b"7"  # seen in front of real answers

    def __init__(self, settings: Settings) -> None:
        """Start with no customers and no tokens but the static one."""
        super().__init__(settings)
        seconds = settings.variants.yativo_token_seconds
        self._tokens = Tokens(static=YATIVO_TOKEN, seconds=seconds, source=self._random)
        self._rejections = Replays()
        self._answered: set[str] = set()

    def authorise(self, arrival: Arrival) -> Answer | None:
        """A token; its absence and its refusal have different shapes [A]."""
        if "Authorization" not in arrival.headers:
            return json_answer(401, {"message": "Unauthenticated."})
        return None if self._tokens.accepts(bearer(arrival.headers), arrival.time) else self.error(401)

    def create(self, arrival: Arrival) -> Answer:
        """201, or a rejection, which is replayed under its idempotency key whatever the body is then [B]."""
        key = arrival.headers.get("Idempotency-Key", "")
        if not key:
            return json_answer(400, {"error": "Idempotency-Key is required for this request."})
        earlier = self._rejections.find(key, arrival.time)
        if earlier is not None:
            return earlier.answer
        answer = self._create(arrival)
        if answer.created is None:
            self._rejections.keep(key, arrival.body, answer, arrival.time)
        return answer

    def _create(self, arrival: Arrival) -> Answer:
        body = read_object(arrival)
        if body is None:
            return self.error(400)
        found = complaints(body, BODY)
        if found:
            return _rejected(found)
        address = body["customer_email"].casefold()
        if address in self._answered:
            return _failed(422, {"customer_email": ["Customer email already exists."]})
        customer = self.keep(self.new_uuid(), arrival, identity=address, search_text=address)
        self.mailed += body.get("send_kyc_mail", True)
        return json_answer(201, self._success(customer, body), created=customer)

    def answered(self, answer: Answer) -> None:
        """From now on the e-mail is taken.

        It is unique by a check and not by an index, so that of two requests at once both succeed [B].
        """
        if answer.created is not None:
            self._answered.add(answer.created.identity)

    def look_up(self, arrival: Arrival) -> Answer:
        """A page of the customers whose e-mail contains ``email`` [B]."""
        query = read_query(arrival)
        size = page_size(query.get("per_page"), default=20, most=100)
        page = page_size(query.get("page"), default=1, most=10**9)
        found = self.customers.matching(query.get("email", "").casefold())
        last = max(math.ceil(len(found) / size), 1)
        return json_answer(
            200,
            {
                "status": "success",
                "status_code": 200,
                "message": "Records retrieved successfully",
                "data": [
                    _listed(one) | self.news.get(one.id, {}) for one in found[(page - 1) * size : page * size]
                ],
                "pagination": {
                    "total": len(found),
                    "per_page": size,
                    "current_page": page,
                    "last_page": last,
                    "next_page_url": f"{PATH}?page={page + 1}" if page < last else None,
                    "prev_page_url": f"{PATH}?page={page - 1}" if page > 1 else None,
                },
            },
        )

    def log_in(self, arrival: Arrival) -> Answer:
        """A bearer token and how long it lasts [A]. No idempotency key is asked for here."""
        wanted = {"account_id": YATIVO_ACCOUNT_ID, "app_secret": YATIVO_APP_SECRET}
        if read_object(arrival) != wanted:
            return self.error(401)
        seconds = int(self.settings.variants.yativo_token_seconds)
        token = self._tokens.issue(arrival.time)
        data = {"access_token": token, "token_type": "bearer", "expires_in": seconds}
        return json_answer(
            200, {"status": "success", "status_code": 200, "message": "Log-in successful", "data": data}
        )

    def error(self, status: int) -> Answer:
        """The envelope, with the error under ``data.error``."""
        words = {401: "Unauthenticated.", 403: "Forbidden.", 404: "Not found."}
        return _failed(status, {"error": words.get(status, "Something went wrong.")})

    def too_many(self, standing: Standing) -> Answer:
        """429 with the wait in the header and in the body [A]."""
        wait = math.ceil(standing.wait)
        body = {"error": "rate_limit_exceeded", "message": "Too many requests.", "retry_after": wait}
        return json_answer(429, body, headers={"Retry-After": str(wait)})

    def revoke_tokens(self) -> None:
        """Forget the tokens handed out so far."""
        self._tokens.revoke()

    def _success(self, customer: Customer, body: dict[str, Any]) -> dict[str, Any]:
        """In the older shape ``data.id`` is a KYC link, and ``status_code`` differs from the HTTP status."""
        if self.settings.variants.yativo_shape == "newer":
            code, data = 201, {**_listed(customer), "customer_status": "active"}
        else:
            code, data = 200, self._kyc_link(customer, body)
        return {
            "status": "success",
            "status_code": code,
            "message": "Customer created successfully",
            "data": data,
        }

    def _kyc_link(self, customer: Customer, body: dict[str, Any]) -> dict[str, Any]:
        link = self.new_uuid()
        return {
            "id": link,
            "full_name": body["customer_name"],
            "email": body["customer_email"],
            "type": body.get("customer_type", "individual"),
            "kyc_link": f"https://kyc.example.com/verify/{link}",
            "tos_link": f"https://kyc.example.com/terms/{link}",
            "kyc_status": "not_started",
            "rejection_reasons": [],
            "tos_status": "pending",
            "created_at": _milliseconds(customer.created_at),
            "customer_id": customer.id,
            "persona_inquiry_type": "gov_id_db",
        }


def _listed(customer: Customer) -> dict[str, Any]:
    fields = {name: value for name, value in customer.body.items() if name != "send_kyc_mail"}
    return {"customer_id": customer.id, **fields, "created_at": _milliseconds(customer.created_at)}


def _milliseconds(time: float) -> str:
    return moment(time).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _rejected(found: list[Complaint]) -> Answer:
    """400 in the envelope where a field is missing, 422 in another shape where a value is wrong [B]."""
    errors = by_field(found)
    if any(complaint.wrong is Wrong.MISSING for complaint in found):
        return _failed(400, errors)
    message = "The given data was invalid."
    return json_answer(422, {"status": "error", "message": message, "errors": errors})


def _failed(status: int, data: dict[str, Any]) -> Answer:
    return json_answer(
        status, {"status": "failed", "status_code": status, "message": "Request failed.", "data": data}
    )

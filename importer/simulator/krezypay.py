"""Krezypay: no look-up, no idempotency, and one error text for everything.

https://docs.krezypay.com
"""

from typing import Any

from importer.simulator.credentials import KREZYPAY_PUBLIC_KEY, KREZYPAY_SECRET_KEY, KREZYPAY_TOKEN
from importer.simulator.exchange import Answer, Arrival, Call, json_answer
from importer.simulator.fields import Fields, complaints
from importer.simulator.provider import Provider, read_object
from importer.simulator.rules import country_name, e164, email, https_url, one_of, text
from importer.simulator.settings import Settings
from importer.simulator.tokens import Tokens, bearer
from importer.simulator.windows import Standing, Window

_RULES = {
    "firstname": text(),
    "lastname": text(),
    "gender": one_of("M", "F"),
    "email": email(),
    "phone": e164,
    "country": country_name,
    "id_type": one_of("ID_CARD", "PASSPORT"),
    "id_number": text(),
    "face_id_image": https_url,
    "front_id_image": https_url,
    "back_id_image": https_url,
}
BODY = Fields(_RULES, frozenset(_RULES) - {"back_id_image"})
"""Which fields are required is not documented; all but the back image are here."""


class Krezypay(Provider):
    """``POST /customer/create_customer`` with a token that lasts a day."""

    name = "krezypay"
    create_path = "/customer/create_customer"
    log_in_path = "/token"
    windows = (Window(1, 1),)  # [C] none is published
    counted = (frozenset({Call.CREATE}),)
    email_field = "email"
    id_path = ("customer_id",)

    def __init__(self, settings: Settings) -> None:
        """Start with no customers and no tokens but the static one."""
        super().__init__(settings)
        seconds = settings.variants.krezypay_token_seconds
        self._tokens = Tokens(static=KREZYPAY_TOKEN, seconds=seconds, source=self._random)

    def authorise(self, arrival: Arrival) -> Answer | None:
        """A token from ``POST /token``, or the static one."""
        return None if self._tokens.accepts(bearer(arrival.headers), arrival.time) else self.error(401)

    def create(self, arrival: Arrival) -> Answer:
        """A success, 400, or 409 for a document that somebody has.

        A document whose images do not fit its kind gets HTTP 200 with ``"status": "failed"``: the
        documentation leaves room for that and never shows it [C].
        """
        body = read_object(arrival)
        if body is None or complaints(body, BODY):
            return self.error(400)
        if (body["id_type"] == "ID_CARD") is not ("back_id_image" in body):
            return json_answer(200, {"status": "failed", "message": "Document images do not fit id_type"})
        identity = _document(body)
        if self.customers.has(identity):
            return json_answer(409, {"error": "Customer already exists"})
        customer = self.keep(self.new_hex(104), arrival, identity=identity)
        answer = {
            "status": "success",
            "customer_id": customer.id,
            "message": "Customer successfully registered",
        }
        return json_answer(self.settings.variants.krezypay_created, answer, created=customer)

    def log_in(self, arrival: Arrival) -> Answer:
        """A bearer token and how long it lasts [A]."""
        wanted = {"public_key": KREZYPAY_PUBLIC_KEY, "secret_key": KREZYPAY_SECRET_KEY}
        if read_object(arrival) != wanted:
            return self.error(401)
        seconds = self.settings.variants.krezypay_token_seconds
        token = self._tokens.issue(arrival.time)
        return json_answer(200, {"token_type": "Bearer", "token": token, "expires_in": int(seconds)})

    def error(self, status: int) -> Answer:
        """The one body that is ever shown, whatever the status."""
        return json_answer(status, {"error": "Invalid request"})

    def too_many(self, standing: Standing) -> Answer:
        """429, without a word about when."""
        return self.error(429)

    def revoke_tokens(self) -> None:
        """Forget the tokens handed out so far."""
        self._tokens.revoke()


def _document(body: dict[str, Any]) -> str:
    return f"{body['id_type']} {body['id_number']}".casefold()

"""A client for each simulated provider, and bodies that they take."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from importer.simulator import Simulator
from importer.simulator.credentials import (
    HITPAY_API_KEY,
    JUICYWAY_API_KEY,
    KREZYPAY_TOKEN,
    RAPYD_ACCESS_KEY,
    RAPYD_SECRET_KEY,
    YATIVO_TOKEN,
)
from importer.simulator.signature import sign

CREATE_PATHS = {
    "krezypay": "/customer/create_customer",
    "yativo": "/customer",
    "juicyway": "/customers",
    "rapyd": "/v1/customers",
    "hitpay": "/v1/customers",
}
ID_PATHS = {
    "krezypay": ("customer_id",),
    "yativo": ("data", "customer_id"),
    "juicyway": ("data", "id"),
    "rapyd": ("data", "id"),
    "hitpay": ("id",),
}
CREATED = {"krezypay": 200, "yativo": 201, "juicyway": 201, "rapyd": 200, "hitpay": 201}


def body_for(provider: str, email: str = "ada@example.com") -> dict[str, Any]:
    """A body with every field, unless they exclude each other; its own from the caller on."""
    bodies: dict[str, dict[str, Any]] = {
        "krezypay": {
            "firstname": "Ada",
            "lastname": "Obi",
            "gender": "F",
            "email": email,
            "phone": "+2348031234567",
            "country": "NIGERIA",
            "id_type": "ID_CARD",
            "id_number": f"00{email}",
            "face_id_image": "https://images.example.com/face.jpg",
            "front_id_image": "https://images.example.com/front.jpg",
            "back_id_image": "https://images.example.com/back.jpg",
        },
        "yativo": {
            "customer_name": "Ada Obi",
            "customer_email": email,
            "customer_phone": "+12025550143",
            "customer_country": "USA",
            "customer_type": "individual",
            "send_kyc_mail": False,
        },
        "juicyway": {
            "first_name": "Adaézé",
            "last_name": "O'Neil-王",
            "email": email,
            "phone": "+2348031234567",
            "type": "individual",
            "billing_address": {
                "line1": "1 Marina",
                "line2": "Floor 2",
                "city": "Lagos",
                "state": "Lagos",
                "zip_code": "101241",
                "country": "NG",
            },
        },
        "rapyd": {
            "name": "Ada Obi",
            "email": email,
            "phone_number": "+14155552671",
            "business_vat_id": "123456789",
            "description": "row 2",
            "invoice_prefix": "AO-",
            "addresses": [
                {"name": "Ada Obi", "line_1": "1 Main St", "city": "Paris", "country": "FR", "zip": "75001"}
            ],
            "metadata": {"import": "abc", "row": 2},
        },
        "hitpay": {
            "name": "Ada Obi",
            "email": email,
            "phone_number": "81234567",
            "phone_number_country_code": "65",
            "remark": "VIP",
            "birth_date": "1990-02-28",
            "gender": "female",
            "address": {
                "city": "Singapore",
                "state": "Singapore",
                "street": "1 Raffles Place",
                "postal_code": "048616",
                "country": "SG",
            },
        },
    }
    return bodies[provider]


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.text)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Caller:
    """Calls a simulator with good credentials, unless told otherwise."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self._session = session
        self._salts = itertools.count()

    async def send(
        self, provider: str, method: str, target: str, *, data: bytes = b"", headers: Mapping[str, str]
    ) -> Reply:
        """One request, exactly as given."""
        url = URL(self.simulator.base_url(provider) + target, encoded=True)
        async with self._session.request(
            method, url, data=data or None, headers=headers, allow_redirects=False
        ) as response:
            return Reply(response.status, response.headers.copy(), await response.text())

    async def create(self, provider: str, body: object = None, *, without: str = "", **changes: str) -> Reply:
        """A create with the headers it needs; `changes` (underscores for hyphens) replace or add some."""
        document = body_for(provider) if body is None else body
        data = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        return await self.create_raw(provider, data, without=without, **changes)

    async def create_raw(self, provider: str, data: bytes, *, without: str = "", **changes: str) -> Reply:
        """A create with these bytes for its body."""
        path = CREATE_PATHS[provider]
        headers = self.headers(provider, "POST", path, data)
        headers |= {name.replace("_", "-"): value for name, value in changes.items()}
        headers.pop(without, None)
        return await self.send(provider, "POST", path, data=data, headers=headers)

    async def look_up(self, provider: str, **query: str) -> Reply:
        """A look-up with this query."""
        target = CREATE_PATHS[provider] + (f"?{urlencode(query)}" if query else "")
        return await self.send(provider, "GET", target, headers=self.headers(provider, "GET", target))

    async def log_in(self, provider: str, path: str, **body: str) -> Reply:
        """A log-in with this body."""
        headers = {"Content-Type": "application/json"}
        return await self.send(provider, "POST", path, data=json.dumps(body).encode(), headers=headers)

    def headers(self, provider: str, method: str, target: str, data: bytes = b"") -> dict[str, str]:
        """Good headers for one request."""
        if provider == "rapyd":
            special = self._signed(method, target, data)
        else:
            special = {
                "krezypay": {"Authorization": f"Bearer {KREZYPAY_TOKEN}"},
                "yativo": {"Authorization": f"Bearer {YATIVO_TOKEN}"},
                "juicyway": {"Authorization": JUICYWAY_API_KEY},
                "hitpay": {"X-BUSINESS-API-KEY": HITPAY_API_KEY},
            }[provider]
        if method == "POST":
            special["Idempotency-Key"] = f"key-{next(self._salts)}"
        return {"Content-Type": "application/json", "Accept": "application/json", **special}

    def _signed(self, method: str, target: str, data: bytes) -> dict[str, str]:
        salt = f"{next(self._salts):012d}"
        timestamp = str(int(self.simulator.settings.clock()))
        signature = sign(
            method=method,
            target=target,
            salt=salt,
            timestamp=timestamp,
            access_key=RAPYD_ACCESS_KEY,
            secret_key=RAPYD_SECRET_KEY,
            body=data,
        )
        return {"access_key": RAPYD_ACCESS_KEY, "salt": salt, "timestamp": timestamp, "signature": signature}


def id_in(provider: str, document: Any) -> str:
    """The customer's id in a success."""
    for key in ID_PATHS[provider]:
        document = document[key]
    return str(document)

"""Rapyd's request signature, as its documentation describes it [A].

https://docs.rapyd.net/en/request-signatures.html
"""

import base64
import hashlib
import hmac


def sign(
    *, method: str, target: str, salt: str, timestamp: str, access_key: str, secret_key: str, body: bytes
) -> str:
    """The signature of one request: base64 of the HMAC's lower-case hex text, always 88 characters.

    `target` is the path and the query exactly as sent, from ``/v1``; `body` the bytes as sent, b"" where
    there is none.
    """
    text = f"{method.lower()}{target}{salt}{timestamp}{access_key}{secret_key}".encode()
    digest = hmac.new(secret_key.encode(), text + body, hashlib.sha256).hexdigest()
    return base64.b64encode(digest.encode()).decode()

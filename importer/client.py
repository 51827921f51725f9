"""Send one request, and say what is known of its effect. The only place that speaks HTTP to a provider."""

import asyncio
import json
import secrets
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from importer.accounts import Account
from importer.errors import NotAppliedError, OutcomeUnknownError, ProviderRefusedError
from importer.pacing import Clock
from importer.providers import replies
from importer.providers.auth import ApiKey, LoginToken, SignedRequest, Token, Unsigned
from importer.providers.base import Reply
from importer.quoting import without_secrets
from importer.retry import asked_to_wait

CONNECT_TIMEOUT = 10.0
TOTAL_TIMEOUT = 40.0
KEEP_ALIVE = 4.0
"""Seconds an idle connection is used again. Node's servers close theirs after 5: a request sent into a
connection that is being closed has an unknown outcome."""

LARGEST_REPLY = 4 * 1024 * 1024
SALT = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, and for a whole request."""

    connect: float = CONNECT_TIMEOUT
    total: float = TOTAL_TIMEOUT


@dataclass
class _Bearer:
    """The token all requests share.

    `renewed` if it took the place of one that was refused, `proven` once the provider took it.
    """

    token: Token
    renew_at: float
    renewed: bool = False
    proven: bool = False


class Client:
    """Requests to one account. Use as an asynchronous context manager.

    Each method makes one attempt and raises:
        NotAppliedError: The provider certainly did nothing.
        OutcomeUnknownError: The request left and its answer is lost.
        ProviderRefusedError: The account was refused.
    """

    def __init__(
        self,
        account: Account,
        credentials: Mapping[str, str],
        *,
        clock: Clock,
        timeouts: Timeouts = Timeouts(),
        before_login: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._account = account
        self._create_url = URL(account.base_url + account.provider.path, encoded=True)
        self._credentials = credentials
        self._clock = clock
        self._timeouts = timeouts
        self._before_login = before_login
        self._bearer: _Bearer | None = None
        self._logging_in = asyncio.Lock()
        self._proving = asyncio.Lock()
        self._refused: ProviderRefusedError | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE),
            timeout=aiohttp.ClientTimeout(
                total=self._timeouts.total,
                connect=self._timeouts.connect,
                sock_connect=self._timeouts.connect,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=True,
            headers={"Accept": "application/json", "User-Agent": "importer"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be in any message: credentials, and the token they were changed into."""
        token = (self._bearer.token.text,) if self._bearer is not None else ()
        return (*self._credentials.values(), *token)

    async def create(self, body: bytes, key: str) -> Reply:
        """Post a customer. The reply is 2xx, or a 4xx that concerns the row."""
        provider = self._account.provider
        headers = {"Content-Type": "application/json"}
        if provider.idempotency is not None:
            headers[provider.idempotency.header] = key
        return await self._authorised("POST", provider.path, body, headers)

    async def get(self, target: str) -> Reply:
        """Look something up. The reply is 2xx.

        Raises OutcomeUnknownError for every other answer too: nothing was learnt.
        """
        reply = await self._authorised("GET", target, b"", {})
        if not reply.ok:
            raise OutcomeUnknownError(
                f"The look-up was answered with HTTP {reply.status}. {self._said(reply)}".strip(),
                code="look_up_refused",
                http_status=reply.status,
            )
        return reply

    async def log_in(self) -> None:
        """Fetch the token that requests are sent with, where the account logs in for one."""
        await self._token()

    async def _authorised(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        bearer = await self._token()
        if bearer is None or bearer.proven or not bearer.renewed:
            return await self._with(bearer, method, target, body, headers)
        # one request tries a renewed token, so that a refused account costs one and not all under way
        async with self._proving:
            bearer = await self._token()
            if bearer is not None and not bearer.proven:
                if self._refused is not None:
                    raise self._refused
                return await self._with(bearer, method, target, body, headers)
        return await self._with(bearer, method, target, body, headers)

    async def _with(
        self, bearer: _Bearer | None, method: str, target: str, body: bytes, headers: Mapping[str, str]
    ) -> Reply:
        authorised = {**headers, **self._authorisation(method, target, body, bearer)}
        reply = await self._exchange(method, target, body, authorised)
        if reply.status == 401 and bearer is not None and self._may_renew(bearer):
            await self._renew(bearer)
            raise NotAppliedError(
                "The token had ended and was renewed", code="token_renewed", http_status=401, retry_after=0.0
            )
        if reply.status in (401, 403):
            self._refused = ProviderRefusedError(
                self._refusal(reply), code="refused", http_status=reply.status
            )
            raise self._refused
        if bearer is not None:
            bearer.proven = True
        self._raise_for(reply)
        return reply

    def _said(self, reply: Reply) -> str:
        """The provider's own words: "Invalid key: sk_..." is what some of them say."""
        return without_secrets(replies.said(reply), self.secrets)

    def _refusal(self, reply: Reply) -> str:
        words = self._said(reply)
        return (
            f"{self._account.provider.title} refused the account (HTTP {reply.status})"
            f"{': ' + words.rstrip('.') if words else ''}. Check the credentials, and that they are for "
            f"{self._account.environment}."
        )

    def _raise_for(self, reply: Reply) -> None:
        status = reply.status
        if status == 429:
            raise NotAppliedError(
                "The provider found us too fast (HTTP 429)",
                code="throttled",
                http_status=status,
                retry_after=asked_to_wait(reply.headers, reply.document, self._clock.now()),
                throttled=True,
            )
        if 300 <= status < 400:
            raise OutcomeUnknownError(
                f"The provider redirects elsewhere (HTTP {status}); redirects are never followed",
                code="redirected",
                http_status=status,
            )
        if status >= 500 or status in (408, 425) or status < 200:
            words = self._said(reply)
            raise OutcomeUnknownError(
                f"The provider failed (HTTP {status}){': ' + words if words else ''}",
                code="server_error",
                http_status=status,
            )

    def _authorisation(self, method: str, target: str, body: bytes, bearer: _Bearer | None) -> dict[str, str]:
        match self._account.provider.auth:
            case ApiKey(variable, header, scheme_setting):
                scheme = self._account.settings.get(scheme_setting, "")
                return {header: f"{scheme} {self._credentials[variable]}".strip()}
            case SignedRequest(sign=sign):
                salt = "".join(secrets.choice(SALT) for _ in range(12))
                unsigned = Unsigned(method, target, body, salt, int(self._clock.now()))
                return sign(unsigned, self._credentials)
            case LoginToken():
                assert bearer is not None  # noqa: S101  a login has gone before
                return {"Authorization": f"Bearer {bearer.token.text}"}

    async def _exchange(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        assert self._session is not None, "the client is used as a context manager"  # noqa: S101
        try:
            async with self._session.request(
                method,
                self._url(target),
                data=aiohttp.BytesPayload(body) if body else None,
                headers=headers,
                allow_redirects=False,
            ) as response:
                content = await _read(response)
                return Reply(response.status, response.headers, content)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, ssl.SSLError) as error:
            raise _not_connected(error) from None
        except TimeoutError:
            raise OutcomeUnknownError(
                f"No answer within {self._timeouts.total:g} seconds", code="timed_out"
            ) from None
        except (aiohttp.ClientError, OSError) as error:
            raise OutcomeUnknownError(
                f"The connection was lost before the whole answer had come ({type(error).__name__})",
                code="connection_lost",
            ) from None

    def _url(self, target: str) -> URL:
        if target == self._account.provider.path:
            return self._create_url  # taken apart once, and not for each of a million customers
        return URL(self._account.base_url + target, encoded=True)

    # -- the bearer token

    async def _token(self) -> _Bearer | None:
        auth = self._account.provider.auth
        if not isinstance(auth, LoginToken):
            return None
        bearer = self._bearer
        if bearer is not None and self._clock.now() < bearer.renew_at:
            return bearer
        async with self._logging_in:
            if self._bearer is None and auth.token_variable in self._credentials:
                self._bearer = _Bearer(Token(self._credentials[auth.token_variable], None), float("inf"))
            if self._bearer is None or self._clock.now() >= self._bearer.renew_at:
                self._bearer = await self._log_in(auth)
            return self._bearer

    def _may_renew(self, bearer: _Bearer) -> bool:
        """Whether a 401 may only mean that the token has ended: not if the one before was refused as well."""
        auth = self._account.provider.auth
        can_log_in = isinstance(auth, LoginToken) and all(
            name in self._credentials for name in auth.login.values()
        )
        return can_log_in and (bearer.proven or not bearer.renewed or bearer is not self._bearer)

    async def _renew(self, refused: _Bearer) -> None:
        """A new token, once for all: whoever comes second finds that it is there."""
        auth = self._account.provider.auth
        assert isinstance(auth, LoginToken)  # noqa: S101  only then is there a bearer
        async with self._logging_in:
            if self._bearer is refused:
                self._bearer = await self._log_in(auth)
                self._bearer.renewed = True

    async def _log_in(self, auth: LoginToken) -> _Bearer:
        if self._refused is not None:
            raise self._refused  # once is enough: too many wrong logins lock an account
        if self._before_login is not None:
            await self._before_login()
        asked_at = self._clock.now()
        login = {name: self._credentials[variable] for name, variable in auth.login.items()}
        try:
            reply = await self._exchange(
                "POST", auth.path, json.dumps(login).encode(), {"Content-Type": "application/json"}
            )
            if reply.status not in (401, 403):
                self._raise_for(reply)
        except OutcomeUnknownError as error:
            raise NotAppliedError(
                f"The login got no answer: {error}", code="login_unreachable", http_status=error.http_status
            ) from None
        token = auth.read(reply.document or {}) if reply.ok else None
        if token is None:
            self._refused = ProviderRefusedError(
                self._refusal(reply), code="refused", http_status=reply.status
            )
            raise self._refused
        return _Bearer(token, asked_at + _useful_life(token))


def _useful_life(token: Token) -> float:
    """Seconds after which a token is renewed: a tenth of its life early, at most a minute."""
    if token.expires_in is None:
        return float("inf")
    return token.expires_in - min(60.0, token.expires_in / 10)


def _not_connected(error: Exception) -> NotAppliedError:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return NotAppliedError(
            "The provider could not be reached in time: check the address and the network",
            code="connect_timeout",
        )
    reason = "TLS" if isinstance(error, ssl.SSLError | aiohttp.ClientSSLError) else type(error).__name__
    return NotAppliedError(
        f"No connection to the provider could be made ({reason}): check the address and the network",
        code="not_connected",
    )


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The whole body.

    Raises OutcomeUnknownError for one of more than 4 MiB: no answer of a provider is that large.
    """
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_REPLY:
            raise OutcomeUnknownError(
                "The answer is too long to be one", code="unreadable_reply", http_status=response.status
            )
    return b"".join(chunks)

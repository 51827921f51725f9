"""How requests are authorised: three ways, as values a provider names. No state, no network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and how many seconds it lives from now on (None: not said)."""

    text: str = field(repr=False)
    expires_in: float | None


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A request before it is signed. `target` is path and query as sent, `body` the very bytes."""

    method: str
    target: str
    body: bytes = field(repr=False)
    salt: str
    timestamp: int


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A fixed key in a header. `scheme_setting` names a setting that goes in front of it."""

    variable: str
    header: str
    scheme_setting: str = ""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A signature over each attempt: `sign` gives its headers from the request and the credentials."""

    variables: tuple[str, ...]
    sign: Callable[[Unsigned, Mapping[str, str]], dict[str, str]]


@dataclass(frozen=True, slots=True)
class LoginToken:
    """A bearer token, given in `token_variable`, or fetched with the credentials in `login`.

    `login` maps the fields of the login body to the variables they come from; `path` is where it is
    posted; `read` finds the token in the parsed answer, None where there is none.
    """

    token_variable: str
    login: Mapping[str, str]
    path: str
    read: Callable[[Mapping[str, object]], Token | None]


Auth = ApiKey | SignedRequest | LoginToken

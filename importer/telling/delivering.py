"""Bring a notification to the addresses of a job: webhooks, e-mail, Slack and what else apprise reaches.

Addresses hold secrets. None is ever in a message, an error or a log: they are told by their line.
"""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from importer.errors import SettingsError
from importer.jobfile import Event, Notify
from importer.secretfiles import Exposed, read_secret
from importer.telling.notices import Notice

if TYPE_CHECKING:
    from apprise import NotifyBase

DEADLINE = 30.0
"""Seconds for all deliveries, the second attempts included: nobody waits longer for the end of a night."""

PAUSE = 2.0
"""Seconds before the second attempt, which is the last."""

MISSING = (
    "The addresses in {variable} need apprise, which is not installed. Type: pip install 'importer[notify]'"
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where notifications go. `line` counts from 1 in the variable; `kind` is the service's name."""

    variable: str
    line: int
    kind: str
    service: "NotifyBase" = field(repr=False)

    def __str__(self) -> str:
        return f"address {self.line} of {self.variable} ({self.kind})"


def read_addresses(
    section: Notify, variables: Mapping[str, str], *, exposed: Exposed = Exposed.REFUSE
) -> tuple[Address, ...]:
    """The addresses of a job, one a line of its secret; none where there is no such secret.

    Raises:
        SettingsError: apprise is not installed, or does not understand an address. For the check of a job,
            before the night.
    """
    text = read_secret(section.urls_from, variables, exposed=exposed)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ()
    try:
        import apprise
    except ImportError:
        raise SettingsError(MISSING.format(variable=section.urls_from)) from None
    _keep_quiet()
    asset = apprise.AppriseAsset(
        app_id="importer", app_desc="importer", storage_mode=apprise.PersistentStoreMode.MEMORY
    )
    found = []
    for number, line in enumerate(lines, 1):
        service = apprise.Apprise.instantiate(line, asset=asset)
        if service is None:
            raise SettingsError(
                f"Address {number} of {section.urls_from} is none that apprise understands. See how it is "
                "written at https://appriseit.com/services/. It may hold a secret, so it is not shown."
            )
        found.append(Address(section.urls_from, number, str(service.service_name), service))
    return tuple(found)


def deliver(
    notice: Notice, addresses: Sequence[Address], *, deadline: float = DEADLINE, pause: float = PAUSE
) -> list[Address]:
    """Send a notice to all addresses at once, each at most twice. Returns those it did not reach in time.

    A service that does not come to an end is left to itself: it ends with the process.
    """
    reached: set[int] = set()
    threads = [
        threading.Thread(target=_deliver, args=(notice, address, pause, reached), daemon=True)
        for address in addresses
    ]
    until = time.monotonic() + deadline
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return [address for address in addresses if address.line not in reached]


def _deliver(notice: Notice, address: Address, pause: float, reached: set[int]) -> None:
    for last in (False, True):
        if _sent(notice, address):
            reached.add(address.line)
            return
        if not last:
            time.sleep(pause)


def _sent(notice: Notice, address: Address) -> bool:
    from apprise import NotifyFormat, NotifyType

    kinds = {
        Event.FAILURE: NotifyType.FAILURE,
        Event.DEGRADED: NotifyType.WARNING,
        Event.RECOVERY: NotifyType.SUCCESS,
    }
    try:
        return bool(
            address.service.notify(
                body=notice.body,
                title=notice.title,
                notify_type=kinds[notice.event],
                body_format=NotifyFormat.TEXT,
            )
        )
    except Exception:  # noqa: BLE001  a hundred services: whatever one of them raises, it was not reached
        return False


def _keep_quiet() -> None:
    """What they log quotes addresses, whole at some levels; what goes wrong is told by us."""
    for name in ("apprise", "urllib3", "requests_oauthlib"):
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.setLevel(logging.CRITICAL + 1)
        logger.addHandler(logging.NullHandler())

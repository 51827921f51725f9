"""A plan between its check and its run, for pages to look into and cells to be corrected in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

from importer.errors import SettingsError
from importer.planning import Plan
from importer.web.overview import Overview, overview

T = TypeVar("T")

GONE = (
    "The check of this import is no longer at hand: something was changed meanwhile. Nothing was done by "
    "this step. Reload the page."
)


@dataclass(slots=True)
class Held:
    """A plan that is kept. Whoever uses it holds the `lock`. It is that of one `version` of its import.

    `edited`: cells were corrected since the whole sheet was checked.
    """

    plan: Plan
    version: int
    edited: bool = False
    view: Overview | None = None
    closed: bool = False
    lock: Lock = field(default_factory=Lock)

    def overview(self) -> Overview:
        """What is told of the plan as it stands."""
        if self.view is None:
            self.view = overview(self.plan)
        return self.view

    def corrected(self) -> None:
        """Note that cells were corrected, and their rows checked."""
        self.edited, self.view = True, None

    def use(self, do: Callable[["Held"], T]) -> T:
        """What `do` gives for the plan, which nobody else uses meanwhile.

        Raises:
            SettingsError: The plan is no longer kept.
        """
        with self.lock:
            if self.closed:
                raise SettingsError(GONE)
            return do(self)

    def close(self) -> None:
        """Let go of the plan."""
        with self.lock:
            self.closed = True
            self.plan.close()

"""How much of the disk a user's imports may take."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from importer.errors import SettingsError
from importer.web.folders import Folders


@dataclass(slots=True)
class Room:
    """The room of each user, `quota` bytes: for uploads with all that is made from them."""

    folders: Folders
    quota: int
    _coming: Counter[str] = field(default_factory=Counter)

    def taken(self, user: str) -> int:
        """Bytes that a user's imports take now, with those that are just being uploaded."""
        kept = sum(self.folders.size(one) for one in self.folders.all() if one.owner == user)
        return kept + self._coming[user]

    @contextmanager
    def take(self, user: str, size: int) -> Iterator[None]:
        """Hold room for an upload while it arrives.

        Raises:
            SettingsError: There is not so much left.
        """
        taken = self.taken(user)
        if taken + size > self.quota:
            raise SettingsError(
                f"Your imports take {taken / (1 << 20):,.0f} MB, and {self.quota / (1 << 20):,.0f} MB is the "
                "most that is kept, so there is no room for this file. Nothing was kept of it. Delete "
                "imports that you do not need any more, then upload it again."
            )
        self._coming[user] += size
        try:
            yield
        finally:
            self._coming[user] -= size

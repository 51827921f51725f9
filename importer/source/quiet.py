"""Keep a library's panics off the terminal.

calamine's, which are Rust's, are printed where they happen, with a backtrace if the environment asks for
one. They reach us as an exception all the same, and that is told in our own words.
"""

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_STDERR = 2
_LOCK = threading.Lock()


@contextmanager
def quiet() -> Iterator[None]:
    """What is written to standard error inside comes out afterwards, unless somebody panicked."""
    with _LOCK, tempfile.TemporaryFile() as held:
        try:
            terminal = os.dup(_STDERR)
        except OSError:  # there is none
            yield
            return
        os.dup2(held.fileno(), _STDERR)
        try:
            yield
        finally:
            os.dup2(terminal, _STDERR)
            os.close(terminal)
            held.seek(0)
            said = held.read()
            if said and b"panicked at" not in said:
                os.write(_STDERR, said)

"""What nobody foresaw, for a log: where it happened, but not its words, which may quote a cell."""

import logging
import traceback


def log_failure(log: logging.Logger, what: str, error: BaseException) -> None:
    """Put down what failed, the kind of error, and the lines of the program that led to it."""
    lines = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed: %s\n%s", what, type(error).__name__, lines)

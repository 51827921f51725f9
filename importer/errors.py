"""Every error that stops something, grouped by what has to happen next.

ImporterError
├── SetupError                     exit 2   nothing was sent; mend it and start again
│   ├── SettingsError                       a setting or credential is missing or malformed
│   ├── SourceError                         the file cannot be read
│   │   └── EmptySourceError                there is no customer in it
│   └── MappingError                        the columns do not cover the required fields
├── SendError                               one request failed; the class says what is known
│   ├── NotAppliedError                     the provider did nothing: may be sent again
│   ├── OutcomeUnknownError                 the provider may have acted: never again blindly
│   └── ProviderRefusedError       exit 3   the account was refused: stop the run
├── LedgerError                    exit 3   the record cannot be trusted: stop the run
├── TemporaryFolderError       exit 3   no room for the rows of the run; the ledger has what was sent
├── ResultsError                   exit 3   the results could not be written; the ledger has them
└── InterruptedRunError            exit 130 a person ended it; the same command goes on

Expected trouble with one row is no exception but a value: `importer.rows.FieldError`.
Messages are for people: what happened, and what to do or type next. They hold no cell of the
sheet and no credential.
"""


class ImporterError(Exception):
    """Anything this package raises on purpose. `exit_code` is what the command line ends with."""

    exit_code = 3


class InterruptedRunError(ImporterError):
    """A person ended the program before it sent anything, or twice while it did: the ledger goes on."""

    def __init__(self, message: str, *, exit_code: int = 130) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class SetupError(ImporterError):
    """Nothing was sent; mend what the message names and start again."""

    exit_code = 2


class SettingsError(SetupError):
    """A setting, option or credential is missing or malformed."""


class SourceError(SetupError):
    """The file cannot be read as a spreadsheet."""


class EmptySourceError(SourceError):
    """The file holds no row at all: it is empty, blank, or has headings and nothing below."""


class MappingError(SetupError):
    """The columns do not cover the provider's required fields, or do so ambiguously."""


class SendError(ImporterError):
    """One request failed. `code` is stable and machine-readable, `http_status` None without an answer."""

    def __init__(self, message: str, *, code: str, http_status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.http_status = http_status


class NotAppliedError(SendError):
    """The provider certainly did nothing, so the request may be sent again.

    `retry_after` is the wait in seconds that the provider asked for, for the whole account; None
    where it named none. `throttled` is true for a 429.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        http_status: int | None = None,
        retry_after: float | None = None,
        throttled: bool = False,
    ) -> None:
        super().__init__(message, code=code, http_status=http_status)
        self.retry_after = retry_after
        self.throttled = throttled


class OutcomeUnknownError(SendError):
    """The request left and its answer is lost or unreadable: the customer may exist."""


class ProviderRefusedError(SendError):
    """The account was refused (key, signature, permission): every further row would fail alike."""


class TemporaryFolderError(ImporterError):
    """The rows of the run found no room. The ledger has what was sent: the same command again goes on."""


class ResultsError(ImporterError):
    """The results could not be written. The ledger has them: the same command again writes them anew."""


class LedgerError(ImporterError):
    """The ledger cannot be read or written: nothing may be sent that could not be recorded."""

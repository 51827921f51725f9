"""What messages advise, in the words of a job: its keys in place of options of the command line. (pure)"""

import re

_ADVICE = (
    (re.compile(r"--encoding (windows-\d+)"), r"the job's key encoding = \1"),
    (
        re.compile(r"(?<![\w-])--(sheet|header-row|encoding|delimiter|ledger|max-errors|stop-by)(?![\w-])"),
        lambda found: f"the job's key {found[1].replace('-', '_')}",
    ),
    (re.compile(r"\bAdd -o with\b"), "Add the job's key output with"),
    (re.compile(r"\bAdd -o "), "Add the job's key output, like "),
    (re.compile(r"\bthen the same command with -m "), "then add the job's key mapping with "),
    (re.compile(r"(?<=\s)-m uses it"), "the job's key mapping uses it"),
)


def in_keys(message: str) -> str:
    """A message whose advice can be followed in the job file."""
    for option, told in _ADVICE:
        message = option.sub(told, message)
    return message

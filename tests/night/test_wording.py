"""Messages of a night advise what stands in a job file."""

import pytest

from importer.night.wording import in_keys


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "Name the row of headings with --header-row.",
            "Name the row of headings with the job's key header_row.",
        ),
        ("Leave --encoding out.", "Leave the job's key encoding out."),
        ("such as --encoding windows-1252.", "such as the job's key encoding = windows-1252."),
        ("Add -o with a file.", "Add the job's key output with a file."),
        ("Add -o a.xlsx.", "Add the job's key output, like a.xlsx."),
        ("importer map writes one, -m uses it.", "importer map writes one, the job's key mapping uses it."),
        ("x, then the same command with -m a.toml", "x, then add the job's key mapping with a.toml"),
        ("--sheet-of-ours.csv and a--sheet are names", "--sheet-of-ours.csv and a--sheet are names"),
    ],
)
def test_options_are_told_as_keys(message: str, told: str) -> None:
    assert in_keys(message) == told

"""The commented job file: it has every key, and says nothing that is not so."""

import os
import re
import tomllib
from pathlib import Path

import pytest

from importer.errors import SettingsError
from importer.jobfile import JobFile, read_job_file
from importer.jobfile.faults import keys_of, sections
from importer.jobfile.template import REQUIRED, template, write_template

KEY = {"HITPAY_API_KEY": "k", "IMPORTER_NOTIFY_URLS": "json://localhost"}
FILLED_IN = {"source": "a.csv", "provider": "hitpay"}


def filled_in(text: str) -> str:
    for key, value in FILLED_IN.items():
        text = text.replace(f'{key} = ""', f'{key} = "{value}"')
    return text


def switched_on(text: str) -> str:
    """With every line that is off."""
    return re.sub(r'^#(?=[a-z\["])', "", text, flags=re.MULTILINE)


def test_every_key_of_the_model_is_in_it_with_a_word_on_it() -> None:
    text = template("nightly.toml")
    document = tomllib.loads(switched_on(text))
    assert set(document) == set(keys_of(()))
    for section in sections():
        assert list(document[section]) == keys_of((section,)), section
        assert f"#[{section}]\n" in text
    for line, following in zip(text.splitlines(), text.splitlines()[1:], strict=False):
        if re.match(r"#?[a-z_]+ = ", following):
            assert line.startswith("# "), following


def test_keys_that_are_on_are_those_to_fill_in() -> None:
    assert tomllib.loads(template("nightly.toml")) == dict.fromkeys(REQUIRED, "")
    assert set(REQUIRED) == set(FILLED_IN)


def test_it_is_a_valid_job_once_it_is_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "nightly.toml"
    write_template(path)
    path.write_text(filled_in(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert read_job_file(path, variables=KEY).source == str(tmp_path / "a.csv")


def test_as_it_is_it_says_what_to_fill_in(tmp_path: Path) -> None:
    path = tmp_path / "nightly.toml"
    write_template(path)
    with pytest.raises(SettingsError, match=r"(?s)source: is missing.*provider: is missing"):
        read_job_file(path, variables={})


def test_every_line_that_is_off_is_valid_when_it_is_on(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text('provider = "hitpay"\n', encoding="utf-8")
    text = switched_on(filled_in(template("nightly.toml")))
    text = text.replace('source = "a.csv"', 'source = ""')  # as there is an inbox now
    path = tmp_path / "nightly.toml"
    text = text.replace("/var/lib/node_exporter/textfile/", "")
    path.write_text(re.sub(r"\n(quiet_for|base_url) = .*", "", text), encoding="utf-8")
    path.chmod(0o600)
    file = read_job_file(path, variables=KEY)
    assert file.inbox is not None
    assert file.inbox.folder == tmp_path / "inbox"


def test_lines_that_are_off_and_no_examples_show_the_default() -> None:
    document = tomllib.loads(switched_on(template("nightly.toml")))
    shown = JobFile.model_validate({"alarms": document["alarms"], "notify": document["notify"]})
    assert shown.alarms == JobFile().alarms
    assert shown.notify == JobFile().notify
    for key in ("environment", "account", "timeout", "settle_after", "repair"):
        assert document[key] == getattr(JobFile(), key), key


def test_file_that_is_there_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "nightly.toml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(SettingsError, match="exists"):
        write_template(path)
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    """Somebody will write a ledger's password into it."""
    before = os.umask(0)
    try:
        write_template(tmp_path / "nightly.toml")
    finally:
        os.umask(before)
    assert (tmp_path / "nightly.toml").stat().st_mode & 0o777 == 0o600


def test_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written: No such file"):
        write_template(tmp_path / "gone" / "nightly.toml")

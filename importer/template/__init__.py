"""The template: an Excel file to fill in for a provider, which is a source as it stands."""

from pathlib import Path

from importer.errors import SettingsError
from importer.providers.base import Provider
from importer.results.atomic import explain, other_name, shown
from importer.template.columns import template_columns
from importer.template.workbook import template_workbook

__all__ = ["default_output", "version_tag", "write_template"]

FORMAT = 1
"""Counts up when the way templates are made changes."""


def version_tag(provider: Provider) -> str:
    """What a template was made from: the provider, the day its facts were checked, our own format."""
    return f"{provider.name} {provider.checked.isoformat()} / {FORMAT}"


def default_output(provider: Provider) -> Path:
    """Where a template goes without -o: into the current folder."""
    return Path(f"{provider.name}.template.xlsx")


def write_template(path: Path, provider: Provider) -> None:
    """Write the template of `provider` to `path`, where nothing may be yet.

    Raises:
        SettingsError: There is a file of that name, the name does not end in .xlsx, or it cannot be written.
    """
    if path.suffix.lower() != ".xlsx":
        raise SettingsError(f"{path} does not end in .xlsx. Add -o {shown(path.with_suffix('.xlsx'))}.")
    tag = version_tag(provider)
    content = template_workbook(provider, template_columns(provider, tag), tag)
    try:
        file = path.open("xb")
    except FileExistsError:
        raise SettingsError(
            f"{path} exists and may be filled in, so it is kept. Add -o {shown(other_name(path))}."
        ) from None
    except OSError as error:
        raise SettingsError(explain(error, path)) from error
    try:
        with file:
            file.write(content)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise SettingsError(explain(error, path)) from error

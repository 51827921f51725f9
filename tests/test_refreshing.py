"""importer refresh: status columns as they are at the provider now, and nothing else changed or created."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from signal import SIGINT, SIGTERM, Signals

import openpyxl
import pytest

from importer.errors import ResultsError, SettingsError
from importer.jobs import Job
from importer.opening import open_job
from importer.refreshing import Fate, Refreshed, refresh
from importer.results import editing
from importer.results.editing import edit
from importer.retry import Retry
from importer.rows import Environment, Limit
from importer.simulator import Call, Fault, Faults, Settings, Simulator, running_simulator
from importer.source import open_source
from tests.cli_support import Shell, results_of, until
from tests.office import saved_by_libreoffice
from tests.support import FAST, Bench, FakeClock, carry_out, people_csv, person, write_csv

LINK = "https://kyc.example.com/verify/new?a=1&b=2"
NEWS = {
    "yativo": {"kyc_status": "approved", "kyc_link": LINK},
    "juicyway": {"status": "active"},
    "hitpay": {"created_at": "2026-12-24T00:00:00+00:00"},
}
COLUMNS = {
    "yativo": {"import_kyc_status": "approved", "import_kyc_link": LINK},
    "juicyway": {"import_customer_status": "active"},
    "hitpay": {"import_created_at": "2026-12-24T00:00:00+00:00"},
}
with_a_way = pytest.mark.parametrize("provider", NEWS)


@pytest.fixture(scope="module")
def simulators() -> Iterator[Simulator]:
    with running_simulator(Settings(limits=False, drain_seconds=0.01)) as simulator:
        yield simulator


@pytest.fixture
def shell(simulators: Simulator, tmp_path: Path) -> Shell:
    simulators.reset()
    return Shell(tmp_path, simulators)


async def imported(bench: Bench, provider: str, count: int = 3, suffix: str = "csv") -> Path:
    outcome = await bench.run(provider, range(count), output=bench.folder / f"customers.results.{suffix}")
    assert outcome.counts == {"created": count}
    return Path(outcome.summary.output)


async def refreshed(bench: Bench, results: Path, **changes: object) -> Refreshed:
    job = Job(source=results, ledger=bench.job("hitpay", results).ledger, limits=FAST)
    opened = open_job(replace(job, **changes), variables=bench.simulator.environment())  # type: ignore[arg-type]
    retry = Retry(attempts=2, base=0.0)
    return await refresh(opened, variables=bench.simulator.environment(), retry=retry)


def ids(bench: Bench, provider: str) -> list[str]:
    return [customer.id for customer in bench.simulator.customers(provider)]


def asked_since(bench: Bench, provider: str, before: int) -> set[str]:
    """The methods of the requests after the first so many, log-ins aside."""
    since = bench.simulator.requests(provider)[before:]
    return {record.method for record in since if record.call is not Call.LOG_IN}


@with_a_way
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
async def test_status_columns_are_as_at_the_provider_and_all_else_as_it_was(
    bench: Bench, provider: str, suffix: str
) -> None:
    results = await imported(bench, provider, suffix=suffix)
    second = ids(bench, provider)[1]
    bench.simulator.tell(provider, second, **NEWS[provider])
    before, requests = lines_of(results), len(bench.simulator.requests(provider))
    done = await refreshed(bench, results)
    same = Fate.NOT_TOLD if provider == "yativo" else Fate.UNCHANGED
    assert (done.exit_code, done.counts[Fate.UPDATED], done.counts[same]) == (0, 1, 2)
    wanted = [line | (COLUMNS[provider] if line["import_customer_id"] == second else {}) for line in before]
    assert lines_of(results) == wanted
    assert asked_since(bench, provider, requests) == {"GET"}
    assert bench.created(provider) == 3
    assert [path.name for path in results.parent.glob(".importer-*")] == []


def lines_of(path: Path) -> list[dict[str, str]]:
    if path.suffix == ".csv":
        return results_of(path)
    head, *rows = openpyxl.load_workbook(path)["Results"].iter_rows(values_only=True)
    return [{str(n): "" if v is None else str(v) for n, v in zip(head, row, strict=True)} for row in rows]


async def test_file_that_a_person_works_in_keeps_all_but_the_cells_concerned(bench: Bench) -> None:
    """Their columns, blank rows, quotation marks, delimiter and line ends: every other byte of a CSV."""
    results = await imported(bench, "yativo")
    first, second, _ = ids(bench, "yativo")
    bench.simulator.tell("yativo", second, kyc_status="=rejected; see mail")
    with results.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    place = head.index("import_kyc_status")

    def text(status: str) -> bytes:
        lines = [
            [*head[:4], "Our notes", *head[4:]],
            *([*row[:4], 'called; "later" ', *row[4:]] for row in rows),
        ]
        lines[2][place + 1] = status
        lines.insert(2, [""] * len(lines[0]))
        told = [";".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in line) for line in lines]
        return b"\xef\xbb\xbf" + ("\n".join(told) + "\n").encode()

    results.write_bytes(text("pending"))
    assert (await refreshed(bench, results)).counts[Fate.UPDATED] == 1
    after = results.read_bytes()
    wanted = text("'=rejected; see mail")
    assert list(csv.reader(after.decode("utf-8-sig").splitlines(), delimiter=";")) == list(
        csv.reader(wanted.decode("utf-8-sig").splitlines(), delimiter=";")
    )
    changed = [
        number
        for number, (a, b) in enumerate(zip(after.split(b"\n"), wanted.split(b"\n"), strict=True))
        if a != b
    ]
    assert changed == [3]  # its cells need no quotation marks any more
    assert open_source(results).settings is not None
    assert first in after.decode()


async def test_workbook_keeps_notes_colours_charts_and_sheets_and_its_links_lead_to_the_new_place(
    bench: Bench,
) -> None:
    results = await imported(bench, "yativo", suffix="xlsx")
    _, second, third = ids(bench, "yativo")
    for customer_id in (second, third):
        bench.simulator.tell("yativo", customer_id, kyc_link=f"{LINK}&c={customer_id}")
    parts = parts_of(results)
    await refreshed(bench, results)
    changed = {name for name, content in parts_of(results).items() if content != parts[name]}
    assert changed == {"xl/worksheets/sheet1.xml", "xl/worksheets/_rels/sheet1.xml.rels"}
    sheet = openpyxl.load_workbook(results)["Results"]
    place = [cell.value for cell in sheet[1]].index("import_kyc_link")
    cells = [sheet.cell(row, place + 1) for row in (3, 4)]
    assert [cell.value for cell in cells] == [f"{LINK}&c={second}", f"{LINK}&c={third}"]
    assert [cell.hyperlink and cell.hyperlink.target for cell in cells] == [cell.value for cell in cells]
    untouched = sheet.cell(2, place + 1)
    assert untouched.hyperlink is not None
    assert untouched.hyperlink.target == untouched.value


async def test_link_that_is_none_any_more_leads_nowhere_and_an_empty_cell_takes_a_text(bench: Bench) -> None:
    results = await imported(bench, "yativo", suffix="xlsx")
    source, copy = open_source(results), bench.folder / "copy.xlsx"
    link, empty = (source.ours[f"import_{name}"] for name in ("kyc_link", "customer_status"))
    edit(source, copy, {row: {link: "withdrawn <&>", empty: "=active"} for row in (2, 3, 4)})
    sheet = openpyxl.load_workbook(copy)["Results"]
    cells = [sheet.cell(row, link + 1) for row in (2, 3, 4)]
    assert [(cell.value, cell.hyperlink) for cell in cells] == [("withdrawn <&>", None)] * 3
    assert [sheet.cell(row, empty + 1).value for row in (2, 3, 4)] == ["=active"] * 3
    assert [cells["import_kyc_link"] for _, cells in open_source(copy).our_cells()] == ["withdrawn <&>"] * 3
    before, after = lines_of(results), lines_of(copy)
    for line in before:
        line |= {"import_kyc_link": "withdrawn <&>", "import_customer_status": "=active"}
    assert after == before


async def test_workbook_that_another_program_saved_is_refreshed_as_well(bench: Bench) -> None:
    """Its texts then stand in a table of their own, and empty cells are there or not."""
    results = saved_by_libreoffice(await imported(bench, "yativo", suffix="xlsx"))
    _, second, _ = ids(bench, "yativo")
    bench.simulator.tell("yativo", second, kyc_status="approved", customer_status="active", kyc_link=LINK)
    before, parts = lines_of(results), parts_of(results)
    done = await refreshed(bench, results)
    assert (done.exit_code, done.counts[Fate.UPDATED]) == (0, 1)
    before[1] |= {
        "import_kyc_status": "approved",
        "import_customer_status": "active",
        "import_kyc_link": LINK,
    }
    assert lines_of(results) == before
    assert len({name for name, content in parts_of(results).items() if content != parts[name]}) == 2
    again = saved_by_libreoffice(results, "csv")
    assert LINK in again.read_text(encoding="utf-8")


def test_cell_is_found_among_empty_rows_and_cells_in_any_order_of_attributes() -> None:
    sheet = (
        b'<sheetData><row r="2"/><row ht="15" r="3"><c r="A3" s="1"/><c s="7" r="C3" t="s"><v>0</v></c>'
        b'<c r="AA3"/></row><row r="4"><c r="C4"/></row></sheetData>'
    )
    edited, links = editing._edited_sheet(sheet, {3: {1: "x", 2: "y", 27: "z"}}, "f.xlsx")
    new = '<c r="{}" s="{}" t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>'.format
    cells = ['<c r="A3" s="1"/>', new("B3", 0, "x"), new("C3", 7, "y"), '<c r="AA3"/>', new("AB3", 0, "z")]
    assert edited.decode() == (
        f'<sheetData><row r="2"/><row ht="15" r="3">{"".join(cells)}</row>'
        '<row r="4"><c r="C4"/></row></sheetData>'
    )
    assert links == {}


def test_sheet_of_another_make_is_refused_and_not_half_done() -> None:
    with pytest.raises(ResultsError, match="save it once with Excel"):
        editing._edited_sheet(b'<x:row r="3"><x:c r="A3"/></x:row>', {3: {1: "x"}}, "f.xlsx")


def parts_of(path: Path) -> dict[str, bytes]:
    from zipfile import ZipFile

    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


async def test_later_results_keep_what_was_refreshed(bench: Bench) -> None:
    """They are written from the ledger, which would else bring back the status of the first day."""
    results = await imported(bench, "juicyway")
    bench.simulator.tell("juicyway", ids(bench, "juicyway")[0], status="active")
    await refreshed(bench, results)
    again = await bench.run("juicyway", range(4))
    assert [result.extra["customer_status"] for result in again.results] == ["active", *["pending_kyc"] * 3]


async def test_copy_leaves_the_file_as_it_was(bench: Bench) -> None:
    results = await imported(bench, "juicyway")
    bench.simulator.tell("juicyway", ids(bench, "juicyway")[0], status="active")
    before, copy = results.read_bytes(), bench.folder / "copy.csv"
    await refreshed(bench, results, output=copy)
    assert results.read_bytes() == before
    assert results_of(copy)[0]["import_customer_status"] == "active"


async def test_customer_that_is_not_there_is_told_and_keeps_its_status(bench: Bench) -> None:
    results = await imported(bench, "juicyway")
    lines = results.read_text(encoding="utf-8-sig")
    results.write_text(lines.replace(ids(bench, "juicyway")[1], "somebody-else"), encoding="utf-8-sig")
    before = results_of(results)
    done = await refreshed(bench, results)
    assert (done.exit_code, done.counts[Fate.NOT_FOUND]) == (1, 1)
    assert [(each.row, "does not list it" in each.message) for each in done.troubles] == [(3, True)]
    assert results_of(results) == before


async def test_row_whose_cells_are_at_fault_by_now_is_told_by_its_column(bench: Bench) -> None:
    results = await imported(bench, "juicyway")
    results.write_text(
        results.read_text(encoding="utf-8-sig").replace(person("juicyway", 2)["Email"], "none"),
        encoding="utf-8-sig",
    )
    done = await refreshed(bench, results)
    assert [(each.row, each.fate, "(Email)" in each.message) for each in done.troubles] == [
        (4, Fate.FAILED, True)
    ]


async def test_rows_without_an_id_are_not_asked_about(bench: Bench) -> None:
    source = write_csv(
        bench.folder / "c.csv", [person("juicyway", 1), person("juicyway", 2) | {"Email": "none"}]
    )
    outcome = await carry_out(bench.job("juicyway", source), bench.simulator.environment())
    results = Path(outcome.summary.output)
    done = await refreshed(bench, results)
    assert (done.exit_code, sum(done.counts.values())) == (0, 1)


@pytest.mark.parametrize(("provider", "why"), [("krezypay", "no look-up"), ("rapyd", "no status")])
async def test_provider_without_a_way_says_so(bench: Bench, provider: str, why: str) -> None:
    results = await imported(bench, provider)
    with pytest.raises(SettingsError, match=f"Nothing to refresh.*{why}"):
        await refreshed(bench, results)


async def test_file_that_is_no_results_file_is_refused(bench: Bench) -> None:
    source = people_csv(bench.folder / "customers.csv", "juicyway", range(2))
    with pytest.raises(SettingsError, match="no results file"):
        await refreshed(bench, source, provider="juicyway", base_url=bench.simulator.base_url("juicyway"))


async def test_answers_that_fail_leave_their_rows_and_an_outage_ends_it(bench: Bench) -> None:
    results = await imported(bench, "hitpay", count=12)
    before = results.read_bytes()
    down = Faults(probabilities={Fault.SERVER_ERROR: 1.0}, calls=frozenset({Call.LOOK_UP}))
    bench.simulator.set_faults(down, provider="hitpay")
    done = await refreshed(bench, results, concurrency=1)
    assert (done.exit_code, done.counts[Fate.FAILED], done.counts[Fate.NOT_ASKED]) == (3, 5, 7)
    assert results.read_bytes() == before


async def test_refused_account_stops_at_once(bench: Bench) -> None:
    results = await imported(bench, "hitpay", count=12)
    bench.simulator.set_faults(Faults(probabilities={Fault.REFUSED: 1.0}), provider="hitpay")
    done = await refreshed(bench, results, concurrency=1)
    assert (done.exit_code, done.counts[Fate.FAILED]) == (3, 1)
    assert "refused the account" in done.stopped


async def test_429_pauses_and_pace_is_kept_together_with_all_others(bench: Bench) -> None:
    results = await imported(bench, "juicyway", count=12)
    script = Faults(
        probabilities={Fault.RATE_LIMITED: 0.3}, calls=frozenset({Call.LOOK_UP}), retry_after=0.01
    )
    bench.simulator.set_faults(script, provider="juicyway")
    job = Job(source=results, ledger=bench.job("juicyway", results).ledger, limits=(Limit(50, 1),))
    opened = open_job(job, variables=bench.simulator.environment())
    before = len(bench.simulator.requests("juicyway"))
    done = await refresh(opened, variables=bench.simulator.environment(), retry=Retry(attempts=9, base=0.0))
    assert done.exit_code == 0
    arrived = sorted(each.arrived for each in bench.simulator.requests("juicyway")[before:])
    assert arrived[-1] - arrived[0] >= (len(arrived) - 1) / 50 * 0.9


async def test_narrower_limit_of_lists_is_kept_by_itself(bench: Bench) -> None:
    """JuicyWay's live account creates 1,000 a minute and lists 100."""
    results = await imported(bench, "juicyway")
    job = Job(source=results, environment=Environment.LIVE, ledger=bench.job("juicyway", results).ledger)
    live = replace(job, base_url=bench.simulator.base_url("juicyway"))
    opened = open_job(live, variables=bench.simulator.environment())
    assert opened.limits == (Limit(1000, 60),)
    clock = FakeClock()
    await refresh(opened, variables=bench.simulator.environment(), clock=clock.clock)
    assert sum(clock.sleeps) >= 2 * 0.6 * 0.9


async def test_what_a_person_changes_meanwhile_is_not_lost(bench: Bench) -> None:
    results = await imported(bench, "juicyway")
    bench.simulator.tell("juicyway", ids(bench, "juicyway")[2], status="active")
    job = Job(source=results, ledger=bench.job("juicyway", results).ledger, limits=FAST)
    opened = open_job(job, variables=bench.simulator.environment())
    head, _, *rest = results.read_bytes().split(b"\r\n")

    def meddle(_: object) -> None:
        results.write_bytes(b"\r\n".join([head, *rest]))  # a row is taken out

    await refresh(opened, variables=bench.simulator.environment(), on_progress=meddle)
    assert [line["import_customer_status"] for line in results_of(results)] == ["pending_kyc", "active"]


# -- as a command


def test_command_tells_counts_and_json_has_them(shell: Shell) -> None:
    shell.run(people_csv(shell.folder / "c.csv", "juicyway", range(3)), provider="juicyway")
    shell.simulator.tell("juicyway", shell.simulator.customers("juicyway")[0].id, status="active")
    told = shell.importer("refresh", "c.results.csv", "--rate", "1000/s")
    assert (told.exit_code, told.out.splitlines()[0][:22]) == (0, "1 updated, 2 unchanged")
    again = shell.importer("refresh", "c.results.csv", "--rate", "1000/s", "--json")
    assert (again.exit_code, again.json["counts"]["unchanged"], again.json["troubles"]) == (0, 3, [])
    assert shell.simulator.counts("juicyway").creates == 3


def test_provider_without_a_way_is_exit_2_and_needs_no_credentials(shell: Shell) -> None:
    shell.run(people_csv(shell.folder / "c.csv", "krezypay", range(2)), provider="krezypay")
    told = shell.importer("refresh", "c.results.csv", bare=True)
    assert (told.exit_code, "Krezypay has no look-up" in told.err) == (2, True)


@pytest.mark.parametrize(("number", "exit_code"), [(SIGINT, 130), (SIGTERM, 143)])
def test_signal_finishes_what_is_under_way_and_writes_what_was_found(
    shell: Shell, number: Signals, exit_code: int
) -> None:
    shell.run(people_csv(shell.folder / "c.csv", "juicyway", range(30)), provider="juicyway")
    for customer in shell.simulator.customers("juicyway"):
        shell.simulator.tell("juicyway", customer.id, status="active")
    slow = Faults(probabilities={Fault.SLOW: 1.0}, calls=frozenset({Call.LOOK_UP}), slow_seconds=0.3)
    shell.simulator.set_faults(slow, provider="juicyway")
    process = shell.start("refresh", "c.results.csv", "--rate", "1000/s", "--concurrency", 3)
    until(lambda: shell.simulator.counts("juicyway").look_ups >= 3 or process.poll() is not None)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, "To go on: importer refresh" in out) == (exit_code, True), err
    found = [line["import_customer_status"] for line in results_of(shell.folder / "c.results.csv")]
    assert found.count("active") == shell.simulator.counts("juicyway").look_ups
    assert 3 <= found.count("active") < 30

"""Results are those of the whole import as it stands now; else there are none."""

import asyncio

from importer import pipeline
from importer.planning import check
from tests.cli_support import Ended, Shell
from tests.support import Bench, person, write_csv
from tests.web.page import DESK, FOLDERS, Page
from tests.web.test_mending import corrected, faulty


async def runs(bench: Bench, *told: str) -> Ended:
    """`importer runs`, with the ledger of the page."""
    shell, ledger = Shell(bench.folder, bench.simulator), f"sqlite:///{bench.folder / 'ledger.sqlite3'}"
    return await asyncio.to_thread(shell.importer, "runs", *told, "--ledger", ledger, bare=True)


async def sent_corrected(bench: Bench, page: Page) -> str:
    """An import of which a row was corrected and sent. Returns the id of its run."""
    one = await page.upload(faulty(bench.folder, {4: {"Email": "wrong"}}))
    await page.checked(one)
    await corrected(page, one, 4, 1, "right@example.com", "wrong")
    await page.get(f"/imports/{one}/send")
    await page.worked(one)
    await page.sent(one)
    assert page.counts == {"created": 6}
    found = page.app[FOLDERS].find(one)
    assert found is not None
    return str(found.ended["run"])


async def test_results_of_the_page_are_not_written_again_without_its_corrections(
    bench: Bench, page: Page
) -> None:
    """Row 4 would seem invalid; whoever corrected it once more there would create its customer twice."""
    run = await sent_corrected(bench, page)
    again = bench.folder / "again.csv"
    refused = await runs(bench, run, "-o", str(again))
    assert refused.exit_code == 2
    assert "importer serve, and open customers.csv" in refused.err
    assert not again.exists()
    copy = write_csv(bench.folder / "copy.csv", [person("hitpay", 0)])
    changed = await runs(bench, run, "-o", str(again), "--source", str(copy), "--changed")
    assert (changed.exit_code, again.exists()) == (2, False)


async def test_run_of_the_page_has_the_name_of_its_upload_and_leads_there(bench: Bench, page: Page) -> None:
    run = await sent_corrected(bench, page)
    listed = await runs(bench)
    assert " customers.csv " in listed.out
    assert "sheet.csv" not in listed.out
    told = (await runs(bench, run)).out
    assert told.endswith("Its results are on the page: importer serve, open customers.csv\n")
    assert "again.xlsx" not in told


async def test_run_of_the_page_whose_process_is_gone_goes_on_there(bench: Bench, page: Page) -> None:
    one = await page.upload(faulty(bench.folder, {}))
    await page.checked(one)
    found = page.app[FOLDERS].find(one)
    assert found is not None
    with check(page.app[DESK].job(found), variables=bench.simulator.environment()) as plan:
        pipeline._begin(plan)
    told = (await runs(bench, plan.run)).out
    assert "it goes on on the page: importer serve, open customers.csv" in told
    refused = await runs(bench, plan.run, "-o", str(bench.folder / "again.csv"))
    assert (refused.exit_code, "Go on with it there" in refused.err) == (2, True)

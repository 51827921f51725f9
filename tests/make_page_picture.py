"""Makes the picture of the page that the README shows: `python -m tests.make_page_picture`.

Takes a small sheet with a few faults as far as the check, in a headless Chromium, and writes
`.github/page.png`. Needs the extra `browser`, and Chromium on the path.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from importer.rows import Limit
from importer.simulator import Settings, Simulator
from tests.browser.window import chromium, visit
from tests.support import person, write_csv
from tests.web.page import serving, settings_for

TARGET = Path(__file__).parent.parent / ".github" / "page.png"
SIZE = {"width": 1000, "height": 1300}
ROWS = 240
WRONG = {3: {"Email": "flo.example.com"}, 7: {"Country": "Narnia"}}


async def make_picture(target: Path = TARGET) -> None:
    """Show a check as a person sees it, from the counts to the cells to correct."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        people = [person("yativo", number) | WRONG.get(number, {}) for number in range(ROWS)]
        sheet = write_csv(folder / "customers.csv", people)
        async with Simulator(Settings(limits=False)) as simulator, chromium() as browser:
            settings = settings_for(folder, simulator, limits=(Limit(60, 60),))
            async with serving(settings) as served:
                visitor = await visit(browser, served, viewport=SIZE)
                await visitor.upload(sheet, "yativo")
                await visitor.check()
                await visitor.tab.screenshot(path=target)


if __name__ == "__main__":
    asyncio.run(make_picture())

"""docs/operate/monitoring.md has every metric that is exported, and no other."""

from __future__ import annotations

from enlarger.infra.database import Database
from enlarger.monitoring.exposition import Exposition
from tests.monitoring.scrape import families
from tests.test_docs import ROOT, rows


async def test_the_page_has_every_metric_with_its_type(database: Database) -> None:
    described = {
        name: cells[0]
        for name, cells in rows(ROOT / "docs/operate/monitoring.md").items()
        if name.startswith("enlarger_")
    }
    content, _ = await Exposition(database, {}).write("")
    exported = families(content.decode())
    assert described == {name: family.type for name, family in exported.items() if name.startswith("enlarger_")}

"""docs/reference/metrics.md has every metric that is exported, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from scripts.write_metrics import PAGE

from enlarger.infra.database import Database
from enlarger.monitoring.exposition import Exposition, list_metrics
from tests.docs.pages import ROOT, rows
from tests.monitoring.scrape import families


async def test_the_listed_metrics_are_those_that_are_exported(database: Database, tmp_path: Path) -> None:
    listed = {one.name: (one.type, one.meaning) for part in list_metrics() for one in part}
    content, _ = await Exposition(database, {"data": tmp_path}).write("")
    exported = families(content.decode())
    assert listed == {
        name: (family.type, family.documentation) for name, family in exported.items() if name.startswith("enlarger_")
    }


def test_the_labels_that_are_described_exist() -> None:
    """Those without a row of their own are described where the metric is."""
    page = (ROOT / "docs/reference/metrics.md").read_text()
    described = set(rows(PAGE)) - {one.name for part in list_metrics() for one in part}
    labels = {label for part in list_metrics() for one in part for label in one.labels}
    assert {label.strip("` ") for name in described for label in name.split(",")} <= labels
    assert [label for label in labels if f"`{label}`" not in page] == []


def test_the_events_that_need_an_operator_are_logged() -> None:
    table = (ROOT / "docs/operate/monitoring.md").read_text().partition("### Lines that need an operator")[2]
    described = re.findall(r"^\| `(\w+)` \| (\w+) \|", table.partition("## ")[0], re.MULTILINE)
    assert len(described) > 10
    source = "".join(file.read_text() for file in (ROOT / "src" / "enlarger").rglob("*.py"))
    methods = {"error": "error|exception", "warning": "warning"}
    for event, level in described:
        assert re.search(rf'\b(?:{methods[level]}|tell)\(\s*"{event}"', source), event

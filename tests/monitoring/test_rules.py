"""The files in deploy/: rules that Prometheus accepts, and a dashboard that is written by its script."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from scripts.write_dashboard import PATH as DASHBOARD
from scripts.write_dashboard import render

from tests.docs.pages import ROOT, resolve, rows

PROMETHEUS = ROOT / "deploy" / "prometheus"
RULES = PROMETHEUS / "alerts.yml"
need_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="Prometheus is not installed")


def alerts() -> list[dict[str, Any]]:
    """The rules of deploy/prometheus/alerts.yml."""
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def promtool(*arguments: str | Path) -> None:
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@need_promtool
def test_prometheus_accepts_the_rules_and_the_example() -> None:
    promtool("check", "rules", RULES)
    promtool("check", "config", PROMETHEUS / "prometheus.yml")


@need_promtool
def test_each_alert_fires_when_it_should() -> None:
    promtool("test", "rules", Path(__file__).parent / "alerts_test.yml")


def test_every_alert_is_tried_and_described() -> None:
    names = {rule["alert"] for rule in alerts()}
    tried = (Path(__file__).parent / "alerts_test.yml").read_text()
    assert names == set(re.findall(r'alertname="(\w+)"', tried))
    assert names == {name for name in rows(ROOT / "docs/operate/monitoring.md") if re.fullmatch(r"Enlarger\w+", name)}


def test_commands_that_alerts_name_exist() -> None:
    named = re.findall(r"`enlarger ([a-z ]+)`", RULES.read_text())
    assert named
    for words in named:
        assert resolve(words.split())[1] == [], words


def test_the_dashboard_is_current() -> None:
    assert DASHBOARD.read_text() == render(), "run `make dashboard`"

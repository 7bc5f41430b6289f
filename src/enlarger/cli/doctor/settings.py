"""The settings: values that are wrong, names that nothing reads."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterable, Mapping

from enlarger.cli.doctor.finding import Finding, Status, failed, ok, warning
from enlarger.cli.doctor.site import Site
from enlarger.errors import ConfigurationError

_PREFIX = "ENLARGER_"
_OF_THE_COMMANDS = ("ENLARGER_CONFIG",)
"""Variables that are neither a setting of a service nor one that `enlarger config` knows."""
RENAMED: Mapping[str, str] = {"ENLARGER_DATABASE_URL": "DATABASE_URL"}
"""Names that are still read, and what to use instead."""


async def check_settings(site: Site) -> Finding:
    """Are all values right, and all names known?"""
    from enlarger.cli.settings_file import VARIABLES
    from enlarger.providers.routing import routing_of
    from enlarger.settings import variables_of

    wrong = [f"{one.rstrip('.')}." for one in site.wrong_settings]
    try:
        routing_of(site.settings)
    except ConfigurationError as error:
        wrong.append(str(error))
    fields = type(site.settings).model_fields.items()
    known = {variable for name, field in fields for variable in variables_of(name, field)}
    names = judge_names(os.environ, known | {*VARIABLES, *_OF_THE_COMMANDS})
    if not wrong:
        return names
    if names.status is not Status.OK:
        wrong.append(names.found)
    remedy = "Correct these; the checks below use the defaults of wrong ones."
    return failed(" ".join(wrong), f"{remedy} {names.remedy}" if names.remedy else remedy)


def judge_names(names: Iterable[str], known: Collection[str]) -> Finding:
    """Judge the names of the variables that are set; `known` are all that are read."""
    given = sorted(name for name in names if name.upper().startswith(_PREFIX))
    unknown = [name for name in given if name.upper() not in known]
    old = [name for name in given if name.upper() in RENAMED]
    found = [f"{name} is not a setting" for name in unknown] + [f"{name} is an old name" for name in old]
    if not found:
        count = len(given)
        return ok(f"{count} {'variable is' if count == 1 else 'variables are'} set, and all are known.")
    remedies = [_suggest(name, known) for name in unknown] + [f"use {RENAMED[name.upper()]}" for name in old]
    remedy = "; ".join(dict.fromkeys(remedies))
    return warning("; ".join(found) + ".", f"{remedy[:1].upper()}{remedy[1:]}.")


def _suggest(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.8)
    return f"use {near[0]} instead of {name}" if near else f"remove {name}"

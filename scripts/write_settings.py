"""Writes the tables of `docs/reference/settings.md` from the settings themselves.

Run by `make docs`; a test compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from enlarger.cli.service_settings import Setting, describe_settings
from enlarger.cli.settings_file import VARIABLES
from enlarger.providers.registry import specs
from enlarger.settings import ServiceSettings
from scripts.generated import DOCS, rewrite, table
from scripts.setting_readers import COMMANDS, PROCESSES, readers, readers_of_client

PAGE = DOCS / "reference" / "settings.md"
TOPICS: Mapping[str, tuple[str, ...]] = {
    "data": (
        *("data_dir", "models_dir", "database_url", "database_wait", "storage_url", "storage_wait", "results_days"),
        *("uploads_days", "tasks_days", "result_links"),
    ),
    "api": (
        *("host", "port", "processes", "public_url", "api_key", "trusted_proxies", "http_status", "locale"),
        *("bodies_mb", "max_megapixels", "openai_models", "openai_wait", "mcp_max_credits"),
    ),
    "accounts": (
        *("account_storage_mb", "account_open_tasks", "account_open_megapixels", "account_engine_seconds"),
        "refund_on_cancel",
    ),
    "tasks": (
        *("routes", "models_off", "substitute", "unknown", "deadline", "patience", "max_result_megapixels"),
        "worker_lease",
    ),
    "network": ("allow_private", "callback_url", "callback_allow", "callback_deny", "webhook_key"),
    "logs": ("log_level", "metrics_port", "metrics_host", "otlp_endpoint"),
    "bot": (
        *("bot_token", "bot_credits", "bot_admins", "bot_tasks_at_once", "bot_public_url", "bot_host", "bot_port"),
        "bot_api_url",
    ),
}
"""The tables and the fields in each; those of providers have a table for each provider."""


def parts() -> dict[str, str]:
    """The generated parts of the page, by their names."""
    by_field = {one.field: one for one in describe_settings().values()}
    parts = {f"settings-{topic}": _table(by_field[name] for name in names) for topic, names in TOPICS.items()}
    return parts | {"settings-providers": _providers(by_field.values()), "settings-clients": _clients()}


def _providers(settings: Iterable[Setting]) -> str:
    known = list(settings)
    left = {one.field for one in known if one.owner is ServiceSettings} ^ {
        one for names in TOPICS.values() for one in names
    }
    assert not left, f"no topic, or no such setting: {left}"
    tables = (
        f"### {spec.title}\n\n{_table(one for one in known if one.owner is spec.settings)}"
        for spec in specs()
        if spec.settings is not ServiceSettings
    )
    return "\n\n".join(tables)


def _table(settings: Iterable[Setting]) -> str:
    rows = [
        f"| `{one.variable}` | {one.values} | {_default(one)} | {_text(one)} | {_read_by(one)} |" for one in settings
    ]
    return table(("setting", "values", "default", "meaning", "read by"), rows)


def _default(setting: Setting) -> str:
    return f"`{setting.default}`" if setting.default else "–"


def _text(setting: Setting) -> str:
    others = f" `{', '.join(setting.others)}` is another name for it." if setting.others else ""
    return setting.text + others


def _read_by(setting: Setting) -> str:
    found = set(readers()[setting.field])
    if setting.variable in VARIABLES:
        found |= {*readers_of_client(setting.variable)}
    return ", ".join(f"`{one}`" if one.islower() and one != COMMANDS else one for one in PROCESSES if one in found)


def _clients() -> str:
    rows = [
        f"| `{name}` | {text} | {', '.join(readers_of_client(name))} |"
        for name, text in VARIABLES.items()
        if name not in describe_settings()
    ]
    return table(("setting", "meaning", "read by"), rows)


if __name__ == "__main__":
    rewrite(PAGE, parts())

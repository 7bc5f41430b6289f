"""The commands as the help lists them, written by `python -m scripts.write_index` (`make docs`)."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A command: its module in `enlarger.cli.commands`, its part of the help, and what it does."""

    topic: str
    panel: str
    summary: str


INDEX = {
    "upscale": Entry("upscale", "Pictures and tasks", "Upscale pictures."),
    "watch": Entry(
        "watch",
        "Pictures and tasks",
        "Upscale the pictures in a folder and those that appear in it, until Ctrl-C or SIGTERM.",
    ),
    "run": Entry("run", "Pictures and tasks", "Create a task, wait for it, and print or download its result."),
    "wait": Entry("run", "Pictures and tasks", "Wait for an existing task, and print or download its result."),
    "status": Entry(
        "tasks",
        "Pictures and tasks",
        "Show a task's status; with --quiet in one word, with --json as the whole record.",
    ),
    "download": Entry(
        "tasks", "Pictures and tasks", "Download a task's result into the current folder or to -o, and print the paths."
    ),
    "list": Entry(
        "tasks", "Pictures and tasks", "List the newest tasks of an Enlarger service; with --quiet only their ids."
    ),
    "cancel": Entry(
        "tasks", "Pictures and tasks", "Cancel tasks of an Enlarger service; those that have ended stay as they are."
    ),
    "upload": Entry(
        "upload",
        "Pictures and tasks",
        "Upload files for the inputs of tasks, and print their URLs. Services keep uploads for some days.",
    ),
    "credits": Entry("balance", "Pictures and tasks", "Show the account's balance in credits."),
    "deliveries": Entry(
        "callbacks",
        "Pictures and tasks",
        "Show every attempt to deliver a task's callback, and when the next one is due, at an Enlarger service.",
    ),
    "resend": Entry(
        "callbacks",
        "Pictures and tasks",
        "Send the callbacks of ended tasks again, also delivered and abandoned ones, at an Enlarger service.",
    ),
    "quote": Entry(
        "models",
        "Models",
        "Show what a task would cost, without creating it. Pictures may be local files: their size can matter.",
    ),
    "models": Entry("models", "Models", "List the models, or show one."),
    "up": Entry("service", "Service", "Run the whole service: database, API and worker, until Ctrl-C."),
    "serve": Entry(
        "service",
        "Service",
        "Run only the API, with the database and storage at DATABASE_URL and ENLARGER_STORAGE_URL.",
    ),
    "worker": Entry(
        "service",
        "Service",
        "Run only a worker, with the database and storage at DATABASE_URL and ENLARGER_STORAGE_URL.",
    ),
    "bot": Entry(
        "service",
        "Service",
        "Run the Telegram bot with the token in BOT_TOKEN, which redesigns and upscales people's photos.",
    ),
    "webhooks": Entry(
        "webhooks", "Service", "Receive callbacks during development, and manage the keys that sign them."
    ),
    "mcp": Entry("mcp", "Service", "Serve tools for agents on stdin and stdout, by the Model Context Protocol (MCP)."),
    "accounts": Entry("accounts", "Service", "Manage the accounts of your own service: credits and limits."),
    "keys": Entry("keys", "Service", "Manage the API keys of your own service."),
    "maintenance": Entry(
        "maintenance",
        "Service",
        "Stop and resume accepting new tasks; without a command, show whether they are accepted.",
    ),
    "backup": Entry(
        "backup", "Service", "Back up the database and the stored files, also while the service is running."
    ),
    "restore": Entry("backup", "Service", "Restore a backup into an empty database and storage."),
    "move": Entry(
        "backup",
        "Service",
        "Move the service's data to another database, another storage, or both, while the service is stopped.",
    ),
    "providers": Entry("providers", "Service", "Providers: status, activity and cost."),
    "engines": Entry("engines", "Service", "Engines of this machine: speed, accuracy, and which one is used."),
    "doctor": Entry(
        "doctor",
        "Service",
        "Check this machine, the settings, the database, the storage and the providers; exit with code 1 if one fails.",
    ),
    "budgets": Entry("budgets", "Service", "Limit the dollars spent at providers and for accounts."),
    "orphans": Entry(
        "orphans",
        "Service",
        "List results that came too late for their tasks, and attempts that may have been paid for without a result.",
    ),
    "config": Entry("config", "Settings", "Show and change settings, such as keys and addresses."),
    "completion": Entry(
        "completion", "Settings", "Print the script that completes commands, options and models in a shell."
    ),
}

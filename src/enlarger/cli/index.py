"""The commands as the help lists them, and the settings; written by `make docs`."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A command: its module in `enlarger.cli.commands`, its part of the help, and what it does."""

    topic: str
    panel: str
    summary: str


INDEX = {
    "upscale": Entry("upscale", "Images and tasks", "Upscale images and folders of images."),
    "watch": Entry(
        "watch",
        "Images and tasks",
        "Upscale the images in a folder and those that appear in it, until Ctrl-C or SIGTERM.",
    ),
    "run": Entry("run", "Images and tasks", "Create a task, wait for it, and print or download its result."),
    "wait": Entry("run", "Images and tasks", "Wait for an existing task, and print or download its result."),
    "status": Entry(
        "tasks", "Images and tasks", "Show a task's status: in one word with --quiet, as the whole record with --json."
    ),
    "download": Entry(
        "tasks", "Images and tasks", "Download a task's result into the current folder or to -o, and print the paths."
    ),
    "list": Entry(
        "tasks", "Images and tasks", "List the newest tasks of an Enlarger service, or with --quiet only their ids."
    ),
    "cancel": Entry(
        "tasks", "Images and tasks", "Cancel tasks of an Enlarger service. Tasks that have ended are left as they are."
    ),
    "upload": Entry(
        "upload",
        "Images and tasks",
        "Upload files for the inputs of tasks, and print their URLs. Services keep uploads for some days.",
    ),
    "credits": Entry("balance", "Images and tasks", "Show the account's balance in credits."),
    "deliveries": Entry(
        "callbacks",
        "Images and tasks",
        "Show every attempt of an Enlarger service to deliver a task's callback, and when the next one is due.",
    ),
    "resend": Entry(
        "callbacks",
        "Images and tasks",
        "Have an Enlarger service send the callbacks of ended tasks again, delivered or not.",
    ),
    "quote": Entry(
        "models",
        "Models",
        "Show what a task would cost, without creating it. The price may depend on the size of local images.",
    ),
    "models": Entry("models", "Models", "List the models: what they do, which providers run them, and what they cost."),
    "up": Entry("service", "Service", "Run the whole service (database, API and worker) until Ctrl-C or SIGTERM."),
    "serve": Entry(
        "service",
        "Service",
        "Run only the API, with the database at DATABASE_URL and the storage at ENLARGER_STORAGE_URL.",
    ),
    "worker": Entry(
        "service",
        "Service",
        "Run only a worker, with the database at DATABASE_URL and the storage at ENLARGER_STORAGE_URL.",
    ),
    "bot": Entry(
        "service",
        "Service",
        "Run the Telegram bot, which redesigns and upscales people's photos, with the token in BOT_TOKEN.",
    ),
    "webhooks": Entry(
        "webhooks", "Service", "Receive callbacks during development, and manage the keys that sign them."
    ),
    "mcp": Entry("mcp", "Service", "Serve tools for agents on stdin and stdout, by the Model Context Protocol (MCP)."),
    "accounts": Entry("accounts", "Service", "Manage the accounts of your own service: credits, weights and limits."),
    "keys": Entry("keys", "Service", "Manage the API keys of your own service."),
    "maintenance": Entry(
        "maintenance", "Service", "Show whether new tasks are accepted, and stop or resume accepting them."
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
    "providers": Entry(
        "providers", "Service", "List the providers: whether they are set up, their status, activity and cost."
    ),
    "engines": Entry(
        "engines",
        "Service",
        "List the engines that can enlarge images on this machine, and which one is chosen for each network.",
    ),
    "doctor": Entry(
        "doctor",
        "Service",
        "Check this machine, the settings, the database, the storage and the providers; exit with code 1 if one fails.",
    ),
    "budgets": Entry("budgets", "Service", "Show and limit the dollars spent at providers and for accounts."),
    "orphans": Entry(
        "orphans",
        "Service",
        "List results that arrived too late for their tasks, and attempts that may have been paid for in vain.",
    ),
    "config": Entry("config", "Settings", "Show the settings that are set and where each comes from, or change them."),
    "completion": Entry(
        "completion", "Settings", "Print the script that completes commands, options and models in a shell."
    ),
}
SETTINGS = (
    "KIE_API_KEY",
    "KIE_BASE_URL",
    "KIE_UPLOAD_URL",
    "KIE_PROXY",
    "KIE_CALLBACK_URL",
    "KIE_WEBHOOK_KEY",
    "KIE_API_MAX_POLLS",
    "KIE_API_POLLING_INTERVAL",
    "ENLARGER_BASE_URL",
    "ENLARGER_API_KEY",
    "ENLARGER_DATA_DIR",
    "ENLARGER_LOCALE",
    "ENLARGER_MODELS_DIR",
    "DATABASE_URL",
    "ENLARGER_DATABASE_WAIT",
    "ENLARGER_STORAGE_URL",
    "ENLARGER_STORAGE_WAIT",
    "ENLARGER_HOST",
    "ENLARGER_PORT",
    "ENLARGER_PROCESSES",
    "ENLARGER_METRICS_HOST",
    "ENLARGER_METRICS_PORT",
    "ENLARGER_PUBLIC_URL",
    "ENLARGER_TRUSTED_PROXIES",
    "ENLARGER_BODIES_MB",
    "ENLARGER_ACCOUNT_STORAGE_MB",
    "ENLARGER_ACCOUNT_OPEN_TASKS",
    "ENLARGER_ACCOUNT_OPEN_MEGAPIXELS",
    "ENLARGER_ACCOUNT_ENGINE_SECONDS",
    "ENLARGER_HTTP_STATUS",
    "ENLARGER_ROUTES",
    "ENLARGER_MODELS_OFF",
    "ENLARGER_SUBSTITUTE",
    "ENLARGER_UNKNOWN",
    "ENLARGER_REFUND_ON_CANCEL",
    "ENLARGER_DEADLINE",
    "ENLARGER_PATIENCE",
    "ENLARGER_OPENAI_MODELS",
    "ENLARGER_OPENAI_WAIT",
    "ENLARGER_MAX_MEGAPIXELS",
    "ENLARGER_MAX_RESULT_MEGAPIXELS",
    "ENLARGER_ALLOW_PRIVATE",
    "ENLARGER_CALLBACK_ALLOW",
    "ENLARGER_CALLBACK_DENY",
    "ENLARGER_WEBHOOK_KEY",
    "ENLARGER_RESULTS_DAYS",
    "ENLARGER_UPLOADS_DAYS",
    "ENLARGER_TASKS_DAYS",
    "ENLARGER_RESULT_LINKS",
    "ENLARGER_WORKER_LEASE",
    "ENLARGER_LOG_LEVEL",
    "ENLARGER_OTLP_ENDPOINT",
    "ENLARGER_MCP_MAX_CREDITS",
    "BOT_TOKEN",
    "ENLARGER_BOT_CREDITS",
    "ENLARGER_BOT_ADMINS",
    "ENLARGER_BOT_TASKS_AT_ONCE",
    "ENLARGER_BOT_PUBLIC_URL",
    "ENLARGER_BOT_HOST",
    "ENLARGER_BOT_PORT",
    "ENLARGER_BOT_API_URL",
    "ENLARGER_SANDBOX",
    "ENLARGER_SANDBOX_SECONDS",
    "ENLARGER_SANDBOX_FAILURES",
    "ENLARGER_SANDBOX_SEED",
    "ENLARGER_ENGINE",
    "ENLARGER_WEIGHTS_DIR",
    "ENLARGER_ENGINE_MEMORY",
    "ENLARGER_ENGINE_TIMEOUT",
    "FAL_KEY",
    "ENLARGER_FAL_BASE_URL",
    "ENLARGER_FAL_REST_URL",
    "ENLARGER_FAL_PROXY",
    "ENLARGER_FAL_CONCURRENCY",
    "ENLARGER_FAL_CREATES",
    "ENLARGER_FAL_QUERIES",
    "REPLICATE_API_TOKEN",
    "ENLARGER_REPLICATE_BASE_URL",
    "ENLARGER_REPLICATE_PROXY",
    "ENLARGER_REPLICATE_WEBHOOK_KEY",
    "ENLARGER_REPLICATE_CONCURRENCY",
    "ENLARGER_REPLICATE_CREATES",
    "ENLARGER_REPLICATE_QUERIES",
    "ENLARGER_KIE_API_KEY",
    "ENLARGER_KIE_BASE_URL",
    "ENLARGER_KIE_UPLOAD_URL",
    "ENLARGER_KIE_PROXY",
    "ENLARGER_KIE_WEBHOOK_KEY",
    "ENLARGER_KIE_CONCURRENCY",
    "ENLARGER_KIE_CREATES",
    "ENLARGER_KIE_QUERIES",
)
"""The variables that `config` keeps."""

"""The commands, one module per topic: each defines its commands in `app` and, below, the work that they do.

A module is imported when one of its commands, or the help of one, is asked for; what takes long to import, such as the
client, the catalogue and the database, is imported in the functions that use it. A new module also needs a line in
`TOPICS`, and `make docs`, which writes what the help lists.
"""

TOPICS = (
    "upscale",
    "watch",
    "run",
    "tasks",
    "upload",
    "balance",
    "callbacks",
    "models",
    "service",
    "webhooks",
    "mcp",
    "accounts",
    "keys",
    "maintenance",
    "backup",
    "providers",
    "engines",
    "doctor",
    "budgets",
    "orphans",
    "config",
    "completion",
)
"""The modules, in the order of the help."""

"""The routes of the pages for administrators, which nobody else finds."""

from __future__ import annotations

from litestar import Router

from enlarger.console.operate import accounts, keys, orphans, providers, queue, system, usage
from enlarger.console.operate.access import identify_admin
from enlarger.console.problems import HANDLERS
from enlarger.server.access import AUTHENTICATE


def operate_pages() -> Router:
    """All of them."""
    return Router(
        "/",
        route_handlers=[
            providers.show_providers,
            queue.show_queue,
            orphans.show_orphans,
            accounts.list_accounts,
            accounts.create_account,
            accounts.show_account,
            accounts.top_up,
            accounts.set_limits,
            accounts.show_ledger,
            keys.create_key,
            keys.show_key,
            keys.set_caps,
            keys.rotate_key,
            keys.revoke_key,
            usage.show_usage,
            system.show_system,
        ],
        exception_handlers={**HANDLERS},
        opt={AUTHENTICATE: identify_admin},
        include_in_schema=False,
    )

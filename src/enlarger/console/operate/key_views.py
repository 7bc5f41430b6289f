"""What templates show of a key."""

from __future__ import annotations

from typing import Any

from enlarger.catalog.messages import Translate
from enlarger.console.operate.access import OPERATE
from enlarger.console.operate.amounts import say_credits, say_number
from enlarger.tasks.accounts import MADE, Key

KEYS = f"{OPERATE}/keys"


def view_key(key: Key, tr: Translate) -> dict[str, Any]:
    """Build the view of a key."""
    caps = ((tr("hour"), key.hour_cap), (tr("day"), key.day_cap), (tr("total"), key.total_cap))
    capped = any(cap is not None for _, cap in caps)
    return {
        "id": key.id,
        "path": f"{KEYS}/{key.id}",
        "name": key.name or "",
        "ends": key.last4,
        "account": key.account_id,
        "caps": ", ".join(f"{say_credits(cap, tr)} / {span}" for span, cap in caps if cap is not None)
        or tr("no limit"),
        "spent": say_number(key.total_spent) if capped else tr("not counted without caps"),
        "allow": ", ".join(key.allow) or tr("anywhere"),
        "admin": key.admin,
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
        "made": key.source == MADE,
        "state": "fail" if key.revoked_at else "success",
        "state_name": tr("Revoked") if key.revoked_at else tr("Valid"),
    }

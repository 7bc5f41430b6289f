"""A conversation with the bot's handlers, in which sheets of styles are not drawn."""

from __future__ import annotations

import pytest

from enlarger.all_settings import load_settings
from enlarger.bot import sheets
from enlarger.infra.database import Database
from tests.bot.conversation import Conversation
from tests.bot.handlers.steps import ADMIN


@pytest.fixture(autouse=True)
def _sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "draw_sheet", lambda _: b"a picture of all styles")


@pytest.fixture
def chat(database: Database) -> Conversation:
    return Conversation(database, load_settings(sandbox=True, bot_admins=(ADMIN,)))

"""The labels of buttons."""

from __future__ import annotations

from enlarger.bot.texts.words import quality_name
from enlarger.catalog.messages import Translate


def quality_button(tr: Translate, quality: str) -> str:
    """Leads to the qualities."""
    return tr("⚙️ Quality: {quality}", quality=quality_name(tr, quality))


def labels(tr: Translate) -> dict[str, str]:
    """The words on buttons, by what they do."""
    return {
        "redesign": tr("🛋 Redesign"),
        "clear_space": tr("🧹 Empty the room"),
        "facade": tr("🏠 Facade"),
        "like_sample": tr("🖼 Like a sample"),
        "free_prompt": tr("✏️ In my own words"),
        "enlarge": tr("🔍 Enlarge"),
        "remove_background": tr("✂️ Remove the background"),
        "begin": tr("✨ Start"),
        "back": tr("← Back"),
        "cancel": tr("✖️ Stop"),
        "again": tr("🔁 Again"),
        "style": tr("🎨 Other style"),
        "enlarge_result": tr("🔍 Enlarge this"),
        "original": tr("📎 Full quality, as a file"),
        "send": tr("📣 Send"),
        "no": tr("✖️ Do not send"),
        "news_on": tr("🔔 Turn news on"),
        "news_off": tr("🔕 Turn news off"),
    }

"""The labels of buttons."""

from __future__ import annotations

from enlarger.bot.texts.words import quality_name
from enlarger.catalog.messages import Translate


def quality_button(say: Translate, quality: str) -> str:
    """Leads to the qualities."""
    return say("⚙️ Quality: {quality}", quality=quality_name(say, quality))


def labels(say: Translate) -> dict[str, str]:
    """The words on buttons, by what they do."""
    return {
        "redesign": say("🛋 Redesign"),
        "clear_space": say("🧹 Empty the room"),
        "facade": say("🏠 Facade"),
        "like_sample": say("🖼 Like a sample"),
        "free_prompt": say("✏️ In my own words"),
        "enlarge": say("🔍 Enlarge"),
        "remove_background": say("✂️ Remove the background"),
        "begin": say("✨ Start"),
        "back": say("← Back"),
        "cancel": say("✖️ Stop"),
        "again": say("🔁 Again"),
        "style": say("🎨 Other style"),
        "enlarge_result": say("🔍 Enlarge this"),
        "original": say("📎 Full quality, as a file"),
        "send": say("📣 Send"),
        "no": say("✖️ Do not send"),
        "news_on": say("🔔 Turn news on"),
        "news_off": say("🔕 Turn news off"),
    }

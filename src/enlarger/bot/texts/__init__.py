"""What the bot says: English sentences, which are the keys of the catalogues in `enlarger.catalog.locales`.

Plain text throughout, without Telegram's markup: whatever people write can be repeated to them as it is.
"""

from enlarger.bot.texts import account, admin, beginning, buttons, design, photo, progress, words

__all__ = ["account", "admin", "beginning", "buttons", "design", "photo", "progress", "words"]

"""The web console: run models in the browser, and follow every task."""

from enlarger.console.assets import example_picture
from enlarger.console.routes import console_pages
from enlarger.console.sign_in import sign_in_url

__all__ = ["console_pages", "example_picture", "sign_in_url"]

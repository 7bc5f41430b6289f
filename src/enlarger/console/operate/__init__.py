"""Pages for administrators: providers, queue, uncertain attempts, accounts, usage, and the service itself."""

from enlarger.console.operate.routes import operate_pages

__all__ = ["operate_pages"]

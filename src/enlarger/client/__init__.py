"""The client's side of the jobs API."""

from enlarger.client.jobs import JobsClient

__all__ = ["JobsClient"]

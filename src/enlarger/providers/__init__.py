"""Those who carry tasks out, behind one door: hosted services, the engine of this machine, and a sandbox."""

from enlarger.providers.base import (
    Accepted,
    OnProgress,
    Order,
    Provider,
    Report,
    Submission,
    Traits,
)

__all__ = ["Accepted", "OnProgress", "Order", "Provider", "Report", "Submission", "Traits"]

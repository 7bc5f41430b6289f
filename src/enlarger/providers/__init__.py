"""Those who carry tasks out, behind one door. So far there is one: the engine of this machine."""

from enlarger.providers.base import Product, Provider, Submission

__all__ = ["Product", "Provider", "Submission"]

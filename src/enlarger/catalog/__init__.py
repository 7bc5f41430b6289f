"""Which models there are, what they take, and how a payload becomes their input."""

from enlarger.catalog.build_input import build_input, others
from enlarger.catalog.models import Field, LocalRoute, Model, get_model, list_models

__all__ = ["Field", "LocalRoute", "Model", "build_input", "get_model", "list_models", "others"]

"""The models: their inputs, prices and routes."""

from enlarger.catalog.build_input import BuiltInput, build_input, build_input_or_raise
from enlarger.catalog.faults import InputIssue
from enlarger.catalog.headers import HEADER_BYTES, measure
from enlarger.catalog.leftovers import UNKNOWN_FIELD, UNKNOWN_MEMBER
from enlarger.catalog.load import get_model, list_models
from enlarger.catalog.messages import LOCALES, choose_locale
from enlarger.catalog.model import Field, Model
from enlarger.catalog.price import Credits, quote

__all__ = [
    "HEADER_BYTES",
    "LOCALES",
    "UNKNOWN_FIELD",
    "UNKNOWN_MEMBER",
    "BuiltInput",
    "Credits",
    "Field",
    "InputIssue",
    "Model",
    "build_input",
    "build_input_or_raise",
    "choose_locale",
    "get_model",
    "list_models",
    "measure",
    "quote",
]

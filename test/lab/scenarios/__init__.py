"""All scenarios, in the order in which they run."""

from . import plain, loss, endings, closes, extremes, forged, harsh, limits  # noqa: F401  (imported for what they register)
from .registry import REG

__all__ = ["REG"]

"""All sample recipes, in the order of the table in captures/README.md."""

from . import plain, handshake, close, reset, transfer, observer, patience, reuse, path, tls, options, agreed, damage, applications  # noqa: F401  (imported for what they register)
from .registry import RECIPES

__all__ = ["RECIPES"]

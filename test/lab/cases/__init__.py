"""Cases, in the order in which they are recorded; see ../cases.py."""

from . import crowds, limits  # noqa: F401  (imported for what they register)
from .registry import CASES

__all__ = ["CASES"]

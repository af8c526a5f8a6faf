"""Ordinary work of real programs, in the order in which it is recorded; see ../ordinary.py."""

from . import daemons, mail, pages, shells, stores, waiting  # noqa: F401  (imported for what they register)
from .registry import WORKS

__all__ = ["WORKS"]

"""The table of sample recipes: how one capture in captures/ is made, and the quiz question it answers.

A recipe's docstring tells what was done and what happened; its body drives both ends of a real connection.
Everything that a sample claims comes from here and from the kernel's truth, never from an analyser.
"""

from dataclasses import dataclass, field
from typing import Callable

RECIPES = {}

# Router and multicast chatter of IPv6 would only stand in the way of a ladder; ICMP errors belong to the story.
SAMPLE_FILTER = "tcp or icmp or (icmp6 and ip6[40] < 128)"


@dataclass
class Recipe:
    """name: file name. point: whose capture is published, and why. rules: bridge rule -> the same in plain words.
    question, answer(facts), must: the quiz entry. expect: outcome of each connection, check(facts): what else must hold
    before a recording is published. stage: keyword arguments of Lab."""

    name: str
    body: Callable
    point: str
    why: str
    rules: dict
    question: str
    answer: Callable
    must: list
    expect: tuple
    check: Callable
    done: str = ""
    stage: dict = field(default_factory=dict)

    @property
    def note(self):
        return " ".join(self.body.__doc__.split())


def recipe(name, *, point, why, question, answer, must, expect=(), check=lambda f: True, rules=None, done="", **stage):
    """Registers the decorated body. `done` names what was done besides bridge rules, for the truth file."""

    def deco(body):
        given = {"rtt_ms": 30, "snap": 96, "capture_filter": SAMPLE_FILTER, **stage}
        RECIPES[name] = Recipe(name, body, point, why, rules or {}, question, answer, must, tuple(expect), check, done, given)
        return body

    return deco

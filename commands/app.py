"""The verbs, put together: all of them, or the one that is asked for."""

from collections.abc import Sequence
from importlib import import_module

import typer

from commands.front import front

VERBS = {
    "run": "run",
    "schedule": "schedule",
    "pause": "pausing",
    "resume": "pausing",
    "check": "check",
    "status": "status",
    "health": "health",
    "doctor": "doctor",
    "precheck": "precheck",
    "explain": "explain",
    "load": "load",
    "demo": "demo",
}
"""Each verb and the module of this room that has the function of its name; so for the rooms of verbs."""
ROOMS = {
    "findings": "findings",
    "feed": "feed",
    "batches": "batches",
    "dpia": "dpia",
    "keys": "keys",
    "choices": "choices",
    "audit": "audit",
    "retention": "retention",
}


def app_of(arguments: Sequence[str] = ()) -> typer.Typer:
    """Return the verb that the arguments begin with, so that no other one is imported; else all verbs."""
    first = arguments[0] if arguments else ""
    if first == "--site":
        first = arguments[2] if len(arguments) > 2 else ""
    return _app([first] if first in VERBS or first in ROOMS else [*VERBS, *ROOMS])


def _app(names: Sequence[str]) -> typer.Typer:
    made = typer.Typer(
        name="viaduct",
        help="Carries what charities know about the people they help across to the council, safely.",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    made.callback(invoke_without_command=True)(front)
    for name in names:
        module = import_module(f"commands.{(VERBS | ROOMS)[name]}")
        if name in VERBS:
            made.command(name)(getattr(module, name))
        else:
            made.add_typer(getattr(module, name), name=name)
    return made

"""Errors of the command line: what was typed is no command of ours."""

import re
from typing import Any

from common.errors import Answer, Failure, ViaductError

PROGRAM = "viaduct"
DOOR = "python run_sync.py"
NO_PATH = re.compile(r" (does not exist|is a file|is a directory|is not readable|is not writable)\.$")
TOO_MANY = "Got unexpected extra argument"
PREFIX = "Invalid value: "


class WrongUsage(ViaductError):
    """What was typed is no command: an unknown verb or option, something missing, a value that cannot be."""

    code = "E903"
    exit_code = 2
    title = "The command was not understood."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "See how it is written: python run_sync.py --help"


class NotThere(ViaductError):
    """A path was typed where a file or a folder is needed, and there is none, or one of the other kind."""

    code = "E904"
    exit_code = 2
    title = "A file or folder that was named is not there, or is of the other kind."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "A path is taken from the folder you stand in: name it from there, or whole."


def wrong_usage(error: Any) -> WrongUsage | NotThere:
    """Return the four lines for a refusal of the command line's reader.

    Given: its error, with what is wrong in words, and the verb it was met in, if it got as far as one.
    A word too many is not repeated: behind a reference it may well be a name.
    """
    path = getattr(getattr(error, "ctx", None), "command_path", PROGRAM)
    verb = " ".join([DOOR, *path.split()[1:]])
    said = " ".join(error.format_message().removeprefix(PREFIX).split())
    if said.startswith(TOO_MANY):
        said = "there are more words than it takes."
    mark = "" if said.endswith((".", "?", ")")) else "."
    sent = "Nothing was done and nothing was sent."
    if NO_PATH.search(said):
        return NotThere(f"{verb}: {said}", sent=sent)
    return WrongUsage(f"{verb}: {said}{mark}", sent=sent, remedy=f"See how it is written: {verb} --help")

"""The verbs of the disclosure log, asked in this process: how they end, and what they say."""

import io
from contextlib import redirect_stderr, redirect_stdout

import commands
from commands.last_resort import carry_out
from tests.nights import NightSite


def audit(night: NightSite, *words: str) -> tuple[int, str]:
    """Return how `audit ...` ends on the site, and what it says, data and words."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = carry_out(lambda: commands._named(["--site", str(night.folder), "audit", *words]))
    return code, said.getvalue()


def json_of(night: NightSite, *words: str) -> str:
    """Return what `audit ... --json` prints."""
    data = io.StringIO()
    with redirect_stdout(data), redirect_stderr(io.StringIO()):
        code = carry_out(lambda: commands._named(["--site", str(night.folder), "audit", *words, "--json"]))
    assert code == 0, code
    return data.getvalue()

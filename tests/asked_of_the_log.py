"""The verbs of the disclosure log, asked in this process: how they end, and what they say."""

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import commands
from commands.last_resort import carry_out
from common import clock
from tests.nights import NightSite

FORM = """\
request: SAR-2022-014
reason: subject_access_request
approver: A. Approver, data protection officer
approvedOn: {day}
considered:
  seriousHarm: clear
  childAbuseData: clear
  thirdParty: clear
  domesticAbuseSafety: {safety}
"""


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


def written(path: Path, day: str | None = None, safety: str = "clear") -> Path:
    """Return a release form, approved today."""
    path.write_text(FORM.format(day=day or clock.today(), safety=safety), encoding="utf-8")
    return path

"""A bug put into a copy of the source, and the test that is to catch it, asked in a process of its own."""

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from tests.planted.bugs import ROOT, Bug

LEFT_OUT = (".git", ".venv*", "__pycache__", ".*_cache", ".hypothesis", "var", "build", "dist")
# A bug is not caught by a program that no longer starts.
NO_PROGRAM = ("SyntaxError", "ImportError", "ModuleNotFoundError", "NameError", "UnboundLocalError")


@dataclass(frozen=True)
class Outcome:
    """How the test ended: how many of its cases ran, how many failed, and in what words."""

    ran: int
    failed: int
    words: str

    @property
    def passed(self) -> bool:
        """Return whether it ran, and all of it passed."""
        return self.ran > 0 and self.failed == 0

    @property
    def caught(self) -> bool:
        """Return whether it failed for what the program did, not because the program is none."""
        return self.failed > 0 and not any(word in self.words for word in NO_PROGRAM)


class Copy:
    """A copy of the whole source in which bugs are planted, one at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)

    def with_bug(self, bug: Bug) -> Outcome:
        """Return how the test ends with the bug; the source is right again afterwards."""
        path = self.folder / bug.path
        path.write_text(bug.planted(), encoding="utf-8")
        try:
            return self.without(bug)
        finally:
            shutil.copyfile(ROOT / bug.path, path)

    def without(self, bug: Bug) -> Outcome:
        """Return how the test of this bug ends on the source as it stands."""
        report = self.folder / "asked.xml"
        report.unlink(missing_ok=True)
        asked = subprocess.run(
            [
                sys.executable, "-B", "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider",
                "-p", "no:randomly", "-m", "soak or not soak", "-o", "junit_family=legacy",
                f"--junitxml={report}", bug.test,
            ],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        assert report.exists(), asked.stdout[-2000:] + asked.stderr[-2000:]
        return _read(report)


def _read(report: Path) -> Outcome:
    """Return what pytest wrote; a case that was skipped did not run."""
    cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 - written by our own process a moment ago
    ran = [case for case in cases if case.find("skipped") is None]
    wrong = [
        found for case in ran for found in (case.find("failure"), case.find("error")) if found is not None
    ]
    return Outcome(len(ran), len(wrong), "\n".join(one.get("message", "") for one in wrong))

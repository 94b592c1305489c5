"""datacontract-cli in its own environment, asked by tests what it finds."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("contracts_script.py")
AROUND = {"DATACONTRACT_POSTGRES_USERNAME": "postgres", "DATACONTRACT_POSTGRES_PASSWORD": "none"}


@dataclass(frozen=True)
class Job:
    """One contract to be asked: of which of its servers, and of which of its tables alone."""

    contract: Path
    server: str
    schema: str = "all"


@dataclass(frozen=True)
class Finding:
    """A check that did not pass."""

    kind: str
    result: str
    table: str
    column: str
    reason: str


@dataclass(frozen=True)
class Answer:
    """What became of one contract."""

    result: str
    passed: int
    findings: list[Finding]

    def failed(self) -> set[tuple[str, str]]:
        """Return the kinds of check that failed, each with its column."""
        return {(each.kind, each.column) for each in self.findings if each.result in {"failed", "error"}}


def program() -> Path:
    """Return the environment's Python; without it skip the test loudly, in continuous integration fail."""
    python = Path(sys.prefix) / "contract" / "bin" / "python"
    if not python.exists():
        words = "datacontract-cli was not tried: sh tools/contract.sh .venv/contract installs it."
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)
    return python


def asked(jobs: Sequence[Job], packages: Sequence[Path] = ()) -> tuple[list[Answer], list[list[str]]]:
    """Return what datacontract-cli finds of each contract, and the profile of each descriptor."""
    wanted = {
        "contracts": [
            {"contract": str(job.contract), "server": job.server, "schema": job.schema} for job in jobs
        ],
        "packages": [str(path) for path in packages],
    }
    done = subprocess.run(
        [str(program()), "-P", str(SCRIPT)],
        input=json.dumps(wanted),
        capture_output=True,
        text=True,
        env=os.environ | AROUND,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    return [_answer(each) for each in told["contracts"]], told["packages"]


def _answer(told: dict[str, Any]) -> Answer:
    checks = [Finding(*each) for each in told["checks"]]
    passed = sum(1 for each in checks if each.result == "passed")
    return Answer(told["result"], passed, [each for each in checks if each.result != "passed"])

"""Run by the Python of datacontract-cli's own environment: contracts asked of data, descriptors of a profile.

Given:   JSON on stdin: {"contracts": [{"contract", "server", "schema"?}], "packages": [path]}.
Returns: JSON on stdout: {"contracts": [{"result", "checks"}], "packages": [[message]]}.
"""

import contextlib
import importlib.util
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

PROFILE = "profiles/2.0/datapackage.json"


def asked(job: dict[str, Any]) -> dict[str, Any]:
    """Return what became of each check of one contract."""
    from datacontract.data_contract import DataContract

    os.chdir(Path(job["contract"]).parent)
    contract = DataContract(
        data_contract_file=job["contract"], server=job["server"], schema_name=job.get("schema", "all")
    )
    run = contract.lint() if job["server"] == "lint" else contract.test()
    told = [(str(c.type), _word(c.result), str(c.model), str(c.field), str(c.reason)) for c in run.checks]
    return {"result": _word(run.result), "checks": told}


def _word(result: Any) -> str:
    """Return the result as a word; a check that was never come to has none."""
    return result.value if result else "unasked"


def described(path: str) -> list[str]:
    """Return what the profile of a data package, version 2, has against a descriptor."""
    from jsonschema.validators import validator_for

    found = importlib.util.find_spec("dplib")
    assert found
    assert found.origin
    profile = json.loads((Path(found.origin).parent / PROFILE).read_bytes())
    descriptor = json.loads(Path(path).read_bytes())
    return [error.message[:200] for error in validator_for(profile)(profile).iter_errors(descriptor)]


def main() -> None:
    logging.disable(logging.CRITICAL)
    wanted = json.load(sys.stdin)
    with contextlib.redirect_stdout(sys.stderr):
        answer = {
            "contracts": [asked(job) for job in wanted.get("contracts", [])],
            "packages": [described(path) for path in wanted.get("packages", [])],
        }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()

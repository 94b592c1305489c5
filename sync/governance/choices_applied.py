"""People's choices as the runs applied them: received when, by which run, and how old each register was."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

CHOICE = "choice:"
AS_IT_STANDS = ("entries", "standing", "set_aside", "ended", "found")


def choices_applied(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return each register as the last run found it, and which run first applied what was received.

    Given: run summaries, the newest first.
    """
    latest = next((run for run in runs if run["choices"]), None)
    if latest is None:
        return {"as_of": None, "registers": [], "withdrawn": []}
    registers = [_register(said, runs) for said in latest["choices"]]
    return {
        "as_of": latest["started_at"],
        "run": latest["run_id"],
        "registers": registers,
        "withdrawn": _withdrawn(runs),
    }


def _register(said: Mapping[str, Any], runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "choice": said["choice"],
        "register": said["register"],
        "flows": said["flows"],
        "effect": said["effect"],
        "relied_on": said["state"] == "in_force",
        "problem": None if said["state"] == "in_force" else said["state"],
        "confirmed_on": said["as_of"],
        "age_days": said["age_days"],
        "max_age_days": said["max_age_days"],
        **{name: said.get(name) for name in AS_IT_STANDS},
        "received": [
            _received(said["choice"], day, number, runs) | _not_stopped(said, day)
            for day, number in said.get("received", {}).items()
        ],
    }


def _received(choice: str, day: str, number: int, runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return by which run all choices of a day were first in the register that a run relied on."""
    applied = None
    for run in runs:
        now = next((one for one in run["choices"] if one["choice"] == choice), None)
        if now is None or now["state"] != "in_force" or now.get("received", {}).get(day, 0) < number:
            break
        applied = run
    return {
        "day": day,
        "choices": number,
        "applied_by": applied["run_id"] if applied else None,
        "applied_at": applied["started_at"] if applied else None,
    }


def _not_stopped(said: Mapping[str, Any], day: str) -> dict[str, int | None]:
    """Return how many of a day's choices match nobody known, and how many a decision sets aside.

    None where the run's summary does not say: of a register of NHS numbers, or of before it was counted.
    """
    return {
        name: said[f"{name}_of"].get(day, 0) if f"{name}_of" in said else None
        for name in ("nobody", "set_aside")
    }


def _withdrawn(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return, run by run, how many records were taken back because of a choice, by flow and choice."""
    found = []
    for run in runs:
        for flow in run["flows"]:
            counted: Counter[str] = Counter()
            for counts in flow["entities"].values():
                counted.update(
                    {
                        reason.removeprefix(CHOICE): number
                        for reason, number in counts["withdrawn_reasons"].items()
                        if reason.startswith(CHOICE)
                    }
                )
            found += [
                {
                    "run": run["run_id"],
                    "at": run["started_at"],
                    "flow": flow["flow"],
                    "choice": choice,
                    "records": n,
                }
                for choice, n in sorted(counted.items())
            ]
    return found

"""The summary of a run: what `run --json` prints. Counts, codes and digests; never a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from common import clock
from common.errors import ViaductError
from sync.errors import ConservationBroken
from sync.gather import ExportCounts
from sync.plan import FATES
from sync.readable import Readable

ENTITY_KEYS = ("records", *reversed(FATES))


def no_records() -> dict[str, int]:
    """Return the counts of an entity of which nothing has come."""
    return dict.fromkeys(ENTITY_KEYS, 0)


@dataclass
class SourceSummary:
    """How one source fared."""

    source: str
    provider: str
    outcome: str = "done"
    error: ViaductError | None = None
    extracted_at: datetime | None = None
    complete: bool = True
    exports: dict[str, ExportCounts] = field(default_factory=dict)
    entities: dict[str, dict[str, int]] = field(default_factory=dict)
    unknown_columns: dict[str, list[str]] = field(default_factory=dict)
    arrived: dict[str, dict[str, str | int | bool]] = field(default_factory=dict)
    cells: dict[str, dict[str, Any]] = field(default_factory=dict)
    view: dict[str, dict[str, int]] = field(default_factory=dict)
    readable: Readable = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.readable = Readable(self.source)

    vanished_held: int = 0
    emptied_held: int = 0
    kept: int = 0
    flagged: dict[str, Any] = field(default_factory=dict)
    canaries: dict[str, int] = field(default_factory=dict)
    anonymised: dict[str, int] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        """Return whether what an account no longer sees waits for a person's word."""
        return bool(self.vanished_held or self.emptied_held)

    def to_json(self) -> dict[str, Any]:
        """Return the contract's object, and a few keys more."""
        return {
            "source": self.source,
            "provider": self.provider,
            "outcome": self.outcome,
            "error": self.error.lines() if self.error else None,
            "error_code": self.error.code if self.error else None,
            "error_places": self.error.places if self.error else [],
            "extracted_at": clock.stamp(self.extracted_at) if self.extracted_at else None,
            "complete": self.complete,
            "exports": {name: vars(counts) for name, counts in self.exports.items()},
            "entities": self.entities,
            "unknown_columns": self.unknown_columns,
            "arrived": self.arrived,
            "cells": self.cells,
            "view": self.view,
            "vanished_held": self.vanished_held,
            "emptied_held": self.emptied_held,
            "kept": self.kept,
            "flagged": self.flagged,
            "canaries": self.canaries,
            "anonymised": self.anonymised,
        }


@dataclass
class FlowSummary:
    """How one flow fared. `rests`: how it stands where it is not active; then it only takes back."""

    flow: str
    dpia: dict[str, str]
    describe: dict[str, Any] = field(default_factory=dict)
    entities: dict[str, dict[str, Any]] = field(default_factory=dict)
    batch_id: str | None = None
    sequence: int | None = None
    manifest_sha256: str | None = None
    bytes: int = 0
    state: str = "nothing_sent"
    receipt: dict[str, Any] | None = None
    error: ViaductError | None = None
    batch_error: ViaductError | None = None
    withdrawn_alone: int = 0
    held_back: dict[str, int] = field(default_factory=dict)
    flagged_accepted: dict[str, Any] = field(default_factory=dict)
    volume_accepted: dict[str, Any] = field(default_factory=dict)
    retention: dict[str, Any] = field(default_factory=dict)
    rekeyed: dict[str, int] = field(default_factory=dict)
    rests: str = ""

    def entity(self, entity: str) -> dict[str, Any]:
        """Return the counts of one entity, made on first use."""
        return self.entities.setdefault(
            entity, {**no_records(), "corrected": 0, "withdrawn": 0, "reasons": {}, "withdrawn_reasons": {}}
        )

    @property
    def is_held(self) -> bool:
        """Return whether something stopped the flow, so that nothing new of it has left."""
        return self.error is not None and (self.batch_id is None or self.withdrawn_alone > 0)

    def hold_the_rest(self, code: str) -> None:
        """Count what was to be sent as held by what stops the flow, and as yet nothing as withdrawn."""
        self.rekeyed = {}
        for counts in self.entities.values():
            waits, counts["released"] = counts["released"], 0
            counts["held"] += waits
            if waits:
                counts["reasons"][f"stopped:{code}"] = waits
            counts["corrected"], counts["withdrawn"], counts["withdrawn_reasons"] = 0, 0, {}

    def check(self) -> None:
        """Errors: ConservationBroken when a balance is off."""
        for entity, counts in self.entities.items():
            if counts["records"] != sum(counts[fate] for fate in FATES):
                raise ConservationBroken(
                    f"flow {self.flow}, entity {entity}: records do not equal their fates."
                )

    def to_json(self) -> dict[str, Any]:
        """Return the contract's object, and a few keys more."""
        met = {"error": self.error, "batch_error": self.batch_error}
        return vars(self) | {name: error.lines() if error else None for name, error in met.items()}


@dataclass
class Summary:
    """What one run did."""

    run_id: str
    started_at: datetime
    sample: bool = False
    dry_run: bool = False
    ended_at: datetime | None = None
    sources: list[SourceSummary] = field(default_factory=list)
    flows: list[FlowSummary] = field(default_factory=list)
    earlier: list[FlowSummary] = field(default_factory=list)
    findings: dict[str, int] = field(default_factory=dict)
    checks: dict[str, dict[str, int]] = field(default_factory=dict)
    linking: dict[str, int] = field(default_factory=dict)
    log: dict[str, Any] = field(default_factory=dict)
    durations: dict[str, float] = field(default_factory=dict)
    source_seconds: dict[str, float] = field(default_factory=dict)
    accepted: list[str] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    swept: dict[str, int] = field(default_factory=dict)
    waivers: list[dict[str, str]] = field(default_factory=list)
    days: list[dict[str, Any]] = field(default_factory=list)
    unsigned: list[str] = field(default_factory=list)
    registers: list[ViaductError] = field(default_factory=list)
    resting: list[dict[str, Any]] = field(default_factory=list)
    tuned: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    error: ViaductError | None = None
    not_stated: ViaductError | None = None

    @property
    def errors(self) -> list[ViaductError]:
        """Return every error of the run, its own first."""
        flows = [error for flow in [*self.earlier, *self.flows] for error in (flow.error, flow.batch_error)]
        own = [self.error, self.not_stated]
        every = [*own, *[source.error for source in self.sources], *self.registers, *flows]
        return [error for error in every if error]

    @property
    def met(self) -> list[dict[str, Any]]:
        """Return every error of the run once, for programs: its code and words, and whose it is."""
        of: list[tuple[ViaductError | None, str | None, str | None]] = []
        of += [(source.error, source.source, None) for source in self.sources]
        flows = [*self.earlier, *self.flows]
        of += [(error, None, flow.flow) for flow in flows for error in (flow.error, flow.batch_error)]
        of += [(error, None, None) for error in (self.error, self.not_stated, *self.registers)]
        found = [_as_met(error, source, flow) for error, source, flow in of if error]
        return [one for at, one in enumerate(found) if one not in found[:at]]

    @property
    def exit_code(self) -> int:
        """Return the largest code of what went wrong; 1 when records were held, rejected or kept; else 0."""
        if self.errors:
            return max(error.exit_code for error in self.errors)
        held = any(counts["held"] for source in self.sources for counts in source.entities.values())
        rejected = any(counts.rejected for source in self.sources for counts in source.exports.values())
        return 1 if held or rejected or any(source.kept for source in self.sources) else 0

    @property
    def to_try_again(self) -> list[str]:
        """Return the sources that a later run of the same night may bring, as their errors say.

        Those that failed for a passing reason; if the run or a flow did, all but what must be put right.
        """
        failed = {source.source: source.error.passes for source in self.sources if source.error}
        of_sources = [source.error for source in self.sources]
        stopped = any(error.passes for error in self.errors if error not in of_sources)
        return [name for name in self.asked if failed.get(name, stopped)]

    @property
    def records(self) -> int:
        """Return how many records the run looked at."""
        return sum(counts["records"] for source in self.sources for counts in source.entities.values())

    @property
    def extracted_at(self) -> datetime | None:
        """Return the latest instant of which the sources told."""
        told = [source.extracted_at for source in self.sources if source.extracted_at]
        return max(told, default=None)

    def check(self) -> None:
        """Errors: ConservationBroken when any balance is off."""
        for source in self.sources:
            for entity, counts in source.entities.items():
                if counts["records"] != sum(counts[fate] for fate in FATES):
                    raise ConservationBroken(
                        f"source {source.source}, entity {entity}: records do not equal their fates."
                    )
        for flow in self.flows:
            flow.check()

    def to_json(self) -> dict[str, Any]:
        """Return the object of contract.md, `run --json`."""
        return {
            "run_id": self.run_id,
            "started_at": clock.stamp(self.started_at),
            "ended_at": clock.stamp(self.ended_at) if self.ended_at else None,
            "extracted_at": clock.stamp(self.extracted_at) if self.extracted_at else None,
            "outcome": outcome(self.exit_code),
            "exit_code": self.exit_code,
            "asked": self.asked,
            "to_try_again": self.to_try_again,
            "sample": self.sample,
            "dry_run": self.dry_run,
            "sources": [source.to_json() for source in self.sources],
            "flows": [flow.to_json() for flow in self.flows],
            "earlier_batches": [flow.to_json() for flow in self.earlier],
            "findings": self.findings,
            "checks": self.checks,
            "tuned": self.tuned,
            "linking": self.linking,
            "log": self.log,
            "durations": {stage: round(seconds, 3) for stage, seconds in self.durations.items()},
            "source_seconds": {name: round(seconds, 3) for name, seconds in self.source_seconds.items()},
            "accepted": self.accepted,
            "choices": self.choices,
            "resting": self.resting,
            "swept": self.swept,
            "waivers": self.waivers,
            "days": self.days,
            "not_to_be_sent_because": self.unsigned,
            "errors": [error.lines() for error in self.errors],
            "met": self.met,
        }


def _as_met(error: ViaductError, source: str | None, flow: str | None) -> dict[str, Any]:
    return {
        "code": error.code,
        "exit_code": error.exit_code,
        "failure": str(error.failure),
        "title": error.title,
        "remedy": error.next_step,
        "source": source,
        "flow": flow,
    }


def without_choices(reasons: Mapping[str, int]) -> dict[str, int]:
    """Return the reasons with every choice told as `choice` alone, for who may read the disclosure log.

    A night with one court order and one person withdrawn would otherwise tell of whom there is an order.
    """
    told: dict[str, int] = {}
    for reason, number in reasons.items():
        name = "choice" if reason.startswith("choice:") else reason
        told[name] = told.get(name, 0) + number
    return told


def outcome(exit_code: int) -> str:
    """Return the outcome in one word."""
    return {0: "done", 1: "done_with_findings"}.get(exit_code, "failed")

"""Run summaries as the readings expect them: what an older version did not write is taken as nothing."""

from collections.abc import Iterable, Mapping
from typing import Any

RUN: Mapping[str, Any] = {
    "exit_code": 70,
    "sources": [],
    "flows": [],
    "earlier_batches": [],
    "choices": [],
    "swept": {},
    "errors": [],
}
SOURCE: Mapping[str, Any] = {
    "error_code": None,
    "exports": {},
    "extracted_at": None,
    "unknown_columns": {},
    "cells": {},
    "view": {},
}
FLOW: Mapping[str, Any] = {
    "state": "",
    "error": None,
    "batch_id": None,
    "rekeyed": {},
    "describe": {},
    "entities": {},
    "retention": {},
    "volume_accepted": {},
    "flagged_accepted": {},
}
COUNTS: Mapping[str, Any] = {"withdrawn_reasons": {}}


def whole(runs: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the summaries, the newest first, with every key that the readings ask for."""
    return [
        {
            **_filled(RUN, run),
            "sources": [_filled(SOURCE, source) for source in run.get("sources") or []],
            "flows": [_flow(flow) for flow in run.get("flows") or []],
            "earlier_batches": [_flow(flow) for flow in run.get("earlier_batches") or []],
        }
        for run in runs
    ]


def _flow(flow: Mapping[str, Any]) -> dict[str, Any]:
    said = _filled(FLOW, flow)
    return {**said, "entities": {name: _filled(COUNTS, counts) for name, counts in said["entities"].items()}}


def _filled(lacking: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    return {**lacking, **{key: value for key, value in said.items() if value is not None}}

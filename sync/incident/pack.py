"""The incident pack: how many people, which rows and fields, how sensitive, to whom, on which ground.

It is made from the signed log, the assessments kept with it, the manifests and state. No record is read, and
nobody is named: no value, no reference, no digest of a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from audit.reading import Reading, read_log
from common import clock
from config.site import Site
from connectors.landing import Landing
from connectors.registry import landing_if_there
from sealing.keys import load_verifier
from sync.digests import COUNTED_AS
from sync.history import last_runs
from sync.incident.duties import clock_of, duties
from sync.incident.fields import told_by_assessments
from sync.incident.leaked_key import of_key
from sync.incident.people import Concerned, concerned, of_file, of_sources, people_json
from sync.incident.scope import Asked, By, Part, of_batch, of_provider, of_run, whole_batches
from sync.incident.scope import of_file as batch_of_file
from sync.incident.why_a_range import why_a_range

FORMAT = "viaduct-incident/1"
Answers = dict[tuple[str, int], dict[str, Any]]
SENT_BY_ALL = (
    "Rows at the recipient are the provider's own. Rows sent and taken back are those of the batches whole,"
    " of all providers: of the provider's at most so many, for a batch tells its rows by entity and not by"
    " source."
)


@dataclass(frozen=True)
class _Reach:
    """What an incident reaches: its batches, the key that was asked for, the sources if a provider was."""

    parts: list[Part] = field(repr=False)
    key: dict[str, Any] | None = None
    sources: tuple[str, ...] = ()


def incident_pack(site: Site, asked: Asked) -> dict[str, Any]:
    """Return the pack, as `audit incident --json` prints it.

    Errors: NotInTheLog for a file, batch or run of which the log does not tell; KeyUnusable for a key that
            nobody has; DisclosureLogBroken, StateUnreadable, SecretsUnreadable; those of the landing zone.
    """
    reading = read_log(site.var / "log", load_verifier("log", site.keys.public))
    with landing_if_there(site.landing) as landing:
        return _pack(site, asked, reading, landing)


def _pack(site: Site, asked: Asked, reading: Reading, landing: Landing | None) -> dict[str, Any]:
    reach = _reach(site, reading, landing, asked)
    found = _narrowed(concerned(site, reading, reach.parts), reach, asked)
    answers = {(leaf["flow"], leaf["seq"]): leaf for leaf in reading.leaves if "receipt_sha256" in leaf}
    given_up = {(leaf["flow"], leaf["seq"]): leaf for leaf in reading.leaves if leaf["kind"] == "given_up"}
    head, sealed = reading.checkpoint, _sealed_files(reach.parts, landing)
    return {
        "format": FORMAT,
        "site": site.name,
        "sample": site.sample,
        "made_at": clock.stamp(clock.now()),
        "asked": _asked(asked),
        "clock": clock_of(asked.aware_at),
        "log": {"origin": head.origin, "size": head.size, "root": head.root.hex()},
        "key": reach.key,
        "people": people_json(found, "upsert")
        | {"counted_as": COUNTED_AS, "why_a_range": why_a_range(reach.parts, found)},
        "people_taken_back": people_json(found, "withdraw"),
        "rows": _rows(reach, found),
        "batches": [_batch(part, answers, given_up, sealed) for part in reach.parts],
        **told_by_assessments(reading.folder, reach.parts, found),
        "duties": duties(),
        "not_known": list(_not_known(site, reach, found)),
    }


def _reach(site: Site, reading: Reading, landing: Landing | None, asked: Asked) -> _Reach:
    if asked.by is By.BATCH:
        return _Reach(of_batch(reading, asked))
    if asked.by is By.RUN:
        return _Reach(of_run(reading, asked))
    if asked.by is By.FILE:
        return _Reach(batch_of_file(reading, asked, landing))
    if asked.by is By.KEY:
        return _Reach(*of_key(site, asked.name, whole_batches(reading, asked)))
    if asked.by is By.PROVIDER:
        theirs = (name for name, told in site.sources.items() if told.provider == asked.name)
        sources = tuple(sorted(theirs))
        return _Reach(of_provider(reading, asked, sources), sources=sources)
    return _Reach(list(whole_batches(reading, asked)))


def _narrowed(found: Concerned, reach: _Reach, asked: Asked) -> Concerned:
    if asked.by is By.FILE:
        return of_file(found, reach.parts[0])
    return of_sources(found, reach.sources) if asked.by is By.PROVIDER else found


def _asked(asked: Asked) -> dict[str, Any]:
    """Return what was asked for; a file by its place in its batch alone, which `batches` tells."""
    return {
        "by": asked.by.value,
        "name": None if asked.by in {By.FILE, By.DAYS} else asked.name,
        "since": asked.since.isoformat() if asked.since else None,
        "until": asked.until.isoformat() if asked.until else None,
    }


def _rows(reach: _Reach, found: Concerned) -> dict[str, Any]:
    """Return rows by entity: sent, taken back, still at a recipient as these batches brought them.

    Besides how many rows of the same people are there by another batch: what a later one sent anew is there.
    """
    entities = {file["entity"] for part in reach.parts for file in part.files}
    there, by_others = _still_there(reach.parts, found)
    return {
        "at_most": bool(reach.sources),
        "note": SENT_BY_ALL if reach.sources else None,
        "entities": {
            entity: {
                "sent": sum(part.rows("upsert", entity) for part in reach.parts),
                "taken_back": sum(part.rows("withdraw", entity) for part in reach.parts),
                "still_there": there.get(entity, 0),
                "there_by_another_batch": by_others.get(entity, 0),
            }
            for entity in sorted(entities)
        },
    }


def _still_there(parts: Iterable[Part], found: Concerned) -> tuple[dict[str, int], dict[str, int]]:
    """Return by entity how many rows are there as these batches brought them, and by another batch."""
    brought = pl.DataFrame(
        [
            (part.leaf["flow"], part.leaf["seq"], entity)
            for part in parts
            for entity in {file["entity"] for file in part.files if file["operation"] == "upsert"}
        ],
        schema={"flow": pl.String, "batch": pl.UInt32, "entity": pl.String},
        orient="row",
    )
    own = found.there.join(brought, on=["flow", "batch", "entity"], how="semi")
    of_them = found.there.filter(pl.col("person").is_in(found.of("upsert").implode()))
    others = of_them.join(brought, on=["flow", "entity"], how="semi").join(
        brought, on=["flow", "batch", "entity"], how="anti"
    )
    counted = [dict(rows.group_by("entity").len().iter_rows()) for rows in (own, others)]
    return counted[0], counted[1]


def _batch(part: Part, answers: Answers, given_up: Answers, sealed: dict[str, int] | None) -> dict[str, Any]:
    leaf, place = part.leaf, (part.leaf["flow"], part.leaf["seq"])
    answer, lost = answers.get(place), given_up.get(place)
    return {
        "batch": part.batch,
        "flow": leaf["flow"],
        "logged_at": leaf["at"],
        "whole": part.whole,
        "files": [{name: file[name] for name in ("entity", "operation", "rows")} for file in part.files],
        "people_leaves": leaf["people"]["leaves"],
        "rows_sent": part.rows("upsert"),
        "rows_taken_back": part.rows("withdraw"),
        "key": leaf["recipient"],
        "dpia": leaf["dpia"],
        "answer": answer["kind"] if answer else "none yet",
        "answered_at": answer["at"] if answer else None,
        "given_up": {name: lost[name] for name in ("at", "reason", "approver")} if lost else None,
        "sealed_files_in_landing": None if sealed is None else sealed[part.batch],
    }


def _sealed_files(parts: Iterable[Part], landing: Landing | None) -> dict[str, int] | None:
    """Return how many sealed files of each batch lie there; of one that is lost or not published yet none."""
    if landing is None:
        return None
    meant = [part.batch for part in parts]
    there = {batch for flow in {name.split("/")[0] for name in meant} for batch in landing.batches(flow)}
    return {batch: len(landing.names(batch)) if batch in there else 0 for batch in meant}


def _not_known(site: Site, reach: _Reach, found: Concerned) -> Iterable[str]:
    """Yield in words what log and state cannot tell."""
    yield "Which single records are meant: the log names nobody, and holds no value."
    latest = next(last_runs(site), None)
    as_of = latest["started_at"] if latest else "no run yet"
    yield f"Who was under the flag when the rows were sent; it is told as the last run knew it ({as_of})."
    if found.blind:
        yield f"Sources never read whole, of whose people the flag is not known: {', '.join(found.blind)}."
    if any(found.unnamed("upsert")):
        yield "Of people who were forgotten, or whose log secret had its time, more than their number."
    if found.sure is not None:
        yield "Exactly which of these people are meant: the counts say at least and at most."
    if reach.key is not None and not reach.key["reads_files"]:
        yield "What somebody did with the key: its loss alone discloses no file."
    yield "What left by another door than this one: no log can tell."

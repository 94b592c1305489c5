"""What was disclosed about one person, batch by batch: to whom, what for, on which ground, which fields."""

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal

from audit.assessments import Assessment
from audit.errors import ReleaseWithheld
from audit.log import DisclosureLog
from audit.person import Telling, look_for
from audit.reading import Reading, batch_name, read_log
from audit.release_form import Release
from audit.secret_table import SecretTable
from canonical import ABOUT_NOBODY, ENTITIES, spec
from common import clock
from common.files import private_folder
from config.site import Site
from sealing import keys
from sync.lock import one_run_at_a_time
from sync.person_digest import person_digest
from sync.run_names import new_run_id

FORMAT = "viaduct-person-history/1"


@dataclass(frozen=True)
class Asked:
    """Whose history is asked for, and of which flows and runs; all, where none is named."""

    reference: str = field(repr=False)
    source: str
    flow: str | None = None
    run: str | None = None


@dataclass(frozen=True)
class Found:
    """What the log tells of a person. `secret` is None where none is kept: nothing was sent, or forgotten.

    proved: whether each batch that does not tell of the person was proved not to, not looked up alone.
    """

    reading: Reading = field(repr=False)
    secret: bytes | None = field(repr=False)
    tellings: list[Telling] = field(repr=False)
    proved: bool = False


def log_access(
    site: Site, release: Release, asked: Literal["history", "proof"]
) -> tuple[dict[str, Any], Reading]:
    """Return the leaf that was logged, with the salt under which it commits to the form; the log before it.

    The leaf says that somebody asked, for which reason, and how the form was answered; of nobody whom.
    Errors: ReleaseWithheld (exit 30) once that is logged, if the form says so; RunHoldsLock; the log's own.
    """
    private_folder(site.var / "state")
    with one_run_at_a_time(site.var / "state" / "lock"):
        signer = keys.load_signer("log", site.keys.private)
        reading = read_log(site.var / "log", signer.verifier)
        log = DisclosureLog(site.var / "log", signer, reading=reading)
        leaf = release.leaf(new_run_id(), asked)
        log.append_once(leaf.identity, [leaf])
    if release.withheld:
        raise ReleaseWithheld(f"the release form answers withhold to: {', '.join(release.withheld)}.")
    return leaf.model_dump(mode="json") | {"salt": release.salt.hex()}, reading


def find(site: Site, asked: Asked, reading: Reading, *, prove: bool) -> Found:
    """Return what every batch asked for tells of the person; with `prove` also the proof of each absence.

    Errors: DisclosureLogBroken, KeyUnusable.
    """
    key = keys.load_secret("memory", site.keys.private)
    digest = person_digest(key, asked.source, asked.reference)
    secret = SecretTable(site.var / "state" / "people.sqlite").find(digest)
    batches = [
        (index, head)
        for index, head in reading.batch_heads({asked.flow} if asked.flow else None)
        if asked.run in {None, head["run"]}
    ]
    if secret is None:
        return Found(reading, None, [])
    return Found(reading, secret, look_for(reading, secret, batches, prove=prove), prove)


def history(site: Site, asked: Asked, found: Found) -> dict[str, Any]:
    """Return the history as `audit person --json` prints it: what was disclosed, and where nothing was."""
    return {
        "format": FORMAT,
        "site": site.name,
        "sample": site.sample,
        "made_at": clock.stamp(clock.now()),
        "source": asked.source,
        "secret_kept": found.secret is not None,
        "log": {"size": found.reading.checkpoint.size, "root": found.reading.checkpoint.root.hex()},
        "disclosures": _disclosures(asked.source, found),
        "not_disclosed": _not_disclosed(found.tellings),
        "absences_proved": found.proved,
    }


def _disclosures(source: str, found: Found) -> list[dict[str, Any]]:
    answers = {(head["flow"], head["seq"]): head for head in found.reading.heads if "receipt_sha256" in head}
    assessments: dict[str, Assessment] = {}
    told = []
    for telling in found.tellings:
        if telling.rows:
            digest = telling.head["dpia"]["sha256"]
            if digest not in assessments:
                assessments[digest] = Assessment(found.reading.folder, digest)
            leaf = found.reading.leaf(telling.index)
            answer = answers.get((leaf["flow"], leaf["seq"]))
            told.append(_disclosure(leaf, telling.rows, assessments[digest], source, answer))
    return told


def _disclosure(
    leaf: dict[str, Any], rows: dict[str, int], said: Assessment, source: str, answer: dict[str, Any] | None
) -> dict[str, Any]:
    sent = rows.get("upsert", 0)
    return {
        "date": leaf["at"],
        "flow": leaf["flow"],
        "batch": batch_name(leaf),
        **said.flow(leaf["flow"], source),
        "key": leaf["recipient"],
        "rows_sent": sent,
        "rows_taken_back": rows.get("withdraw", 0),
        "fields": _fields(leaf, said) if sent else {},
        "dpia": leaf["dpia"],
        "assessment_kept": said.kept,
        "law_pack": said.law_pack,
        "answer": answer["kind"] if answer else "none yet",
        "answered_at": answer["at"] if answer else None,
    }


def _fields(leaf: dict[str, Any], said: Assessment) -> dict[str, list[dict[str, Any]]]:
    """Return the fields of what the batch sent, by the name and as closely as the recipient sees.

    `made_from` is the field it is made coarser from; `released_as` is None where the assessment is not kept.
    `filled` says whether any row of the batch held a value there; None where the leaf does not say.
    """
    told: dict[str, list[dict[str, Any]]] = {}
    sent = {file["entity"] for file in leaf["files"] if file["operation"] == "upsert"}
    for entity, fields in leaf["fields"].items():
        if entity in ABOUT_NOBODY or entity not in sent:
            continue
        filled = (leaf.get("filled") or {}).get(entity)
        emptied = said.emptied_for_safety(leaf["flow"], entity)
        known = spec(entity).fields if entity in ENTITIES else {}
        for name, treatment in fields.items():
            shown = said.released_as(leaf["flow"], entity, name, treatment)
            told.setdefault(entity, []).append(
                {
                    "released_as": shown,
                    "made_from": name,
                    "treatment": treatment,
                    "holds": known[shown].description if shown in known else "",
                    "may_be_empty": bool({name, shown} & emptied),
                    "filled": None if filled is None or shown is None else shown in filled,
                }
            )
    return told


def _not_disclosed(tellings: list[Telling]) -> list[dict[str, Any]]:
    """Return the stretches of batches, flow by flow, that do not tell of the person."""
    stretches = []
    by_flow = sorted(tellings, key=lambda telling: (telling.head["flow"], telling.head["seq"]))
    for (flow, told), stretch in groupby(by_flow, key=lambda one: (one.head["flow"], bool(one.rows))):
        heads = [telling.head for telling in stretch]
        if not told:
            first, last = heads[0], heads[-1]
            stretches.append(
                {
                    "flow": flow,
                    "batches": [first["seq"], last["seq"]],
                    "runs": [first["run"], last["run"]],
                    "from": first["at"],
                    "to": last["at"],
                }
            )
    return stretches

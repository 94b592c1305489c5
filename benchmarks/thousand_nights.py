"""How long `audit person` and `audit incident` take on a log of many nights.

`python -m benchmarks.thousand_nights [--nights N]` makes a site with the example's rules and keys of its own,
and a log as so many nights of two flows would have left it: the first tells of everybody, each later one of
some. Then asks for one person's history, and for an incident pack of one batch and of all, each as a process
of its own, as an information governance lead would.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from audit.checkpoint import ORIGIN, Checkpoint, sign_checkpoint
from audit.kept import kept_line, people_file
from audit.leaves import leaf_from
from audit.people import leaf_lines, people_tree
from audit.secrets import PersonSecrets, tags
from audit.tree import GrowingTree
from benchmarks.table import RESULTS, keep_apart
from commands.sample_site import make_keys, write_sample_site
from common import clock
from config.site import Site, load_site
from sealing import keys
from sharing import load_dpia
from sharing.loading import canonical_document
from sync.person_digest import person_digest

PEOPLE, CHANGED = 4000, 100
SOURCE, ONE = "hub", "HP000001"
FLOWS = ("early_help", "commissioning")
BEGAN = datetime(2024, 1, 1, 2, tzinfo=UTC)
FORM = """request: SAR-1
reason: subject_access_request
approver: An approver
approvedOn: {day}
considered: {{seriousHarm: clear, childAbuseData: clear, thirdParty: clear, domesticAbuseSafety: clear}}
"""


def made_log(site: Site, nights: int, people: int, changed: int) -> int:
    """Write the log of so many nights; return how many leaves of people it holds."""
    draw = random.Random(nights)
    secrets = _secrets(site, people)
    signer, tree = keys.load_signer("log", site.keys.private), GrowingTree()
    log = site.var / "log"
    log.mkdir(parents=True)
    told, notes, lines = 0, [sign_checkpoint(Checkpoint(ORIGIN, 0, tree.root()), signer)], []
    document = canonical_document(site.dpia)
    (log / "assessments").mkdir()
    (log / "assessments" / f"{sha256(document).hexdigest()}.json").write_bytes(document)
    said = _said(site, sha256(document).hexdigest())
    for night in range(nights):
        for leaf in _leaves(night, said):
            if leaf["kind"] == "batch":
                some = secrets if night == 0 else secrets.gather(draw.sample(range(people), changed))
                leaf["people"] = _people(log, leaf, some)
                told += leaf["people"]["leaves"]
            read = leaf_from(leaf)
            line = read.canonical_bytes() if read is not None else b""
            tree.add(line)
            lines.append(line)
            notes.append(sign_checkpoint(Checkpoint(ORIGIN, tree.size, tree.root()), signer))
    (log / "leaves.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    (log / "checkpoints.jsonl").write_bytes(b"".join(map(kept_line, notes)))
    (log / "checkpoint").write_bytes(notes[-1])
    return told


def _secrets(site: Site, people: int) -> pl.Series:
    """Return the secrets of so many people, one of whom is to be asked for."""
    table = PersonSecrets(site.var / "state" / "people.sqlite")
    one = person_digest(keys.load_secret("memory", site.keys.private), SOURCE, ONE)
    others = [sha256(str(number).encode()).digest()[:8] for number in range(people - 1)]
    return table.of(pl.Series([one, *others], dtype=pl.Binary))["secret"]


def _people(log: Path, leaf: dict[str, Any], secrets: pl.Series) -> dict[str, Any]:
    name = f"{leaf['flow']}/{leaf['seq']:08d}-{leaf['run']}"
    tag = tags(secrets.rechunk(), name, "upsert")
    tree = people_tree([leaf_lines(pl.DataFrame({"subject": tag, "content": tag}), "upsert")])
    path = people_file(log, leaf["flow"], leaf["seq"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(tree.to_bytes())
    return {"leaves": tree.count, "root": tree.root.hex()}


def _said(site: Site, digest: str) -> dict[str, Any]:
    """Return what every batch of the log says: the fields of the example's flows, as runs log them."""
    dpia = load_dpia(site.dpia)
    fields = {
        flow.id: {
            entity: {name: str(decision.action) for name, decision in flow.decisions(entity).items()}
            for entity in flow.fields
        }
        for flow in dpia.flows
    }
    return {"fields": fields, "dpia": {"id": dpia.id, "version": dpia.version, "sha256": digest}}


def _leaves(night: int, said: dict[str, Any]) -> Iterator[dict[str, Any]]:
    at = BEGAN + timedelta(days=night)
    run = f"{at:%Y%m%dT%H%M%SZ}-{night:06x}"
    base = {"run": run, "at": clock.stamp(at)}
    yield base | {
        "kind": "run", "identity": f"run:{run}", "sources": [SOURCE], "flows": list(FLOWS), "accepted": []
    }  # fmt: skip
    for flow in FLOWS:
        batch = f"{flow}/{night + 1:08d}-{run}"
        entities = said["fields"][flow]
        counts = {"released": 100, "unchanged": 10_000, "withheld": 1_000, "held": 50, "withdrawn": 0}
        manifest = sha256(batch.encode()).hexdigest()
        file = {"operation": "upsert", "rows": 100, "plain_sha256": manifest}
        yield base | {
            "kind": "batch", "identity": f"batch:{batch}", "flow": flow, "seq": night + 1,
            "recipient": "age1" + "q" * 58, "dpia": said["dpia"], "manifest_sha256": manifest,
            "files": [file | {"entity": entity} for entity in entities],
            "fields": entities, "counts": dict.fromkeys(entities, counts),
            "reasons": {entity: {"cohort": 900, "not_in_flow": 100} for entity in entities},
        }  # fmt: skip
        yield base | {
            "kind": "receipt", "identity": f"receipt:{batch}", "flow": flow, "seq": night + 1,
            "manifest_sha256": manifest, "receipt_sha256": manifest,
            "entities": {entity: {"upserted": 100, "withdrawn": 0} for entity in entities},
        }  # fmt: skip


def asked(site: Site, *words: str) -> dict[str, Any]:
    """Return what the verb said, and what it cost as a process of its own, start and end included."""
    form = site.var / "release.yaml"
    form.write_text(FORM.format(day=clock.today()), encoding="utf-8")
    told, cost = timed(site, "person", ONE, "--source", SOURCE, "--release", str(form), *words)
    return cost | {"disclosures": len(told["disclosures"])}


def timed(site: Site, *words: str) -> tuple[dict[str, Any], dict[str, float]]:
    """Return what `audit ... --json` printed, and what it cost as a process of its own."""
    command = [sys.executable, "run_sync.py", "--site", str(site.folder), "audit", *words, "--json"]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(done.stdout), {"cpu_seconds": round(cpu, 2), "wall_seconds": round(wall, 2)}


def main() -> None:
    """Make the log, ask three times with and without a proof, and print what the cheapest cost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    for name, default in (("--nights", 1000), ("--people", PEOPLE), ("--changed", CHANGED)):
        parser.add_argument(name, type=int, default=default)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "site"
        site = write_sample_site(folder, {})
        make_keys(site, list(load_dpia(site.dpia).active_flows))
        site = load_site(folder)
        told = made_log(site, given.nights, given.people, given.changed)
        size = (site.var / "log" / "leaves.jsonl").stat().st_size
        for words in ((), ("--proof", str(folder / "proof.json"))):
            runs = [asked(site, *words) for _ in range(3)]
            best = min(runs, key=lambda run: run["cpu_seconds"])
            said = {"nights": given.nights, "leaves_of_people": told, "log_bytes": size}
            print(json.dumps(said | {"proof": bool(words)} | best))
            _keep("person_history_proof" if words else "person_history", given, best)
        for job, *words in (
            ("incident_batch", "--batch", f"{FLOWS[0]}/1"),
            ("incident_all", "--since", "2024-01-01"),
        ):
            pack, cost = timed(site, "incident", *words)
            print(json.dumps({"batches": len(pack["batches"]), "people": pack["people"]["at_most"]} | cost))
            _keep(job, given, cost)


def _keep(job: str, given: argparse.Namespace, cost: dict[str, Any]) -> None:
    """Keep what a question cost among the results, if it was asked of the log that the page tells of."""
    if (given.people, given.changed) == (PEOPLE, CHANGED):
        figures = {name: cost[name] for name in ("cpu_seconds", "wall_seconds")}
        keep_apart(RESULTS, job, given.nights, "python -m benchmarks.thousand_nights", figures)


if __name__ == "__main__":
    main()

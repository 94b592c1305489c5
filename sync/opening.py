"""That nothing else was in a batch: each row of its files, opened, is committed to by the leaf of one person.

The sync side gives the opening: per record, the tag of its person in this batch and the secret of that
person's rows in it. The council side, which alone can open the files, works every commitment out again and
compares.
"""

import hashlib
import io
from dataclasses import dataclass
from typing import Any

import polars as pl

from audit.agree import Landing
from audit.errors import NotInTheLog, OpeningFallsShort, ProofRefused
from audit.people import NO_LINES, leaf_lines
from audit.reading import Reading, batch_name, read_log
from audit.secrets import PersonSecrets, row_secrets, tags
from canonical import ABOUT_NOBODY, spec
from config.site import Site
from sealing import keys
from sealing.earlier import identity_of, load_identities
from sealing.envelope import Identity, open_sealed
from sealing.manifest import MANIFEST_NAME, read_manifest
from sharing.release import release
from sync.digests import packed
from sync.memory import Memory
from sync.told import OF_NOBODY

NOTHING_SENT = "Nothing was written and nothing was sent."
LIST_THEM = "See every batch with its flow and day: python run_sync.py audit incident --since 2000-01-01"
SENT = '"operation":"upsert"'
COLUMNS = {"entity": pl.String, "key": pl.Binary, "tag": pl.Binary, "row_secret": pl.Binary}


@dataclass(frozen=True)
class Opens:
    """How far an opening reaches: rows the batch sent, the people they are of, and those it opens."""

    rows: int
    people: int
    opened: int


def opens_of(site: Site, flow: str, sequence: int, table: pl.DataFrame) -> Opens:
    """Return how far the opening of a batch reaches. Errors: NotInTheLog, DisclosureLogBroken."""
    reading = read_log(site.var / "log", keys.load_verifier("log", site.keys.public))
    leaf = batch_of(reading, flow, sequence)
    rows = sum(file["rows"] for file in leaf["files"] if file["operation"] == "upsert")
    return Opens(rows, sent_to(reading, leaf).height, table["tag"].drop_nulls().n_unique())


def batch_of(reading: Reading, flow: str, sequence: int) -> dict[str, Any]:
    """Return the leaf of the batch. Errors: NotInTheLog, which says what batches there are."""
    found = [leaf for _, leaf in reading.batches({flow})]
    for leaf in found:
        if leaf["seq"] == sequence:
            return leaf
    last = max((leaf["seq"] for leaf in found), default=0)
    there = f"its batches are 1 to {last}" if last else "it has sent no batch"
    raise NotInTheLog(f"flow {flow}, batch {sequence}: {there}.", sent=NOTHING_SENT, remedy=LIST_THEM)


def opening(site: Site, flow: str, sequence: int) -> pl.DataFrame:
    """Return what opens the rows of a batch, for the council side alone.

    Returns: DataFrame[entity, key, tag, row_secret] of every record still remembered of those of whom the
             batch sent rows, and of those about nobody, tag and secret null; what was taken back since is no
             longer among them.
    """
    reading = read_log(site.var / "log", keys.load_verifier("log", site.keys.public))
    leaf = batch_of(reading, flow, sequence)
    name = batch_name(leaf)
    memory = Memory(site.var / "state" / "memory" / f"{flow}.parquet").buckets(0, 65535)
    records = memory.select(pl.col("entity").cast(pl.String), "key", "person")
    people = records["person"].drop_nulls().unique().sort().rechunk()
    asked = pl.DataFrame({"person": people, "digest": packed(people)})
    known = PersonSecrets(site.var / "state" / "people.sqlite").known(asked["digest"])
    secret = asked.join(known, left_on="digest", right_on="person", how="inner", maintain_order="left")
    opened = secret.select(
        "person",
        tags(secret["secret"], name, "upsert").alias("tag"),
        row_secrets(secret["secret"], name).alias("row_secret"),
    )
    of_people = records.join(
        opened.join(sent_to(reading, leaf), on="tag", how="semi"), on="person", how="inner"
    )
    of_nobody = records.filter(pl.col("person").is_null()).with_columns(
        pl.lit(None, pl.Binary).alias("tag"), pl.lit(None, pl.Binary).alias("row_secret")
    )
    return pl.concat([of_people.select(list(COLUMNS)), of_nobody.select(list(COLUMNS))])


def sent_to(reading: Reading, leaf: dict[str, Any]) -> pl.DataFrame:
    """Return DataFrame[tag] of those of whom the batch sent rows. Errors: DisclosureLogBroken."""
    lines = [line for line in reading.people(leaf).lines if SENT in line]
    return pl.DataFrame({"tag": [bytes.fromhex(line[-66:-2]) for line in lines]}, schema={"tag": pl.Binary})


def shown_whole(
    site: Site, landing: Landing, flow: str, sequence: int, given: pl.DataFrame
) -> dict[str, Any]:
    """Return what the batch holds, once every row of it is accounted for; the council side's own keys only.

    Given:  the opening of the batch, DataFrame[entity, key, tag, row_secret].
    Errors: ProofRefused, where a file is another, the opening does not know a row though nothing that came
            later can be why, or somebody's leaf is not that of their rows; OpeningFallsShort, where it can;
            EnvelopeDoesNotOpen; those of the landing zone.
    """
    reading = read_log(site.var / "log", keys.load_verifier("log", site.keys.public))
    leaf = batch_of(reading, flow, sequence)
    files = _files(landing, leaf, load_identities(site.keys.private))
    lines = [NO_LINES]
    rows = {"sent": 0, "taken_back": 0, "about_nobody": 0}
    committed = []
    for told, table in files:
        if told["operation"] == "withdraw":
            rows["taken_back"] += 0 if told["entity"] in ABOUT_NOBODY else table.height
            _require_keys_alone(told["entity"], table)
        elif told["entity"] in ABOUT_NOBODY:
            rows["about_nobody"] += table.height
        else:
            of_people = _committed(reading, leaf, told["entity"], table, given)
            rows["sent"] += of_people.height
            rows["about_nobody"] += table.height - of_people.height
            committed.append(of_people)
    if committed:
        lines.append(leaf_lines(pl.concat(committed), "upsert"))
    _require_same(reading, leaf, set(pl.concat(lines).to_list()), rows["taken_back"])
    return {"batch": batch_name(leaf), "files": len(files), "rows": rows, "people": leaf["people"]["leaves"]}


def _files(
    landing: Landing, leaf: dict[str, Any], identities: tuple[Identity, ...]
) -> list[tuple[dict[str, Any], pl.DataFrame]]:
    """Return every file of the batch, opened, each being the one whose digest was logged."""
    batch = batch_name(leaf)
    manifest = read_manifest(landing.read(batch, MANIFEST_NAME))
    if manifest.sha256 != leaf["manifest_sha256"]:
        raise ProofRefused(f"batch {batch}: its manifest is not the one that was logged.")
    found = []
    identity = identity_of(manifest.recipient, identities) or identities[0]
    for entry, told in zip(manifest.files, leaf["files"], strict=True):
        plain = open_sealed(landing.read(batch, entry.name), identity)
        if hashlib.sha256(plain).hexdigest() != told["plain_sha256"]:
            raise ProofRefused(f"batch {batch}, {entry.name}: not the file that was logged.")
        found.append((told, pl.read_parquet(io.BytesIO(plain))))
    return found


def _committed(
    reading: Reading, leaf: dict[str, Any], entity: str, table: pl.DataFrame, given: pl.DataFrame
) -> pl.DataFrame:
    """Return DataFrame[subject, content], one row per row of the file.

    Errors: ProofRefused, OpeningFallsShort.
    """
    key = spec(entity).key[0]
    of_entity = given.filter(pl.col("entity") == entity).with_columns(pl.lit(value=True).alias("known"))
    opened = table.select(pl.col(key).alias("key")).join(
        of_entity, on="key", how="left", maintain_order="left"
    )
    known = opened["known"].sum()
    if known != table.height or opened.height != table.height:
        lacking = opened.height - int(known) if opened.height == table.height else None
        _refuse_short(reading, leaf, entity, lacking)
    secret = opened["row_secret"].fill_null(OF_NOBODY)
    content = release(leaf["flow"], entity, table).commitments(secret, "upsert")
    return pl.DataFrame({"subject": opened["tag"], "content": content}).drop_nulls()


def _refuse_short(reading: Reading, leaf: dict[str, Any], entity: str, lacking: int | None) -> None:
    """Refuse an opening that lacks rows of an entity: as a false one, unless the log tells what can be why.

    Given:  how many rows it lacks; None where it names a row twice.
    Errors: OpeningFallsShort, where the flow took that many of the entity back later, or people were
            forgotten since; else ProofRefused.
    """
    after = reading.leaves[reading.leaves.index(leaf) + 1 :]
    back = sum(
        file["rows"]
        for one in after
        if one["kind"] == "batch" and one["flow"] == leaf["flow"]
        for file in one["files"]
        if (file["entity"], file["operation"]) == (entity, "withdraw")
    )
    forgotten = any(one["kind"] in {"forgotten", "disposal"} for one in after)
    if lacking is None:
        raise ProofRefused(f"{entity}: the opening names a row twice.", sent=NOTHING_SENT)
    if not forgotten and back < lacking:
        text = (
            f"{entity}: the opening lacks {lacking:,} rows; {back:,} were taken back later, which is not why."
        )
        raise ProofRefused(text, sent=NOTHING_SENT)
    why = f"{back:,} were taken back later" + (", and people were forgotten since" if forgotten else "")
    text = f"{entity}: the opening lacks {lacking:,} rows, which cannot be opened any more: {why}."
    raise OpeningFallsShort(text, sent=NOTHING_SENT)


def _require_keys_alone(entity: str, table: pl.DataFrame) -> None:
    """Errors: ProofRefused, where a file of what was taken back says more than which records."""
    if set(table.columns) - {spec(entity).key[0]}:
        raise ProofRefused(f"{entity}: what is taken back holds more than its keys.")


def _require_same(reading: Reading, leaf: dict[str, Any], worked_out: set[str], taken_back: int) -> None:
    """Errors: ProofRefused, where people's leaves are not exactly those worked out from the files."""
    logged = reading.people(leaf).lines
    sent = {line for line in logged if SENT in line}
    rows = sum(int(line.partition('"rows":')[2].partition(",")[0]) for line in set(logged) - sent)
    if sent != worked_out or rows != taken_back:
        raise ProofRefused(f"batch {batch_name(leaf)}: its rows are not those its people's leaves commit to.")

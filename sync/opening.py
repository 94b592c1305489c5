"""That nothing else was in a batch: each row of its files, opened, is committed to by the leaf of one person.

The sync side gives the opening: per record, the tag of its person in this batch and the secret of that
person's rows in it. The council side, which alone can open the files, works every commitment out again and
compares.
"""

import hashlib
import io
from typing import Any

import polars as pl

from audit.agree import Landing
from audit.errors import NotInTheLog, ProofRefused
from audit.people import NO_LINES, leaf_lines
from audit.reading import Reading, batch_name, read_log
from audit.secrets import PersonSecrets, row_secrets, tags
from canonical import spec
from config.site import Site
from sealing import keys
from sealing.earlier import identity_of, load_identities
from sealing.envelope import Identity, open_sealed
from sealing.manifest import MANIFEST_NAME, read_manifest
from sharing.release import release
from sync.digests import ABOUT_NOBODY, packed
from sync.memory import Memory
from sync.told import OF_NOBODY

NOTHING_SENT = "Nothing was written and nothing was sent."
LIST_THEM = "See every batch with its flow and day: python run_sync.py audit incident --since 2000-01-01"
COLUMNS = {"entity": pl.String, "key": pl.Binary, "tag": pl.Binary, "row_secret": pl.Binary}


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

    Returns: DataFrame[entity, key, tag, row_secret] of every record still remembered, tag and secret null
             where it is about nobody; what was taken back since is no longer among them.
    """
    reading = read_log(site.var / "log", keys.load_verifier("log", site.keys.public))
    name = batch_name(batch_of(reading, flow, sequence))
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
    of_people = records.join(opened, on="person", how="inner")
    of_nobody = records.filter(pl.col("person").is_null()).with_columns(
        pl.lit(None, pl.Binary).alias("tag"), pl.lit(None, pl.Binary).alias("row_secret")
    )
    return pl.concat([of_people.select(list(COLUMNS)), of_nobody.select(list(COLUMNS))])


def shown_whole(
    site: Site, landing: Landing, flow: str, sequence: int, given: pl.DataFrame
) -> dict[str, Any]:
    """Return what the batch holds, once every row of it is accounted for; the council side's own keys only.

    Given:  the opening of the batch, DataFrame[entity, key, tag, row_secret].
    Errors: ProofRefused, where a file is another, the opening does not know a row, or somebody's leaf is not
            that of their rows; EnvelopeDoesNotOpen; those of the landing zone.
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
            of_people = _committed(flow, told["entity"], table, given)
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


def _committed(flow: str, entity: str, table: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    """Return DataFrame[subject, content], one row per row of the file. Errors: ProofRefused."""
    key = spec(entity).key[0]
    of_entity = given.filter(pl.col("entity") == entity).with_columns(pl.lit(value=True).alias("known"))
    opened = table.select(pl.col(key).alias("key")).join(
        of_entity, on="key", how="left", maintain_order="left"
    )
    known = opened["known"].sum()
    if known != table.height or opened.height != table.height:
        text = "what was taken back since, or whose person was forgotten, cannot be opened any more"
        raise ProofRefused(f"{entity}: the opening opens {known} of {table.height} rows; {text}.")
    secret = opened["row_secret"].fill_null(OF_NOBODY)
    content = release(flow, entity, table).commitments(secret, "upsert")
    return pl.DataFrame({"subject": opened["tag"], "content": content}).drop_nulls()


def _require_keys_alone(entity: str, table: pl.DataFrame) -> None:
    """Errors: ProofRefused, where a file of what was taken back says more than which records."""
    if set(table.columns) - {spec(entity).key[0]}:
        raise ProofRefused(f"{entity}: what is taken back holds more than its keys.")


def _require_same(reading: Reading, leaf: dict[str, Any], worked_out: set[str], taken_back: int) -> None:
    """Errors: ProofRefused, where people's leaves are not exactly those worked out from the files."""
    logged = reading.people(leaf).lines
    sent = {line for line in logged if '"operation":"upsert"' in line}
    rows = sum(int(line.partition('"rows":')[2].partition(",")[0]) for line in set(logged) - sent)
    if sent != worked_out or rows != taken_back:
        raise ProofRefused(f"batch {batch_name(leaf)}: its rows are not those its people's leaves commit to.")

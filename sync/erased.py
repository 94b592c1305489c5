"""Who was anonymised at the source without a flag: found once a source is read, and remembered.

Per source it is kept which parts of an identity each person last held, as bits beside a keyed digest, and a
keyed digest of the name: no name, no day, no number, and nothing of whom the source no longer has. Of the
anonymised it stays as it was before, so that they are anonymised until the parts are back.
"""

from pathlib import Path

import polars as pl

from common.errors import Answer, Failure, ViaductError
from common.files import private_folder, write_atomic
from sharing.keyed import hmac_sha256_16
from sync.brakes import Brake
from sync.cases import as_parquet
from sync.errors import StateUnreadable
from sync.identity import IdentityNotes, anonymised

FOLDER = "identity"
KEPT = {"keyed": pl.Binary, "held": pl.UInt8, "named": pl.Binary, "gone": pl.Boolean}
TOLD = {"person": pl.UInt64, "held": pl.UInt8, "had": pl.UInt8, "named": pl.Binary, "gone": pl.Boolean}
NO_ONE = pl.DataFrame(schema=TOLD)


class MassErasure(ViaductError):
    """Very many people lost name and identity at once: maybe an erasure, maybe a permission taken away."""

    code = "E836"
    exit_code = 23
    title = "The brake is on: many people were emptied of their identity in one night."
    answer = Answer.PUT_RIGHT
    failure = Failure.DATA
    remedy = (
        "Ask the provider whether these people were anonymised; if they were: "
        "python run_sync.py run --accept-drop"
    )


def identity_path(state: Path, source: str) -> Path:
    """Return where it is kept which parts of an identity the source's people last held."""
    return state / FOLDER / f"{source}.parquet"


def recognise(
    state: Path, source: str, notes: IdentityNotes, key: bytes, *, brake: Brake | None, believe: bool
) -> tuple[pl.DataFrame, int, int]:
    """Return the source's people with what they hold and held, who is anonymised, and how many newly are.

    Last comes how many would be, were what is missing believed.

    Given:  how many may newly be so in one night, None for any number; whether what is missing is believed:
            where the account sees less than it did, nobody is anonymised by it who was not before.
    Errors: MassErasure, StateUnreadable.
    """
    before = _read(state, source)
    tonight = notes.tonight()
    tonight = tonight.with_columns(_keyed(tonight["person"], key), named=_keyed(tonight["name"], key))
    met = tonight.select("person", "keyed", now="named").join(before, on="keyed")
    met = met.with_columns(renamed=pl.col("named") != pl.col("now"))
    found = anonymised(tonight, met).join(met.select("person", was="named"), on="person", how="left")
    found = found.with_columns(named=pl.when("gone").then("was").otherwise("named"))
    already = found["person"].is_in(met.filter("gone")["person"].implode())
    many = int((found["gone"] & ~already).sum())
    if not believe:
        return found.with_columns(pl.col("gone") & already).select(list(TOLD)), 0, many
    had = before.filter((pl.col("held") != 0) & ~pl.col("gone")).height
    if brake is not None and brake.erases(had, many):
        words = f"{many} of {had or tonight.height} people lost name and identity in one night."
        raise MassErasure(f"source {source}: {words}")
    return found.select(list(TOLD)), many, 0


def remember_identity(
    state: Path, source: str, told: pl.DataFrame, key: bytes, *, add: bool, keep_old: bool
) -> None:
    """Write down what is held tonight, of the anonymised what they held before.

    Given: `add` keeps whom tonight's exports do not name, and `keep_old` what was known of everybody.
    """
    held = pl.when("gone").then("had").otherwise("held").alias("held")
    parts = [told.with_columns(_keyed(told["person"], key)).select("keyed", held, "named", "gone")]
    if add:
        parts.append(_read(state, source))
    kept = pl.concat(parts[::-1] if keep_old else parts).unique("keyed", keep="first", maintain_order=True)
    private_folder(state / FOLDER)
    write_atomic(identity_path(state, source), as_parquet(kept.sort("keyed")))


def _keyed(people: pl.Series, key: bytes) -> pl.Series:
    return hmac_sha256_16(people.cast(pl.String), key, "identity\x1f").alias("keyed")


def _read(state: Path, source: str) -> pl.DataFrame:
    """Return DataFrame[keyed, held, gone]. Errors: StateUnreadable."""
    path = identity_path(state, source)
    if not path.exists():
        return pl.DataFrame(schema=KEPT)
    try:
        return pl.read_parquet(path).select(pl.col(name).cast(kind) for name, kind in KEPT.items())
    except (pl.exceptions.PolarsError, OSError):
        pass
    raise StateUnreadable(f"state/{FOLDER}/{path.name}")

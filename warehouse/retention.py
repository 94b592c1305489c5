"""Remove what has had its time, by the terms that came with the rows; certify it; leave the certificates.

All flows in one transaction.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import polars as pl

from canonical import ENTITIES
from common import clock, log
from common.errors import ViaductError
from config.warehouse import Whereabouts
from sealing.certificate import (
    Certificate,
    Marks,
    Removal,
    marks_of,
    open_certificate,
    pack_marks,
    sign_certificate,
)
from sealing.earlier import Earlier
from sealing.signing import Signer
from warehouse import certificates, tables
from warehouse.certificates import Kept, LastBatch
from warehouse.database import Database, Warehouse
from warehouse.errors import NOTHING_LOADED, HoldUnknown
from warehouse.expiring import Expiring, Hold
from warehouse.landing import Landing
from warehouse.load import MEMORY_LIMIT
from warehouse.stores import store

LOG = log.get("warehouse")
Key = tuple[Signer, tuple[Earlier, ...]]
"""With what certificates are signed, and by what those of before were."""
NOTHING_REMOVED = NOTHING_LOADED.replace("loaded", "removed")
ALL_OR_NOTHING = "Nothing was removed, or all of it with its certificate; the next time finds out which."


@dataclass
class FlowRetention:
    """What became of one flow: its rows by entity, the holds on it, and the certificate if one was given."""

    flow: str
    removals: list[Removal]
    holds: list[str] = field(default_factory=list)
    certificate: Certificate | None = None

    def total(self, count: str) -> int:
        """Return one of the counts over all entities; `due` is all that is over, removed or not."""
        counts = ("expired", "blocked", "waiting") if count == "due" else (count,)
        return sum(getattr(removal, name) for removal in self.removals for name in counts)


def look_at_retention(warehouse: Whereabouts, holds: Sequence[Hold]) -> list[FlowRetention]:
    """Return what `apply_retention` would do today; nothing is changed. Errors: WarehouseUnreadable."""
    asked = store(warehouse)
    if not asked.exists():
        return []
    with asked.reading() as database:
        if not certificates.is_kept(database):
            return []
        _refuse_unknown(database, holds)
        looked = [_look(database, flow, holds) for flow in certificates.read_terms(database)]
        return [found for found, _ in looked]


def apply_retention(
    landing: Landing,
    warehouse: Whereabouts,
    signer: Signer,
    holds: Sequence[Hold],
    *,
    publish: Callable[[], object] | None = None,
    before: tuple[Earlier, ...] = (),
) -> list[FlowRetention]:
    """Return what was removed of each flow that came with terms.

    A certificate is given where rows were removed, and where what a hold blocks has changed. Those that are
    missing in the landing zone are left there again, the same bytes.
    Given:   `publish` takes the rows out of what was shown to others, before any certificate is left;
             `before` are the keys that signed certificates before the signer's.
    Errors:  LoadUnderWay, WarehouseUnavailable, WarehouseUnreadable, those of the landing zone and of
             `publish`.
    """
    kind = ""
    done: list[FlowRetention] = []
    kept = store(warehouse)
    with kept.only_loader():
        if not kept.exists():
            return done
        try:
            with kept.writing(MEMORY_LIMIT) as work:
                done = _remove(work.database, (signer, before), holds)
                if any(flow.certificate for flow in done):
                    work.publish(rewrite=any(flow.total("expired") for flow in done))
        except kept.faults as error:
            kind = type(error).__name__
        if kind:
            raise kept.unavailable(f"{kept.name} ({kind}).", sent=_said(kept))
        if publish is not None:
            publish()
        _leave(landing, kept)
    return done


def _said(kept: Warehouse) -> str:
    return NOTHING_REMOVED if kept.kept == NOTHING_LOADED else ALL_OR_NOTHING


def _refuse_unknown(database: Database, holds: Sequence[Hold]) -> None:
    """Errors: HoldUnknown, for a hold that a slip of the pen has made hold nothing."""
    flows = certificates.read_terms(database)
    for hold in holds:
        entity = hold.entity
        here = tables.columns_of(database, hold.flow, entity) if entity in ENTITIES and entity else []
        if hold.flow not in flows or (entity is not None and not here):
            named = hold.flow if entity is None else f"{hold.flow}, {entity}"
            raise HoldUnknown(f"Hold {hold.reference}: there is no {named}.", sent=NOTHING_REMOVED)


def _remove(database: Database, key: Key, holds: Sequence[Hold]) -> list[FlowRetention]:
    certificates.make_tables(database)
    _refuse_unknown(database, holds)
    database.begin()
    last = {kept.flow: kept for kept in certificates.certificates(database)}
    done: list[FlowRetention] = []
    given: list[Kept] = []
    for flow in certificates.read_terms(database):
        found, expiring = _look(database, flow, holds)
        batch = certificates.last_batch(database, flow)
        if batch is not None:
            at = clock.stamp(clock.now())
            given += _certify(database, found, _Grounds(batch, last.get(flow), at, expiring.remove(at)), key)
        expiring.clear()
        done.append(found)
    if given:
        database.commit(certificates.proof_of(given[-1]))
    else:
        database.rollback()
    return done


@dataclass(frozen=True)
class _Grounds:
    """On what a certificate stands: the last batch, the certificate before, the instant, the keys removed."""

    batch: LastBatch
    before: Kept | None
    at: str
    gone: pl.Series = field(repr=False)


def _look(database: Database, flow: str, holds: Sequence[Hold]) -> tuple[FlowRetention, Expiring]:
    mine = [hold for hold in holds if hold.flow == flow]
    terms = certificates.read_terms(database)[flow]
    expiring = Expiring(database, flow, terms, mine, clock.today().isoformat())
    return FlowRetention(flow, expiring.look(), sorted({hold.reference for hold in mine})), expiring


def _certify(database: Database, found: FlowRetention, grounds: _Grounds, key: Key) -> list[Kept]:
    """Give a certificate and keep it, if there is anything new to say; return it."""
    before, (signer, keys_before) = grounds.before, key
    said = open_certificate(before.certificate, signer.verifier, keys_before) if before else None
    if not found.total("expired") and said is not None and _blocked(said) == _blocked_now(found):
        return []
    salt = secrets.token_hex(32)
    marks = pack_marks(marks_of(grounds.gone, salt))
    found.certificate = Certificate(
        flow=found.flow,
        number=before.number + 1 if before else 1,
        previous_certificate_sha256=before.sha256 if before else None,
        at=grounds.at,
        as_of=clock.today().isoformat(),
        dpia=grounds.batch.dpia,
        after_sequence=grounds.batch.sequence,
        after_run=grounds.batch.run_id,
        manifest_sha256=grounds.batch.manifest_sha256,
        entities=found.removals,
        holds=found.holds,
        marks=Marks(count=len(grounds.gone), salt=salt, sha256=hashlib.sha256(marks).hexdigest()),
    )
    signed = sign_certificate(found.certificate, signer)
    kept = Kept(found.flow, found.certificate.number, signed, marks)
    certificates.write_certificate(database, kept, grounds.at, found.total("expired"))
    return [kept]


def _blocked(said: Certificate) -> tuple[list[str], dict[str, int]]:
    return said.holds, {one.entity: one.blocked for one in said.entities if one.blocked}


def _blocked_now(found: FlowRetention) -> tuple[list[str], dict[str, int]]:
    return found.holds, {one.entity: one.blocked for one in found.removals if one.blocked}


def _leave(landing: Landing, warehouse: Warehouse) -> None:
    """Put every certificate that is missing into the landing zone.

    Errors:  the first that one met, when all others have been left.
    """
    with warehouse.reading() as database:
        given = certificates.certificates(database) if certificates.is_kept(database) else []
    fault: ViaductError | None = None
    left = {flow: landing.certificates(flow) for flow in {kept.flow for kept in given}}
    for kept in given:
        if left[kept.flow].get(kept.number) == kept.certificate:
            continue
        try:
            landing.put_certificate(kept.flow, kept.number, kept.certificate, kept.marks)
        except ViaductError as error:
            LOG.error("certificate_not_left", flow=kept.flow, error_code=error.code)
            fault = fault or error
    if fault is not None:
        raise fault

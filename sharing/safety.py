"""The safety flag at its source: which rows prove it, or cannot exclude it, and which of the two it was."""

import hashlib
from enum import IntEnum

import polars as pl
import rfc8785

from canonical import ENTITIES, spec, unreadable_bit
from sharing.compiled import EVERYONE
from sharing.condition_columns import compile_condition
from sharing.condition_names import Fields, read_condition
from sharing.conditions import Name, Node, names, parse
from sharing.document import Blank, SafetySource
from sharing.dpia import Dpia


class Ground(IntEnum):
    """On what ground somebody is under the flag; of several the first counts."""

    PROOF = 1
    UNREADABLE = 2
    BLANK = 3
    SPREAD = 4


def said_of_flags(dpia: Dpia, source: str) -> str:
    """Return the digest, 16 hexadecimal digits, of what the DPIA says sets the source's flags.

    It changes with any proof and with what any blank means, and not with the reasons given for them.
    """
    said = next((each for each in dpia.safety_sources if each.source == source), None)
    proofs = sorted(proof.when for proof in said.proves) if said else []
    blanks = {path: blank.means for path, blank in said.blanks.items()} if said else {}
    return hashlib.sha256(rfc8785.dumps({"proves": proofs, "blanks": blanks})).hexdigest()[:16]


def own_ground(dpia: Dpia, source: str) -> dict[str, pl.Expr]:
    """Return, per entity, on what Ground a row sets the flag; asked only of rows that set it.

    Returns: UInt8 without nulls. What the DPIA is silent about counts as blank.
    """
    said = next((each for each in dpia.safety_sources if each.source == source), None)
    if said is None:
        return {"person": _as_ground(Ground.BLANK)}
    if any(proof.when == EVERYONE for proof in said.proves):
        return {"person": _as_ground(Ground.PROOF)}
    asked: dict[str, list[Node]] = {}
    for proof in said.proves:
        entity, node = proof_of(proof.when)
        asked.setdefault(entity, []).append(node)
    return {entity: _ground(entity, asked[entity], said) for entity in ENTITIES if entity in asked}


def _as_ground(ground: Ground) -> pl.Expr:
    return pl.lit(int(ground), pl.UInt8)


def _ground(entity: str, nodes: list[Node], said: SafetySource) -> pl.Expr:
    """Return Proof where a proof is met and every name of it is known; else what kept it from being asked."""

    def column(name: Name) -> pl.Expr:
        return _read(name, said.blanks.get(str(name)))

    proven, unreadable = [], []
    for node in nodes:
        asked = set(names(node))
        met = compile_condition(node, {entity: spec(entity).fields}, column).fill_null(value=False)
        torn = pl.any_horizontal([_unreadable(name) for name in asked])
        known = pl.all_horizontal([column(name).is_not_null() for name in asked])
        proven.append(met & known & ~torn)
        unreadable.append(torn)
    doubt = pl.when(pl.any_horizontal(unreadable)).then(_as_ground(Ground.UNREADABLE))
    blank = doubt.otherwise(_as_ground(Ground.BLANK))
    return pl.when(pl.any_horizontal(proven)).then(_as_ground(Ground.PROOF)).otherwise(blank)


def own_flag(dpia: Dpia, source: str) -> dict[str, pl.Expr]:
    """Return, per entity, whether a row sets the flag of the person it belongs to.

    Given:   canonical tables of the source, with `_unreadable`.
    Returns: Boolean expressions without nulls. A blank sets the flag unless the DPIA says what this
             source's blank means; words that could not be read always set it. A source of which the
             DPIA says nothing flags every person.
    """
    said = next((each for each in dpia.safety_sources if each.source == source), None)
    if said is None:
        return {"person": pl.lit(value=True)}
    asked: dict[str, list[pl.Expr]] = {}
    for proof in said.proves:
        if proof.when == EVERYONE:
            asked.setdefault("person", []).append(pl.lit(value=True))
            continue
        entity, node = proof_of(proof.when)
        asked.setdefault(entity, []).append(_sets(entity, node, said))
    return {entity: pl.any_horizontal(asked[entity]) for entity in ENTITIES if entity in asked}


def proof_of(text: str) -> tuple[str, Node]:
    """Return the one entity that a proof is about, and its condition."""
    entity = next(names(parse(text))).entity
    node, _ = read_condition(text, own_fields(entity))
    if node is None:
        raise ValueError("a proof that does not load was asked")
    return entity, node


def own_fields(entity: str) -> Fields:
    """Return the names a proof about the entity may use: its own, and no others."""
    return {entity: spec(entity).fields}


def _sets(entity: str, node: Node, said: SafetySource) -> pl.Expr:
    def column(name: Name) -> pl.Expr:
        return _read(name, said.blanks.get(str(name)))

    met = compile_condition(node, {entity: spec(entity).fields}, column).fill_null(value=True)
    unreadable = [_unreadable(name) for name in set(names(node))]
    return pl.any_horizontal([met, *unreadable])


def _read(name: Name, blank: Blank | None) -> pl.Expr:
    value = pl.col(name.field)
    return value if blank is None else value.fill_null(pl.lit(blank.means))


def _unreadable(name: Name) -> pl.Expr:
    bit = 1 << unreadable_bit(name.entity, name.field)
    return ((pl.col("_unreadable") & bit) != 0).fill_null(value=True)

"""The safety flag at its source: which rows prove it, or cannot exclude it."""

import polars as pl

from canonical import ENTITIES, spec, unreadable_bit
from sharing.compiled import EVERYONE
from sharing.condition_columns import compile_condition
from sharing.condition_names import Fields, read_condition
from sharing.conditions import Name, Node, names
from sharing.document import Blank, SafetySource
from sharing.dpia import Dpia


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
    node = next(node for entity in ENTITIES for node, _ in [read_condition(text, own_fields(entity))] if node)
    return next(names(node)).entity, node


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

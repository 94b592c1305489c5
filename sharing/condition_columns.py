"""Conditions as Polars expressions."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import polars as pl

from canonical import FRACTIONS, FieldSpec, Kind
from sharing.condition_names import Fields
from sharing.conditions import Both, Compare, Either, Is, Name, Node, Not, Scalar, Within

Column = Callable[[Name], pl.Expr]


def compile_condition(node: Node, fields: Fields, column: Column) -> pl.Expr:
    """Return the Boolean expression; it is null where the answer hangs on a null."""
    match node:
        case Not(inner):
            return ~compile_condition(inner, fields, column)
        case Both(parts):
            return pl.all_horizontal([compile_condition(part, fields, column) for part in parts])
        case Either(parts):
            return pl.any_horizontal([compile_condition(part, fields, column) for part in parts])
        case Is(left, what, negated):
            answer = column(left).is_null() if what is None else column(left).eq_missing(pl.lit(what))
            return ~answer if negated else answer
        case Within(left, options, negated):
            kind = _spec(left, fields).kind
            met = pl.any_horizontal(
                [_typed(left, fields, column) == _literal(each, kind) for each in options]
            )
            return ~met if negated else met
        case Compare(left, op, right):
            return _compare(left, op, right, fields, column)


def _compare(left: Name, op: str, right: Name | Scalar, fields: Fields, column: Column) -> pl.Expr:
    one = _typed(left, fields, column)
    other = (
        _typed(right, fields, column)
        if isinstance(right, Name)
        else _literal(right, _spec(left, fields).kind)
    )
    made: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
        "=": pl.Expr.eq,
        "!=": pl.Expr.ne,
        "<": pl.Expr.lt,
        "<=": pl.Expr.le,
        ">": pl.Expr.gt,
        ">=": pl.Expr.ge,
    }
    return made[op](one, other)


def _typed(name: Name, fields: Fields, column: Column) -> pl.Expr:
    kind = _spec(name, fields).kind
    if kind is Kind.INTEGER:
        return column(name).cast(pl.Int64)
    return column(name).cast(pl.Decimal(38, 6)) if kind in FRACTIONS else column(name)


def _literal(value: Scalar, kind: Kind) -> pl.Expr:
    if kind is Kind.DATE:
        return pl.lit(date.fromisoformat(str(value)))
    if kind is Kind.INTEGER:
        return pl.lit(value, dtype=pl.Int64)
    return pl.lit(Decimal(str(value))).cast(pl.Decimal(38, 6)) if kind in FRACTIONS else pl.lit(value)


def _spec(name: Name, fields: Fields) -> FieldSpec:
    return fields[name.entity][name.field]

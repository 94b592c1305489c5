"""How far a share or a mean may lie from what a longer look would find: 95 % intervals.

Shares: Wilson's score interval. Means: Student's t. Neither takes anything but what is published or may be:
the interval of a share is worked out from the two numbers shown beside it, rounded as they are.
"""

from statistics import NormalDist

import polars as pl
from scipy.special import stdtrit

LEVEL = 0.95
ONE_DECIMAL_FROM = 4000
"""Source: NHS HES analysis guide: one decimal of a percentage only where the denominator is this large."""
_STEADY = 6
"""Decimals behind which adding up in another order may change a sum."""
_UPPER_TAIL = 1 - (1 - LEVEL) / 2
Z = NormalDist().inv_cdf(_UPPER_TAIL)


def wilson(numerator: pl.Expr, denominator: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return the lower and the upper end for a share, between 0 and 1.

    Given:   whole numbers; where there is no denominator, or the numerator is the larger (two numbers may be
             rounded apart), there is no interval.
    Source:  Wilson 1927, JASA 22:209; method 3 of Newcombe 1998, Statistics in Medicine 17:857.
    """
    part, whole = numerator.cast(pl.Float64), denominator.cast(pl.Float64)
    middle = 2 * part + Z**2
    half = Z * (Z**2 + 4 * part * (whole - part) / whole).sqrt()
    lower, upper = ((middle + sign * half) / (2 * (whole + Z**2)) for sign in (-1, 1))
    is_share = (whole > 0) & part.is_between(0, whole)
    return (
        pl.when(is_share).then(pl.when(part == 0).then(0.0).otherwise(lower)),
        pl.when(is_share).then(pl.when(part == whole).then(1.0).otherwise(upper)),
    )


def student(mean: pl.Expr, deviation: pl.Expr, n: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return the lower and the upper end for a mean.

    Given:   the mean, the standard deviation of the sample (n - 1 below), and the number of values; of fewer
             than two there is no interval.
    Source:  Student 1908, Biometrika 6:1; NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.2.
    """
    half = n.map_batches(_quantile, return_dtype=pl.Float64) * deviation / n.cast(pl.Float64).sqrt()
    return mean - half, mean + half


def _quantile(n: pl.Series) -> pl.Series:
    """Return by how many standard errors a mean of n values may be off."""
    freedom = (n - 1).cast(pl.Float64)
    found = pl.Series(stdtrit(freedom.fill_null(1).clip(1).to_numpy(), _UPPER_TAIL))
    return pl.select(pl.when(freedom >= 1).then(found)).to_series()


def percent_ends(numerator: pl.Expr, denominator: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return the ends for a percentage as it is published, with as many decimals, rounded outwards.

    Given: the published numerator and denominator, which are all that the interval is worked out from.
    """
    lower, upper = (100 * end.round(_STEADY + 2) for end in wilson(numerator, denominator))
    step = pl.when(denominator >= ONE_DECIMAL_FROM).then(0.1).otherwise(1.0)
    return lowered(lower, step), raised(upper, step)


def rounded(value: pl.Expr, step: pl.Expr) -> pl.Expr:
    """Return the value to the nearest step, a half rounded up."""
    return _parts((_steps(value, step) + 0.5).round(_STEADY).floor(), step)


def lowered(value: pl.Expr, step: pl.Expr) -> pl.Expr:
    """Return the next lower step."""
    return _parts(_steps(value, step).floor(), step)


def raised(value: pl.Expr, step: pl.Expr) -> pl.Expr:
    """Return the next higher step."""
    return _parts(_steps(value, step).ceil(), step)


def _steps(value: pl.Expr, step: pl.Expr) -> pl.Expr:
    return (value.round(_STEADY) / step).round(_STEADY)


def _parts(steps: pl.Expr, step: pl.Expr) -> pl.Expr:
    """Return the number of so many steps, as the one that is nearest to it and printed shortest."""
    return (steps * step).round(1)

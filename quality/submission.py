"""The checks that look at a whole provider: counts gathered per partition, judged once when all are read."""

import polars as pl

from quality.answers import ANSWERS
from quality.checks import SUBMISSION, Check, checks_of
from quality.expressions.submission import STILL_JUDGED, SUBMITTED
from quality.inspection import FINDINGS, UNDECIDED, Inspected
from quality.submitted import EXPORTS, Submitted


def judge(of: Submitted) -> Inspected:
    """Return what the checks say of the night's sources, in the shape in which records are spoken of."""
    parts = [(check, SUBMITTED[check.id](of)) for check in checks_of(SUBMISSION)]
    findings = [_findings(check, told) for check, told in parts]
    answers = [_answers(check, told) for check, told in parts]
    undecided = [_undecided(check, told) for check, told in parts]
    return Inspected(
        {},
        pl.concat([FINDINGS.to_frame(), *findings], how="diagonal").sort("source", "check", "reference"),
        pl.concat([ANSWERS.to_frame(), *answers]).sort("source", "check"),
        pl.concat([UNDECIDED.to_frame(), *undecided]).sort("source", "check", "record"),
    )


def judged_from(of: Submitted) -> list[tuple[str, str, str]]:
    """Return of each source and check of periods the first month that is still judged, as 2022-05."""
    months = {
        check: pl.col("now").dt.offset_by(f"-{back}mo").dt.strftime("%Y-%m")
        for check, back in STILL_JUDGED.items()
    }
    told = of.pulled.select("source", **months).unpivot(index="source", variable_name="check")
    return sorted(told.rows())


def _verdict() -> pl.Expr:
    return pl.col("applies") & pl.col("fails")


def _findings(check: Check, told: pl.DataFrame) -> pl.DataFrame:
    return told.filter(_verdict()).select(
        source="source",
        entity=pl.lit(SUBMISSION),
        reference="record",
        row=pl.lit(None, pl.UInt32),
        check=pl.lit(check.id),
        field=pl.lit(check.field),
        severity=pl.lit(check.severity.value),
        effect=pl.lit(check.effect.value),
        other=pl.lit(""),
    )


def _answers(check: Check, told: pl.DataFrame) -> pl.DataFrame:
    counts = {
        "failed": _verdict().fill_null(value=False).sum(),
        "unknown": _verdict().is_null().sum(),
        "not_applicable": (~pl.col("applies")).fill_null(value=False).sum(),
    }
    counted = told.group_by("source").agg(pl.len().alias("all"), **counts)
    passed = pl.col("all") - pl.col("failed") - pl.col("unknown") - pl.col("not_applicable")
    named = counted.with_columns(passed=passed, entity=pl.lit(SUBMISSION), check=pl.lit(check.id))
    return named.select(pl.col(name).cast(dtype) for name, dtype in ANSWERS.items())


def _undecided(check: Check, told: pl.DataFrame) -> pl.DataFrame:
    unknown = told.filter(_verdict().is_null())
    return unknown.select("source", pl.lit(SUBMISSION).alias("entity"), "record", check=pl.lit(check.id))


__all__ = ["EXPORTS", "Submitted", "judge", "judged_from"]

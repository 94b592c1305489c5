"""Steps 4 and 5, over all people: services and lots, what reveals abuse, households, the safety flag."""

import polars as pl

from benchmarks.script.chunks import once
from benchmarks.script.read import Tables

ABUSE = ["SOC.DA", "SOC.DAP"]
LOT = "L8-DA"
TELLING = ("need", "advice", "signposting", "onward_referral")


def crossing(tables: Tables) -> None:
    """Add what no chunk can know alone."""
    for entity in list(tables):
        tables[entity] = once(tables[entity])
    tables["referral"] = _at_service(tables["referral"], tables["service"])
    _reveal(tables)
    _shared_numbers(tables)
    tables["person"] = tables["person"].with_columns(
        flag=pl.col("reference").is_in(_flagged(tables).implode())
    )


def _at_service(referrals: pl.DataFrame, services: pl.DataFrame) -> pl.DataFrame:
    """Return the referrals with the service and lot of their project, if it stands for one service alone."""
    offered = services.select("project", "part", target_service_id="reference", lot_code="lot_code")
    exact = offered.unique(["project", "part"], keep="none")
    alone = offered.drop("part").unique("project", keep="none")
    asked = referrals.select("project", "part").unique()
    found = asked.join(exact, on=["project", "part"], how="left", nulls_equal=True).join(
        alone, on="project", how="left", suffix="_alone"
    )
    found = found.select(
        "project",
        "part",
        target_service_id=pl.coalesce("target_service_id", "target_service_id_alone"),
        lot_code=pl.coalesce("lot_code", "lot_code_alone"),
    )
    return referrals.join(
        found, on=["project", "part"], how="left", nulls_equal=True, maintain_order="left"
    ).drop("project", "part")


def _reveal(tables: Tables) -> None:
    """Mark rows and cases that reveal domestic abuse, or of which it cannot be excluded."""
    marks = tables["service"].select(reference="reference", reveals=_for_abuse())
    running = tables["service"].select(reference="org_id", reveals=_for_abuse())
    typed = tables["organisation"].select(reference="reference", reveals="abuse")
    places = _strictest(pl.concat([typed, running]))
    code = (
        pl.when(pl.col("code").is_null() & ~pl.col("bad"))
        .then(pl.lit(value=False))
        .otherwise(pl.col("code").is_in(ABUSE))
    )
    tables["need"] = tables["need"].with_columns(reveals=pl.col("need_code").is_in(ABUSE))
    tables["advice"] = _coded(tables["advice"], "subcategory", code)
    sent = _coded(tables["signposting"], "reason_code", code)
    tables["signposting"] = _sent(sent, places, "to_org_id", pl.col("reveals"))
    onward = _sent(tables["onward_referral"], places, "to_org_id", None)
    service = onward.select(reference="to_service_id").join(
        _strictest(marks), on="reference", how="left", maintain_order="left"
    )["reveals"]
    named = pl.when(pl.col("to_service_id").is_null()).then(pl.lit(value=False)).otherwise(service)
    tables["onward_referral"] = onward.with_columns(reveals=pl.col("reveals") | named)
    cases = [
        tables[entity].filter(pl.col("reveals").ne_missing(pl.lit(value=False)))["referral_id"]
        for entity in TELLING
    ]
    telling = pl.concat(cases).drop_nulls().unique()
    service = (
        tables["referral"]
        .select(reference="target_service_id")
        .join(_strictest(marks), on="reference", how="left", maintain_order="left")["reveals"]
    )
    tables["referral"] = (
        tables["referral"]
        .with_columns(own_reveals=service)
        .with_columns(
            reveals=pl.when(pl.col("reference").is_in(telling.implode()))
            .then(pl.lit(value=True))
            .otherwise("own_reveals")
        )
    )


def _for_abuse() -> pl.Expr:
    return (pl.col("lot_code") == LOT).fill_null(False) | pl.col("abuse")


def _strictest(marked: pl.DataFrame) -> pl.DataFrame:
    unknown = pl.col("reveals").is_null().any()
    told = pl.when(pl.col("reveals").any()).then(True).when(~unknown).then(False)
    return marked.group_by("reference").agg(told.alias("reveals"))


def _coded(table: pl.DataFrame, name: str, code: pl.Expr) -> pl.DataFrame:
    bad = pl.col(f"bad.{name}") if f"bad.{name}" in table.columns else pl.lit(value=False)
    return table.with_columns(reveals=table.select(code=name, bad=bad).select(code).to_series())


def _sent(table: pl.DataFrame, places: pl.DataFrame, link: str, beside: pl.Expr | None) -> pl.DataFrame:
    told = table.select(reference=link).join(places, on="reference", how="left", maintain_order="left")
    mark = pl.lit(told["reveals"])
    return table.with_columns(reveals=mark if beside is None else mark | beside)


def _shared_numbers(tables: Tables) -> None:
    number = pl.col("nhs_number")
    digits = number.str.contains(r"^\d{10}$")
    tables["person"] = tables["person"].with_columns(
        nhs_shared=pl.when(digits).then(number).is_duplicated() & digits.fill_null(False)
    )


def _flagged(tables: Tables) -> pl.Series:
    """Return the references of everybody under the safety flag, households and shared numbers included."""
    person, address = tables["person"], tables["address"]
    unsafe = person.filter(pl.col("safe_to_contact").fill_null("yes") != "yes")["reference"]
    refuge = pl.col("address_type").fill_null("main") == "refuge"
    hidden = address.filter(refuge | pl.col("sensitive_location").fill_null(False))["person_id"]
    risky = tables["risk"].filter(pl.col("risk_code") == "domestic_abuse")["person_id"]
    rows = [
        tables[entity].filter(pl.col("reveals").ne_missing(pl.lit(value=False)))
        for entity in ("referral", *TELLING)
    ]
    cases = pl.concat([part["referral_id"] for part in rows[1:]]).drop_nulls().unique()
    through = tables["referral"].filter(pl.col("reference").is_in(cases.implode()))["person_id"]
    direct = pl.concat([unsafe, hidden, risky, through, *[part["person_id"] for part in rows]])
    circles = _circles(tables)
    touched = circles.filter(pl.col("person").is_in(direct.drop_nulls().unique().implode()))["label"].unique()
    spread = circles.filter(pl.col("label").is_in(touched.implode()))["person"]
    return pl.concat([direct, spread]).drop_nulls().unique()


def _circles(tables: Tables) -> pl.DataFrame:
    """Return the people who belong together: the same address, property, declared link or NHS number."""
    person, address, links = tables["person"], tables["address"], tables["relationship"]
    words = [
        pl.col(name).str.to_uppercase().str.replace_all("[^A-Z0-9]", "") for name in ("line1", "postcode")
    ]
    home = pl.concat_str(words, separator="|", ignore_nulls=False)
    number = pl.when(pl.col("nhs_shared")).then(pl.col("nhs_number"))
    found = pl.concat(
        [
            address.select(person="person_id", mark=home.hash(1)).filter(
                address.select(home.is_not_null()).to_series()
            ),
            address.filter(pl.col("uprn").is_not_null()).select(
                person="person_id", mark=pl.col("uprn").hash(2)
            ),
            links.select(person="person_id", mark=pl.col("reference").hash(3)),
            links.select(person="related_person_id", mark=pl.col("reference").hash(3)),
            person.filter(number.is_not_null()).select(person="reference", mark=pl.col("nhs_number").hash(4)),
        ]
    )
    edges = found.filter(pl.col("mark").is_duplicated() & pl.col("person").is_not_null())
    edges = edges.with_columns(label=pl.col("person").rank("dense"))
    while True:
        spread = edges.with_columns(label=pl.col("label").min().over("mark"))
        spread = spread.with_columns(label=pl.col("label").min().over("person"))
        if spread["label"].equals(edges["label"]):
            return spread.select("person", "label").unique("person")
        edges = spread

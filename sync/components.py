"""Who belongs together: the connected parts of people who share marks."""

import polars as pl


def components(links: pl.DataFrame) -> pl.DataFrame:
    """Return DataFrame[person, label]: equal labels are connected; people linked to nobody are absent.

    Labels spread from group to person and back until none changes: as many rounds as the longest
    chain, two or three in practice.
    """
    edges = links.filter(pl.col("mark").is_duplicated()).select("person", "mark", label="person")
    while True:
        spread = edges.with_columns(label=pl.col("label").min().over("mark"))
        spread = spread.with_columns(label=pl.col("label").min().over("person"))
        if spread["label"].equals(edges["label"]):
            break
        edges = spread
    labels = edges.select("person", "label").unique("person")
    return labels.filter(pl.col("label").is_duplicated())

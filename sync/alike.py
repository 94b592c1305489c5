"""Text as it is compared, never as it is sent: wide, raised and joined characters as plain ones."""

import polars as pl


def plain(text: pl.Expr) -> pl.Expr:
    """Return the text with each character in its plain form (Unicode NFKC): a wide 4 is a 4."""
    return text.map_batches(_plain, return_dtype=pl.String, is_elementwise=True)


def _plain(texts: pl.Series) -> pl.Series:
    """Return the texts; only those beyond ASCII, of which there are few, cost anything."""
    beyond = (texts.str.len_bytes() != texts.str.len_chars()).fill_null(value=False)
    if not beyond.any():
        return texts
    return texts.scatter(beyond.arg_true(), texts.filter(beyond).str.normalize("NFKC"))

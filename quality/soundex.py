"""How a name sounds: the code under which names written differently meet."""

import polars as pl

LENGTH = 4
SOUNDS = {"BFPV": "1", "CGJKQSXZ": "2", "DT": "3", "L": "4", "MN": "5", "R": "6"}
ACCENTED = dict(zip("ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝŠŽŁ", "AAAAAACEEEEIIIINOOOOOOUUUUYSZL", strict=True))


def soundex(names: pl.Series) -> pl.Series:
    """Return the American Soundex code of each name; null where it holds no letter from A to Z.

    Source:  the United States National Archives: letters of one code that stand together, or with H or W
             between them, are one; a vowel between them parts them.
    """
    name = pl.col("name")
    unique = names.alias("name").unique().drop_nulls().to_frame()
    bare = name.str.to_uppercase().str.replace_many(ACCENTED).str.replace_all("[^A-Z]", "")
    coded = unique.with_columns(bare=bare).with_columns(first=pl.col("bare").str.slice(0, 1))
    digits = pl.col("bare").str.replace_all("(.)[HW]+", "$1")
    digits = digits.str.replace_many({letter: code for letters, code in SOUNDS.items() for letter in letters})
    for code in SOUNDS.values():
        digits = digits.str.replace_all(f"{code}+", code)
    later = digits.str.slice(1).str.replace_all("[^1-6]", "")
    whole = (pl.col("first") + later + "000").str.slice(0, LENGTH)
    told = coded.select("name", code=pl.when(pl.col("first") != "").then(whole))
    return names.replace_strict(told["name"], told["code"], default=None, return_dtype=pl.String)

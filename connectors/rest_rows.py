"""The rows of one export on their way into the spool, each record once, however many answers hold it."""

import hashlib

import polars as pl

from connectors.errors import SourceChanged
from connectors.patience import Anew
from connectors.reception import Reception
from connectors.rest_columns import as_csv
from connectors.rest_errors import RecordTwice

NOTHING = pl.DataFrame(schema={"id": pl.String, "content": pl.UInt64})


class Rows:
    """Takes tables of several answers to one question.

    rows: distinct records so far. repeated: records that another answer had given before.
    """

    def __init__(self, reception: Reception, name_of_id: str, fields: tuple[str, ...]) -> None:
        self._reception, self._id = reception, name_of_id
        self._earlier, self._now = NOTHING, [NOTHING]
        self.rows = self.repeated = 0
        reception.take(as_csv(pl.DataFrame(schema=dict.fromkeys(fields, pl.String)), header=True))

    def end_answer(self) -> None:
        """Tell that what follows is another answer, which may hold records that came before.

        Errors: Anew (RecordTwice), if the answer held two records of one id: then it may lack another.
        """
        now = pl.concat(self._now)
        twice = now["id"].len() - now["id"].n_unique()
        if twice:
            raise Anew(RecordTwice, f"{twice} of {now.height} records")
        self._earlier, self._now = pl.concat([self._earlier, now]), [NOTHING]

    def take(self, table: pl.DataFrame) -> None:
        """Write the records that no earlier answer held. Errors: Anew, if one has changed since."""
        marks = pl.DataFrame({"id": table[self._id], "content": table.hash_rows()})
        if not self._earlier.is_empty():
            met = marks.join(self._earlier, on="id", how="left", maintain_order="left", suffix="_before")
            new = met["content_before"].is_null()
            if not (new | (met["content"] == met["content_before"])).all():
                raise Anew(SourceChanged, "a record changed while it was being read")
            table, marks = table.filter(new), marks.filter(new)
            self.repeated += new.len() - table.height
        self._now.append(marks)
        self.rows += table.height
        if not table.is_empty():
            self._reception.take(as_csv(table, header=False))


class Fingerprint:
    """Whether two answers are one: the digest of all their rows."""

    def __init__(self) -> None:
        self._digest, self.rows = hashlib.sha256(), 0

    def take(self, table: pl.DataFrame) -> None:
        """Add the next rows."""
        self._digest.update(table.hash_rows().to_arrow().buffers()[1])
        self.rows += table.height

    @property
    def value(self) -> bytes:
        """Return the digest; that of no rows at all is like no other."""
        return self._digest.digest() if self.rows else b""

"""People's choices and legal stops: the kinds there are, and how a record that one stops is marked."""

from enum import StrEnum

import polars as pl

STOP = "_stop"
"""The column that says what stops a record: an index into STOP_WORDS, and HOLDS added where it only holds."""
HOLDS = 64


class Choice(StrEnum):
    """The kinds of choice and legal stop that have a register."""

    FORGOTTEN = "forgotten"
    COURT_ORDER = "court_order"
    RESTRICTION = "art18_restriction"
    OBJECTION = "art21_objection"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OPT_OUT = "national_data_opt_out"

    @property
    def by_number(self) -> bool:
        """Return whether the register names people by NHS number, not by a provider's reference."""
        return self is Choice.OPT_OUT

    @property
    def plain(self) -> str:
        """Return what an example calls it: the kind without the number of its article."""
        return self.value.removeprefix("art18_").removeprefix("art21_")

    @property
    def may_be_set_aside(self) -> bool:
        """Return whether a decision may override one person's choice (UK GDPR Art. 21(1))."""
        return self is Choice.OBJECTION


NOT_CHECKED = "choice:opt_out_not_checked"
REGISTER = "register:"
"""How the reason begins of whoever stays because a register cannot be relied on."""
STOP_WORDS = (
    "",
    *(f"choice:{choice}" for choice in Choice),
    NOT_CHECKED,
    *(f"{REGISTER}{choice}" for choice in Choice),
)
"""The reasons, in the order in which they win where several stop one record."""


def stop_of(choice: Choice, *, holds: bool = False) -> int:
    """Return the number of a choice that stops somebody."""
    return STOP_WORDS.index(f"choice:{choice}") + HOLDS * holds


def not_checked(*, holds: bool = False) -> int:
    """Return the number for somebody whose opt-out could not be asked for: no usable NHS number."""
    return STOP_WORDS.index(NOT_CHECKED) + HOLDS * holds


def register_stop(choice: Choice, *, holds: bool = False) -> int:
    """Return the number for everybody whom a register governs that cannot be relied on: withheld, or held."""
    return STOP_WORDS.index(f"{REGISTER}{choice}") + HOLDS * holds


def stop_words(stop: pl.Expr) -> pl.Expr:
    """Return the reason that the number stands for."""
    words = pl.Series("words", STOP_WORDS)
    return pl.lit(words).gather((stop % HOLDS).cast(pl.UInt32))

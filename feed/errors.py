"""What can stop the figures from being built: errors about the warehouse file, never about a record."""

from common.errors import Answer, Failure, ViaductError


class WarehouseNotThere(ViaductError):
    """The warehouse file that the figures are counted from does not exist or cannot be opened."""

    code = "E950"
    exit_code = 50
    title = "The warehouse cannot be read, so no figures were built."
    answer = Answer.PUT_RIGHT
    failure = Failure.SYSTEM
    remedy = "Load a batch first, then: python run_sync.py load"


class PeriodNotUnderstood(ViaductError):
    """The period asked for is not one of the fixed calendar."""

    code = "E956"
    exit_code = 2
    title = "Figures are published for whole months, financial quarters and financial years only."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Write it as 2022-23-Q3, 2022-04, 2022-04..2022-11 (ten years at most) or 2022-23."


class PeriodNotBegun(ViaductError):
    """The warehouse tells of no day of the period yet, so its noughts would say that nobody came."""

    code = "E958"
    exit_code = 2
    title = "The period had not begun when the warehouse was last filled, so no figures were built."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Ask for an earlier period, or load the batches that have come since: python run_sync.py load"


class CountsTooLarge(ViaductError):
    """A part of the warehouse needed more memory than counting may take, and nothing is spilt to a disk."""

    code = "E957"
    exit_code = 50
    title = "A part of the warehouse is more than is counted in memory, so no figures were built."
    answer = Answer.PUT_RIGHT
    failure = Failure.SYSTEM
    remedy = "Tell the Viaduct team how many referrals there are: ROWS_IN_PART in feed/parts.py must be less."

"""What can go wrong on the council's side, apart from a refused batch (which is an answer, not an error)."""

from common.errors import Answer, Failure, ViaductError

NOTHING_LOADED = "Nothing was loaded; the published warehouse is as it was."


class WarehouseUnavailable(ViaductError):
    """The warehouse cannot be written: disk, rights, or a program that holds the file."""

    code = "E511"
    exit_code = 50
    title = "The warehouse cannot be written."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = "Look at its folder: space, rights, programs that hold the file. Then: python run_sync.py load"


class LoadUnderWay(ViaductError):
    """Another load is at work on this warehouse."""

    code = "E512"
    exit_code = 75
    title = "Another load is at work on this warehouse."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = "Wait for it to end, then: python run_sync.py load"


class HoldUnknown(ViaductError):
    """A legal hold names a flow or an entity that the warehouse does not have, so it would hold nothing."""

    code = "E514"
    exit_code = 10
    title = "A legal hold would hold nothing."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Correct site.yaml, retention.holds, then: python run_sync.py retention apply --dry-run"


class WarehouseUnreadable(ViaductError):
    """The published file is not a warehouse that Viaduct wrote."""

    code = "E513"
    exit_code = 50
    title = "The warehouse cannot be read."
    answer = Answer.PUT_RIGHT
    failure = Failure.SYSTEM
    remedy = "Restore the file from a backup. Load nothing into a new one before that was tried."

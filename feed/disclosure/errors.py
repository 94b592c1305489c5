"""What keeps counts from leaving: nobody said how they are protected, or they could be worked out."""

from common.errors import Answer, Failure, ViaductError


class ControlUnknown(ViaductError):
    """The warehouse was never told how figures made of the flow hide small counts."""

    code = "E952"
    exit_code = 11
    title = "Nobody has said how these figures are to hide small counts, so none were made."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = (
        "Information governance names the flow under disclosureControl in the assessment. After the next "
        "night: python run_sync.py load"
    )


class NumbersGivenAway(ViaductError):
    """Somebody with the tables of this release, and of those before it, could work out a small number."""

    code = "E953"
    exit_code = 30
    title = "A small number could be worked out from the published tables, so nothing was published."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = "Information governance reads the report in var/small_numbers; report it to the Viaduct team."
    lists_places = True


class FiguresMoved(ViaductError):
    """Figures that were published have changed before their next day of publication."""

    code = "E954"
    exit_code = 30
    title = "Published figures have changed since, and it is not yet time to publish them again."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = (
        "Wait for that day; or, where it cannot wait, publish a revision: python run_sync.py feed --revise"
    )
    lists_places = True


class ReleasedUnreadable(ViaductError):
    """The file that holds what was released cannot be read, or is not one that this version wrote."""

    code = "E955"
    exit_code = 50
    title = "What was released before cannot be read, so nothing new was compared with it."
    answer = Answer.PUT_RIGHT
    failure = Failure.SYSTEM
    remedy = (
        "Put released.sqlite and sums.csv in var/state/feed/ back from the last backup: without them, one "
        "release may be subtracted from another."
    )

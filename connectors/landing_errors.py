"""What can go wrong with the landing zone."""

from common.errors import Answer, Failure, ViaductError


class LandingUnavailable(ViaductError):
    """The landing zone can not be written or read."""

    code = "E501"
    exit_code = 50
    title = "The landing zone can not be used."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = "Look at the landing zone's folder, its rights and its space, then: python run_sync.py run"


class BatchDiffers(ViaductError):
    """The landing zone holds another batch under this name; neither was changed."""

    code = "E502"
    exit_code = 50
    title = "The landing zone holds another batch under this name."
    answer = Answer.STOP
    failure = Failure.SYSTEM
    remedy = "Stop the schedule and compare the outbox with the landing zone before another run."


class BatchNotWhole(ViaductError):
    """A batch, file or receipt asked for is not in the landing zone."""

    code = "E503"
    exit_code = 50
    title = "A batch in the landing zone is not whole."
    answer = Answer.STOP
    failure = Failure.SYSTEM
    remedy = "Ask the sending side to publish the batch again from its outbox: python run_sync.py run"

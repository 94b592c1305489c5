"""What can go wrong with the landing zone."""

from common.errors import Answer, Failure, ViaductError


class LandingFault(ViaductError):
    """Something of a landing zone that its place met; whoever asked says of which batch."""


class LandingUnavailable(LandingFault):
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


class LandingRefusesUs(LandingFault):
    """The landing zone did not let this account in; it was tried once only."""

    code = "E504"
    exit_code = 50
    title = "The landing zone refuses the account."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = (
        "Renew the key or password named under landing in site.yaml, then: python run_sync.py check --connect"
    )


class LandingKeepsNothing(LandingFault):
    """The landing zone said that a file was kept, and gave back other bytes or none; no manifest followed."""

    code = "E505"
    exit_code = 50
    title = "The landing zone does not keep what it is given."
    answer = Answer.STOP
    failure = Failure.SYSTEM
    remedy = "Ask whoever runs the landing zone about its disk and its quota, then: python run_sync.py run"


class LandingNotTrusted(LandingFault):
    """The landing zone's certificate is not one we trust; no key and no byte of a batch was sent."""

    code = "E506"
    exit_code = 50
    title = "The landing zone's certificate is not one we trust."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = (
        "Ask whoever runs the landing zone whether it changed; a private authority's certificate goes into "
        "landing.ca_file."
    )

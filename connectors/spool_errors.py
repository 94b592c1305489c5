"""What can go wrong with the place where bytes wait during a run, other than damage."""

from common.errors import Answer, Failure, ViaductError


class SpoolFull(ViaductError):
    """What waits on disk in one run has come to the ceiling that the site sets."""

    code = "E342"
    exit_code = 22
    title = "More waits on disk than one run may hold."
    answer = Answer.PUT_RIGHT
    failure = Failure.DATA
    remedy = "If so much is right, raise limits: spool_megabytes in site.yaml, then: python run_sync.py run"


class SpaceShort(ViaductError):
    """The disk has less free room than the site wants to be left."""

    code = "E343"
    exit_code = 50
    title = "The disk has too little free room for a run."
    answer = Answer.PUT_RIGHT
    failure = Failure.TRANSIENT
    remedy = "Make room on the site's disk (free_megabytes in site.yaml), then: python run_sync.py run"

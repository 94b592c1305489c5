"""What can stop a release from being published, or from being believed."""

from common.errors import Answer, Failure, ViaductError


class ReleaseAltered(ViaductError):
    """A published release is not what its publisher signed."""

    code = "E960"
    exit_code = 40
    title = "A published release is not what was signed."
    answer = Answer.STOP
    failure = Failure.DATA
    remedy = (
        "Do not quote it. Fetch it again from the council and verify again; on the council's own disk:"
        " put the folder back from the last backup."
    )
    lists_places = True


class ReleaseNotThere(ViaductError):
    """A folder holds no release that this version of Viaduct can read."""

    code = "E961"
    exit_code = 50
    title = "There is no published release here."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Name the folder that holds datapackage.json and datapackage.json.sig."


class ReleaseUnsound(ViaductError):
    """A table of a release is not what its own contract says, so nothing was published."""

    code = "E962"
    exit_code = 30
    title = "A table of the release breaks its own contract, so nothing was published."
    answer = Answer.STOP
    failure = Failure.DATA
    remedy = "The edition before stays in force. Report the code and the lines to the Viaduct team."
    lists_places = True


class FeedUnderWay(ViaductError):
    """Another feed is being built into the same folder."""

    code = "E963"
    exit_code = 75
    title = "Another feed is being built here."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = "Wait for it to end, then type the command again."

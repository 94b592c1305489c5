"""What can go wrong with the disclosure log."""

from common.errors import Answer, Failure, ViaductError


class DisclosureLogBroken(ViaductError):
    """The log is not what was signed: a line or a checkpoint is missing, changed, moved or added."""

    code = "E601"
    exit_code = 60
    title = "The disclosure log does not verify."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = "Run nothing, keep the folder as it is, tell information governance; restore a copy they trust."


class LeafRefused(ViaductError):
    """A leaf is not of a kind the log holds, or its identity stands for something else already."""

    code = "E602"
    exit_code = 70
    title = "The disclosure log was handed a leaf it may not hold."
    answer = Answer.STOP
    failure = Failure.SYSTEM


class SecretsUnreadable(ViaductError):
    """The table of people's secrets, from which the tags of the log are made, cannot be read or written."""

    code = "E603"
    exit_code = 70
    title = "The table of people's log secrets cannot be read."
    answer = Answer.STOP
    remedy = "Restore var/state from the backup; see docs/how_to/restore.md."


class ProofRefused(ViaductError):
    """A proof or a statement does not show what it says, or is signed by another key."""

    code = "E604"
    exit_code = 60
    title = "A proof or statement does not hold."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = "Believe nothing of it; ask whoever sent it for another, and tell information governance."


class OpeningFallsShort(ViaductError):
    """What opens a batch lacks rows that the flow took back later, or of people who were forgotten since."""

    code = "E611"
    exit_code = 30
    title = "This batch cannot be shown whole any more; nothing says that it is wrong."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = (
        "Nothing is shown of this batch, neither for it nor against it: ask it of a later batch, and of each"
        " new one before anything of it is taken back."
    )


class ReleaseWithheld(ViaductError):
    """Whoever filled in the release form found a reason why nothing may be told of this person."""

    code = "E605"
    exit_code = 30
    title = "The release form says that this may not be told."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = "Nothing was told; that it was asked is in the log. Speak to the data protection officer."


class ReidentificationRefused(ViaductError):
    """Whose the rows are may not be told to whoever asks, or two people have not approved it."""

    code = "E607"
    exit_code = 30
    title = "Whose these rows are may not be told."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = "Nothing was told; that it was asked is in the log. Speak to information governance."


class ApprovalUnreadable(ViaductError):
    """A file is no approval as `audit approve` writes it."""

    code = "E608"
    exit_code = 10
    title = "This is no approval."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Let the approver write it anew: python run_sync.py audit approve QUESTION --as NAME"


class NotWitnessed(ViaductError):
    """A witness may not cosign, or what came back is no cosignature of a witness that is known here."""

    code = "E606"
    exit_code = 60
    title = "This checkpoint is not witnessed."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = (
        "Sign nothing by hand; keep what came, tell information governance at the council and at the charity."
    )


class NotInTheLog(ViaductError):
    """What an incident or a proof is asked about is something of which the disclosure log does not tell."""

    code = "E609"
    exit_code = 60
    title = "The disclosure log tells of nothing of this name."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = (
        "Look at what was typed. If it is right, something may have left past the log: stop the schedule and"
        " tell information governance at once."
    )


class BundleThere(ViaductError):
    """The folder for an auditor's bundle holds something already; two bundles in one would be neither."""

    code = "E610"
    exit_code = 2
    title = "The folder for the bundle is not empty."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Name a new folder with --out; nothing was written."


class StatementNotMade(ViaductError):
    """The run is whole and all of it is kept, but its signed disclosure statement could not be written."""

    code = "E612"
    exit_code = 70
    title = "The disclosure statement of a run could not be written."
    answer = Answer.PUT_RIGHT
    failure = Failure.SYSTEM
    remedy = (
        "Put right what is named; the next run makes up every statement that is lacking, or now: "
        "python run_sync.py audit statement latest"
    )

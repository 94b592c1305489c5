"""What can go wrong with a provider's drop; the night's data are sent all the same."""

from common.errors import Answer, Failure, ViaductError

REST_STANDS = "The night's data are not touched by this; the other providers got theirs."


class DropFault(ViaductError):
    """Something of a provider's drop that its place met."""


class DropUnavailable(DropFault):
    """A provider's drop can not be written or read; it is tried again after the next run."""

    code = "E941"
    exit_code = 50
    title = "A provider's drop can not be used."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = "Look at that folder or server, its rights and its space; the next run tries again."


class DropRefusesUs(DropFault):
    """A provider's drop did not let this account in; it was tried once only."""

    code = "E942"
    exit_code = 50
    title = "A provider's drop refuses the account."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = (
        "Renew the key or password named under its worklist in providers.yaml, then: "
        "python run_sync.py check --connect"
    )


class DropOfAnother(DropFault):
    """A drop holds the worklist of another provider, or of another site; nothing was laid into it."""

    code = "E943"
    exit_code = 50
    title = "A drop belongs to another provider or site."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = "See whose folder it is, and correct providers.yaml; if it has changed hands, empty the folder."


class DropKeepsNothing(DropFault):
    """A drop said that a file was kept, and gave back other bytes or none."""

    code = "E944"
    exit_code = 50
    title = "A provider's drop does not keep what it is given."
    answer = Answer.PUT_RIGHT
    failure = Failure.SYSTEM
    remedy = "Ask whoever runs that server about its disk and its quota; the next run tries again."

"""What can stop published figures from being shown in a database; the release itself then stands on disk."""

from common.errors import Answer, Failure, ViaductError

AS_BEFORE = "The release stands in its folder; the views show what they showed before."


class ViewsNotWritten(ViaductError):
    """The database of published figures cannot be written: disk, rights, or a program that holds the file."""

    code = "E965"
    exit_code = 50
    title = "The views of what is published were not brought up to date."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = (
        "Look at the folder (space, rights, programs that hold the file) or at the server; then type the "
        "feed command again."
    )


class ViewsServerNotReady(ViaductError):
    """The PostgreSQL server is not set up for the role that publishes: password, schemas or rights."""

    code = "E966"
    exit_code = 50
    title = "The server is not set up for the views of what is published."
    answer = Answer.PUT_RIGHT
    failure = Failure.SYSTEM
    remedy = "Let its administrator run what this prints: python run_sync.py feed --print-grants"


class ReaderSeesMore(ViaductError):
    """The role that publishes, or that of the readers, may read what is not published."""

    code = "E967"
    exit_code = 30
    title = "A role of the published figures may read more than the published figures."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = (
        "Let the server's administrator revoke it, from the role or from PUBLIC; then type the command again."
    )

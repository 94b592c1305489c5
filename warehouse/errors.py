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


class TooLittleMemory(ViaductError):
    """This host had no memory left to open a file of a batch; that says nothing of the batch."""

    code = "E522"
    exit_code = 50
    title = "There was too little memory to open a file of a batch."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = "Look what else takes the memory of this host, or give it more. Then: python run_sync.py load"


class WarehouseServerFailed(ViaductError):
    """The PostgreSQL server cannot be reached, or stopped answering before it was done."""

    code = "E515"
    exit_code = 50
    title = "The warehouse server did not do what it was asked."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = "Look whether it runs and has space, and at the network. Then: python run_sync.py load"


class WarehouseServerNotTrusted(ViaductError):
    """Whoever answers at the warehouse's address cannot prove to be the warehouse."""

    code = "E516"
    exit_code = 50
    title = "Whoever answers for the warehouse is not proved to be it."
    answer = Answer.PUT_RIGHT
    failure = Failure.SYSTEM
    remedy = "Ask the server's administrator for its name and CA; correct site.yaml. Never weaken sslmode."


class WarehouseServerNotReady(ViaductError):
    """The PostgreSQL server is not set up for the loader's role: password, rights, or what it logs."""

    code = "E517"
    exit_code = 50
    title = "The warehouse server is not set up for the loader."
    answer = Answer.PUT_RIGHT
    failure = Failure.SYSTEM
    remedy = "Let its administrator run what this prints: python run_sync.py load --print-grants"


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


class WarehouseIsNewer(ViaductError):
    """A later version of Viaduct has loaded into this warehouse, in a form that is not known here."""

    code = "E523"
    exit_code = 50
    title = "The warehouse was loaded by a later version of Viaduct."
    answer = Answer.PUT_RIGHT
    failure = Failure.SYSTEM
    remedy = "Install that version again, or a later one; then: python run_sync.py load"


class LakeNotOurs(ViaductError):
    """The folder that is to hold the lake holds something else, or a lake of another kind or warehouse."""

    code = "E518"
    exit_code = 50
    title = "The folder of the lake holds something that Viaduct did not publish there."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Name an empty folder that nobody else writes into. Then: python run_sync.py load"


class LakeNotPublished(ViaductError):
    """The lake cannot be written: disk, rights, or what was written there is not what is in the warehouse."""

    code = "E519"
    exit_code = 50
    title = "The lake was not published."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = "Look at its folder: space, rights, programs that hold its files. Then: python run_sync.py load"


class LakeNotCleared(ViaductError):
    """Nothing older was to stay in the lake, and files that its pointer does not name still lie there."""

    code = "E521"
    exit_code = 50
    title = "Rows that were removed may still lie in the lake."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = (
        "End what holds its files, see to rights, or take its folder away; then start the same verb again."
    )


class DestinationFailed(ViaductError):
    """The database that is written through dlt did not take the rows, or holds others than it was given."""

    code = "E520"
    exit_code = 50
    title = "The destination does not show what the warehouse holds."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = "Look whether it runs, has space and takes the account. Then: python run_sync.py load"

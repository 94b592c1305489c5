"""What can go wrong with a run as a whole."""

from common.errors import Answer, Failure, ViaductError


def nothing_of(flow: str) -> str:
    """Return what is said of a flow that was stopped alone: other flows of the night may have sent."""
    return f"Nothing of flow {flow} was sent."


class ConservationBroken(ViaductError):
    """A balance does not add up: a row or record has no fate, or two. The run changes nothing."""

    code = "E801"
    exit_code = 61
    title = "Conservation is broken: a count in does not equal the counts out."
    answer = Answer.STOP
    failure = Failure.SYSTEM
    remedy = "Do not run again. Keep the log and the run summary and report the code to the Viaduct team."


class BrakeDrop(ViaductError):
    """Far fewer records than usual: more often a permission or a template than a hundred closures."""

    code = "E802"
    exit_code = 23
    title = "The brake is on: far fewer records than usual."
    answer = Answer.PUT_RIGHT
    failure = Failure.DATA
    remedy = (
        "Check permissions and the saved extract; if the drop is real: python run_sync.py run --accept-drop"
    )


class ViewNarrowed(ViaductError):
    """The account sees less than before: what is gone is taken for no closure and for no erasure."""

    code = "E811"
    exit_code = 23
    title = "The account sees less than before, and records or identities are gone with it."
    answer = Answer.PUT_RIGHT
    failure = Failure.DATA
    remedy = (
        "Ask the provider to give the account back what it saw, then run again; if the change is meant: "
        "python run_sync.py run --accept-drop"
    )


class BrakeGrowth(ViaductError):
    """Far more records than usual, or the first run of a flow."""

    code = "E803"
    exit_code = 23
    title = "The brake is on: far more records than usual, or the first run of a flow."
    answer = Answer.PUT_RIGHT
    failure = Failure.DATA
    remedy = (
        "Look with --dry-run; what a register took back while it could not be relied on counts as new. If the"
        " growth is right: python run_sync.py run --accept-growth"
    )


class BrakeFlagged(ViaductError):
    """The share of a provider's people who are emptied for their safety is new, or not what was accepted."""

    code = "E816"
    exit_code = 23
    title = "The brake is on: nobody has accepted how many people are under the safety flag."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = (
        "Let information governance look at the grounds with --dry-run; if they are right: "
        'python run_sync.py run --accept-flagged "NAME, ROLE" (docs/how_to/go_live.md)'
    )


class TripwireMet(ViaductError):
    """More rows, more people never sent before, or sooner than was agreed: a person looks first."""

    lists_places = True
    code = "E832"
    exit_code = 23
    title = "A tripwire of the assessment: the whole file waits for review."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = (
        "Let information governance look with --dry-run; if it is right: "
        'python run_sync.py run --flow FLOW --accept-volume "NAME, ROLE" (docs/how_to/tripwires.md)'
    )


class OtherRecipient(ViaductError):
    """The key that this site seals to is not the one that the assessment names for the flow."""

    code = "E834"
    exit_code = 40
    title = "The recipient's key is not the one that the assessment names."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = "Find out who changed keys/council.pub; ask information governance which key is right."


class RecipientOutOfReach(ViaductError):
    """A recipient still has rows of people whom a register stops, and nothing says any more how to tell."""

    lists_places = True
    code = "E835"
    exit_code = 11
    title = "The recipient of a flow that rests cannot be told to withdraw."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = "Put back what is named; until then tell that recipient yourselves (docs/how_to/choices.md)."


class ClockMoved(ViaductError):
    """The clock was set while the run was at work: whether anything is in force today is not certain."""

    code = "E833"
    exit_code = 11
    title = "The clock was set while the run was at work."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = "Let this machine keep time by the network, see what the time is, then: python run_sync.py run"


class CanaryReleased(ViaductError):
    """An invented person who must never be seen was about to be sent: a rule does not do what it says."""

    code = "E819"
    exit_code = 30
    title = "A canary was about to be sent."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = "Nothing left. Tell information governance and the Viaduct team; see docs/how_to/canaries.md."


class RunHoldsLock(ViaductError):
    """Another run is at work on this site."""

    code = "E804"
    exit_code = 75
    title = "Another run holds the lock."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = "Wait for it to end: python run_sync.py status"


class BatchRefused(ViaductError):
    """The council side refused a batch and signed why."""

    code = "E805"
    exit_code = 51
    title = "The council side refused a batch."
    answer = Answer.PUT_RIGHT
    failure = Failure.SYSTEM
    remedy = "Read the reason in the receipt; the next run seals the records again under the next number."


class StateBehind(ViaductError):
    """The council side knows another batch of this number: this machine remembers an older night."""

    code = "E818"
    exit_code = 51
    title = "The council side is ahead: this machine's state is of an older night."
    answer = Answer.STOP
    failure = Failure.SYSTEM
    remedy = "Put back the newest var/state, var/log and landing zone together; see docs/how_to/restore.md."


class ReceiptOverdue(ViaductError):
    """A delivered batch has no receipt within the time the site allows."""

    code = "E806"
    exit_code = 50
    title = "A delivered batch has no receipt."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = (
        "On the council side: python run_sync.py load. Then run again here. If its bytes are gone for good: "
        "docs/how_to/lost_batch.md"
    )


class ReceiptUnusable(ViaductError):
    """What lies in the landing zone as a receipt is not one that the council side signed."""

    code = "E809"
    exit_code = 40
    title = "A receipt is not one that the council side signed."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = "Ask the council side who wrote into the landing zone; move the file aside, then run again."


class CertificateUnusable(ViaductError):
    """What lies in the landing zone as a certificate is not one of the council side's, or not the next."""

    code = "E830"
    exit_code = 40
    title = "A certificate of removal is not one that the council side signed, or not the next."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = "Ask the council side who wrote into the landing zone; move the file aside, then run again."


class KeyTooOld(ViaductError):
    """A key that seals or signs is older than the assessment allows; nothing is sent under it."""

    code = "E831"
    exit_code = 11
    title = "A key is older than the assessment allows."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = (
        "Change the key that is named, signing or council (docs/how_to/rotate_batch_keys.md): "
        "python run_sync.py keys rotate signing"
    )


class StaleExport(ViaductError):
    """A source's data are older than those of its last accepted pull, or from the future."""

    code = "E810"
    exit_code = 22
    title = "The source's data are older than last time, or from the future."
    answer = Answer.PUT_RIGHT
    failure = Failure.DATA
    remedy = "Find out which export was laid down, or which clock is wrong; give the newest, then run again."


class CellsUnreadable(ViaductError):
    """Most cells of a field, or far more than last time, cannot be read: a new wording, or another format."""

    code = "E812"
    exit_code = 22
    title = "What came is not what the mapping is for: many cells of a field cannot be read."
    answer = Answer.PUT_RIGHT
    failure = Failure.DATA
    remedy = (
        "Give the mapping the new wording or format, or undo it in the source; to take the cells as blank: "
        "python run_sync.py run --accept-drop"
    )


class CellsEmptied(ViaductError):
    """A field that was filled is blank in all rows, or in far more than last time."""

    code = "E817"
    exit_code = 23
    title = "A field that was filled is blank now: the account may no longer see it."
    answer = Answer.PUT_RIGHT
    failure = Failure.DATA
    remedy = (
        "Ask the provider whether the field was taken from the account or the extract; if it is right: "
        "python run_sync.py run --accept-drop"
    )


class SameExportTwice(ViaductError):
    """Two exports hold the same rows, so at least one of them is not what its name says."""

    code = "E813"
    exit_code = 22
    title = "Two exports hold the same rows."
    answer = Answer.PUT_RIGHT
    failure = Failure.DATA
    remedy = "Look at both extracts in the source, or at both dropped files, then: python run_sync.py run"


class RunOutOfTime(ViaductError):
    """The run took longer than --timeout, or the schedule, allows; it stopped between two of its steps."""

    code = "E807"
    exit_code = 20
    title = "The run took longer than it may."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = (
        "Allow more (--timeout, longest_run_minutes), or see which source is slow: python run_sync.py status"
    )


class StateUnreadable(ViaductError):
    """A file under var/state is not what Viaduct wrote there."""

    code = "E808"
    exit_code = 70
    title = "A state file cannot be read."
    answer = Answer.STOP
    remedy = "Restore var/state from the backup; see docs/how_to/restore.md."


class StateLost(ViaductError):
    """Files under var/state are missing, or are not of one night; going on would forget what was sent."""

    code = "E815"
    exit_code = 70
    title = "State files are missing, or do not belong together."
    answer = Answer.STOP
    remedy = "Restore var/state as a whole from the backup; see docs/how_to/restore.md."

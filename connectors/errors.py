"""What may go wrong outside: a source is away or refuses us, what came is no export, the landing is away."""

from common.errors import Answer, Failure, ViaductError


class SourceUnavailable(ViaductError):
    """The source gave no usable answer, and the retries of this run are spent."""

    code = "E301"
    exit_code = 20
    title = "The source gave no usable answer."
    answer = Answer.TRY_AGAIN
    failure = Failure.TRANSIENT
    remedy = "Look whether the source is up, then: python run_sync.py check --connect"


class SourceBusy(SourceUnavailable):
    """The source asked us to wait, longer or more often than one run may."""

    code = "E302"
    title = "The source asks us to wait for longer than a run may."
    remedy = "Wait as long as the source asks, then: python run_sync.py run"


class SourceLeadsAway(SourceUnavailable):
    """The source sent us to another host; nothing was followed and no credential went there."""

    code = "E303"
    title = "The source sends us to another host."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = "Ask the source's owner for its right address, and write it in the source's file."


class SourceChanged(SourceUnavailable):
    """The source's data moved on while it was being read, so the exports are not one snapshot."""

    code = "E304"
    title = "The source's data changed while it was being read."
    remedy = "Nothing needs mending: python run_sync.py run"


class FilesNotReady(SourceUnavailable):
    """The folder holds no complete set of exports yet, or a file of it is still growing."""

    code = "E305"
    title = "The folder holds no complete set of exports yet."
    failure = Failure.DATA
    remedy = "Wait until every file has been dropped, then: python run_sync.py run"


class SourceTooSlow(SourceUnavailable):
    """One answer took longer than it may, however steadily it came; it was cut off and nothing of it kept."""

    code = "E306"
    title = "One answer of the source took longer than it may."
    remedy = "Ask the source's owner why it is so slow, or raise answer_seconds under limits, then run again."


class CertificateNotTrusted(SourceUnavailable):
    """The source's certificate is not one we trust, or no encryption was agreed; no credential was sent."""

    code = "E307"
    title = "The source's certificate is not one we trust."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = "Ask the source's owner whether it changed; a private authority's certificate goes into ca_file."


class NoSeatFree(SourceUnavailable):
    """Every seat that the licence counts is taken by somebody else; it was asked for once only."""

    code = "E308"
    title = "Every seat of the source is taken."
    remedy = (
        "Run at an hour when fewer people work, or use the REST API or dropped files, which take no seat."
    )


class AuthorityUnreadable(ViaductError):
    """The file of trusted certificates that the source's file names can not be read."""

    code = "E309"
    exit_code = 10
    title = "The file of trusted certificates can not be read."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Correct ca_file in the source's file, then: python run_sync.py check --connect"


class CredentialsRefused(ViaductError):
    """The source refused the name or the password; it was tried once only."""

    code = "E311"
    exit_code = 21
    title = "The source refused the credentials."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Renew the secret named in the source's file, then: python run_sync.py check --connect"


class AccountLocked(CredentialsRefused):
    """The account is locked; another try would only prolong it."""

    code = "E312"
    title = "The source has locked the account."
    remedy = "Ask the source's administrator to unlock the account, then: python run_sync.py check --connect"


class AccessRefused(CredentialsRefused):
    """The account may sign in, but not take this extract."""

    code = "E313"
    title = "The source does not let this account take the extract."
    remedy = "Ask the source's administrator for that right, then: python run_sync.py check --connect"


class BasisRefused(CredentialsRefused):
    """The source offers no lawful basis of the name that the source's file gives."""

    code = "E314"
    title = "The source does not offer the lawful basis we are to choose."
    remedy = "Correct lawful_basis in the source's file, then: python run_sync.py check --connect"


class AddressNotSafe(CredentialsRefused):
    """The address is not https, so no credential was sent to it."""

    code = "E315"
    title = "The source's address is not https."
    remedy = "Write the https address in the source's file, then: python run_sync.py check"


class PinDemanded(CredentialsRefused):
    """The source asks for a PIN that only a person receives, so nobody can sign in at night."""

    code = "E316"
    title = "The source asks for a PIN, which only a person can give."
    remedy = "Use the source's REST API (connector charitylog_rest) or files that a person drops (folder)."


class PasswordExpired(CredentialsRefused):
    """The password has expired, and the source wants a new one before anything else; we choose none."""

    code = "E317"
    title = "The password has expired."
    remedy = "Sign in by hand, set a new password, renew the secret, then: python run_sync.py check --connect"


class NotTheExport(ViaductError):
    """What came is not the export: it is refused whole, and its source with it."""

    code = "E321"
    exit_code = 22
    title = "What came is not the export."
    answer = Answer.PUT_RIGHT
    failure = Failure.DATA
    remedy = "Look at the extract in the source, then: python run_sync.py run"


class PageInsteadOfExport(NotTheExport):
    """A web page came with status 200 where the export should be."""

    code = "E322"
    title = "A web page came instead of the export."


class SignInPageInsteadOfExport(NotTheExport):
    """The session ended again after signing in anew; the source gives its sign-in page."""

    code = "E323"
    title = "The sign-in page came instead of the export."
    answer = Answer.TRY_AGAIN
    remedy = "Look whether someone else uses the account at night, then: python run_sync.py run"


class KindNotKnown(NotTheExport):
    """A workbook, a PDF, an archive or another kind of file came."""

    code = "E324"
    title = "A file of another kind came instead of a CSV export."
    remedy = "Save the extract as CSV in the source, then: python run_sync.py run"


class HalfExport(NotTheExport):
    """The export stops in the middle: cut short, no end of line, or a quotation mark that never closes."""

    code = "E325"
    title = "The export stops in the middle."
    answer = Answer.TRY_AGAIN
    remedy = "Take the extract again: python run_sync.py run"


class RowCountDiffers(NotTheExport):
    """The export does not hold as many rows as the source says it does."""

    code = "E326"
    title = "The export does not hold the rows that the source counts."
    answer = Answer.TRY_AGAIN
    remedy = "Take the extract again: python run_sync.py run"


class ExtractMissing(NotTheExport):
    """The source does not offer a saved extract that the source's file names."""

    code = "E327"
    title = "The source does not offer this saved extract."
    remedy = "Correct the extract's name in the source's file, then: python run_sync.py check --connect"


class TooLarge(NotTheExport):
    """The export is larger than the settings allow."""

    code = "E328"
    title = "The export is larger than allowed."
    remedy = "If this size is right, raise the limit in the source's file, then: python run_sync.py run"


class EmptyExport(NotTheExport):
    """The export holds nothing at all, not even its header."""

    code = "E329"
    title = "The export is empty."


class ColumnMissing(NotTheExport):
    """A column that the mapping reads is not in the export."""

    code = "E331"
    title = "A column that the mapping reads is missing from the export."
    remedy = "Put the column back into the field set or correct the mapping, then: python run_sync.py run"


class ColumnTwice(NotTheExport):
    """Two columns of the export have one name, so a cell could come from the wrong one."""

    code = "E332"
    title = "Two columns of the export have the same name."
    remedy = "Give each column of the extract its own name, then: python run_sync.py run"


class RaggedRow(NotTheExport):
    """A row has more or fewer cells than the header, so its cells may stand in the wrong columns."""

    code = "E333"
    title = "A row of the export has more or fewer cells than the header."
    remedy = "Mend the row in the source or take the extract again, then: python run_sync.py run"


class EncodingNotAsDeclared(NotTheExport):
    """The export's bytes are not text in the encoding that the source's file declares."""

    code = "E334"
    title = "The export is not text in the declared encoding."
    remedy = "Correct encoding in the source's file or take the extract again, then: python run_sync.py run"


class FileOutsideFolder(NotTheExport):
    """A file of the drop folder is a link or leads out of the folder; it was not opened."""

    code = "E335"
    title = "A file in the drop folder is a link."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = "Put the file itself into the folder, then: python run_sync.py run"


class RowsJoined(NotTheExport):
    """A cell that we take holds a line break, or a row stands in a cell of another row."""

    code = "E336"
    title = "A stray quotation mark joins rows of the export."
    remedy = "Take the mark or the line break out of that cell in the source, then: python run_sync.py run"


class LineTooLong(NotTheExport):
    """A line of the export is longer than the settings allow; it was not received to its end."""

    code = "E337"
    title = "A line of the export is longer than allowed."
    remedy = "If this length is right, raise the limit in the source's file, then: python run_sync.py run"


class TooManyColumns(NotTheExport):
    """The export has more columns than the settings allow."""

    code = "E338"
    title = "The export has more columns than allowed."
    remedy = "Look at the extract's field set; raise the limit if it is right, then: python run_sync.py run"


class SpoolDamaged(ViaductError):
    """Bytes that waited on disk under this run's key are not the ones that were written."""

    code = "E341"
    exit_code = 70
    title = "Bytes that waited on disk have changed or gone."
    answer = Answer.STOP
    failure = Failure.SYSTEM
    remedy = "Look at the disk of the temporary folder, then: python run_sync.py run"

"""What may go wrong with a REST API: its keys, the lists and fields it offers, the shape of what it says."""

from common.errors import Answer
from connectors.errors import CredentialsRefused, NotTheExport


class KeyExpired(CredentialsRefused):
    """The source says that a key has expired; suppliers' keys are changed from time to time."""

    code = "E361"
    title = "A key of the source has expired."
    remedy = (
        "Ask for the new key (text message, or the user's record), then: python run_sync.py check --connect"
    )


class KeyNotYetValid(CredentialsRefused):
    """The source says that a key is not valid yet."""

    code = "E362"
    title = "A key of the source is not valid yet."
    answer = Answer.TRY_AGAIN
    remedy = "Wait until the day from which it is valid, then: python run_sync.py check --connect"


class AddressNotPermitted(CredentialsRefused):
    """The source lets the keys be used from other addresses of the network only."""

    code = "E363"
    title = "The source does not accept the keys from this machine's address."
    remedy = "Ask the source's administrator to permit this address, then: python run_sync.py check --connect"


class KeyMalformed(CredentialsRefused):
    """A key holds a mark that no header can carry, so it was not sent; often its message came along."""

    code = "E364"
    title = "A key holds what no header can carry."
    remedy = (
        "Write the key alone, on one line, where the secret stands, then: python run_sync.py check --connect"
    )


class MessageInsteadOfRecords(NotTheExport):
    """The source answered with status 200 and words, where records should be."""

    code = "E371"
    title = "The source answered with a message instead of records."
    answer = Answer.TRY_AGAIN


class RecordNotPlain(NotTheExport):
    """A value of a record holds other values, and the source's file does not say how to read them."""

    code = "E372"
    title = "A value of a record holds other values."
    remedy = "Name the field under objects in the source's file or leave it out, then: python run_sync.py run"


class FieldNotGiven(NotTheExport):
    """Records lack a field that was asked for: a permission was taken away while we read, or just before."""

    code = "E373"
    title = "Records lack a field that was asked for."
    remedy = "Ask the source's administrator what this user may see, then: python run_sync.py check --connect"


class FieldNotOffered(NotTheExport):
    """A field we ask for is not among those the account may select: no permission, or not in the template."""

    code = "E374"
    title = "The source does not offer a field that we ask for."
    remedy = (
        "Let the user see the field (permission, extension database, template) or take it out of the request."
    )


class ListNotOffered(NotTheExport):
    """The source knows no such list, dictionary or filter."""

    code = "E375"
    title = "The source does not know what it was asked for."
    remedy = "Correct the request in the source's file, then: python run_sync.py check --connect"


class ListNotRead(NotTheExport):
    """A dictionary, a list of fields or a count is written in a way we do not know; it was not guessed at."""

    code = "E376"
    title = "A list of the source is written in a way we do not know."
    remedy = "Send the support of this software the name of the list and what its page of the manual says."


class AnswerRepeated(NotTheExport):
    """The source gave one answer for two different questions."""

    code = "E377"
    title = "The source gave the same answer twice."
    answer = Answer.TRY_AGAIN
    remedy = "Look whether something between us and the source keeps answers, then: python run_sync.py run"


class RecordTwice(NotTheExport):
    """One answer holds two records of one id: it was put together from pieces, and another may be missing."""

    code = "E380"
    title = "The source gave one record twice in one answer."
    answer = Answer.TRY_AGAIN
    remedy = "See that the id of the request tells records apart, then: python run_sync.py run"


class AnswerStale(NotTheExport):
    """One answer is much older than the others, by its own date: something between us keeps answers."""

    code = "E379"
    title = "An answer of the source is older than the others."
    answer = Answer.TRY_AGAIN
    remedy = "Look whether something between us and the source keeps answers, then: python run_sync.py run"


class AnswerCapped(NotTheExport):
    """The source gives fewer records than it has, however short the time asked for."""

    code = "E378"
    title = "The source gives fewer records than it has."
    remedy = (
        "Give the request count_by and date_filter, or a smaller window_days, then: python run_sync.py run"
    )

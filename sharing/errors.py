"""Errors of sharing: the document, its dates, and a release that was refused."""

from common.errors import Answer, Failure, ViaductError
from config.documents import DocumentRefused


class DpiaRefused(DocumentRefused):
    """The DPIA file contradicts itself, the schema or the law it cites; every problem is listed."""

    code = "E701"
    title = "The DPIA does not load."
    failure = Failure.POLICY
    remedy = (
        "Whoever writes the assessment corrects the places named; if it was approved, all sign again."
        " Then: python run_sync.py check"
    )


class DpiaNotInForce(ViaductError):
    """The DPIA is well-formed, but its status, its dates or a flow's status do not allow a run."""

    lists_places = True
    code = "E702"
    exit_code = 11
    title = "The DPIA is not in force."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = "Ask information governance for a DPIA that is approved and covers today."


class DpiaNotSigned(ViaductError):
    """The DPIA is approved, but not everybody whose data or word it needs has signed these very bytes."""

    lists_places = True
    code = "E705"
    exit_code = 11
    title = "The DPIA is not signed as it must be."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = "See who is lacking: python run_sync.py dpia check FILE; docs/how_to/sign_an_assessment.md."


class DpiaNotTheNext(ViaductError):
    """The DPIA is neither the one that last ran nor a version that supersedes it."""

    code = "E706"
    exit_code = 11
    title = "The DPIA was rolled back, or changed in place."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = "Make a version that supersedes the one that last ran; docs/how_to/change_an_assessment.md."


class SignaturesNotWritable(ViaductError):
    """The place of the signatures in the file is written so that nothing can be added and all else kept."""

    code = "E707"
    exit_code = 10
    title = "The signature cannot be written into the file."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = "Write `signatures: []` on a line of its own in the block `signoff`, then sign again."


class AssessmentNotApproved(ViaductError):
    """A version is to be signed that does not say that it is approved: saying so later changes its bytes."""

    code = "E708"
    exit_code = 11
    title = "The assessment is not approved yet, and is signed only when it is."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = "Write `status: approved` once all agree, then sign; see docs/how_to/sign_an_assessment.md."


class ReleaseRefused(ViaductError):
    """Something was about to be written down that no flow has decided to release."""

    code = "E703"
    exit_code = 30
    title = "A release was refused."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = "Nothing was released. Report the code and the run to the Viaduct team."


class ExamplesRefused(DocumentRefused):
    """An example of the DPIA comes out otherwise than information governance wrote; each is listed."""

    code = "E711"
    title = "An example of the DPIA comes out otherwise than it says."
    failure = Failure.POLICY
    remedy = (
        "Ask information governance which is wrong, the rule or the example; then: python run_sync.py check"
    )


class ExamplesFail(ViaductError):
    """A run was about to begin under rules that do not do what an example of the DPIA says."""

    lists_places = True
    code = "E712"
    exit_code = 30
    title = "An example of the DPIA comes out otherwise than it says, so nothing is sent."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = (
        "Ask information governance which is wrong, the rule or the example; then: python run_sync.py check"
    )


class FlowKeyRefused(ViaductError):
    """A flow's secret is missing or too short to protect anybody."""

    code = "E704"
    exit_code = 40
    title = "A flow's secret is too short."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Make it anew with: python run_sync.py keys new"


class RegisterRefused(DocumentRefused):
    """A register of people's choices is missing or is not what we wrote; every problem is listed."""

    code = "E761"
    exit_code = 11
    title = "A register of people's choices cannot be relied on."
    failure = Failure.POLICY
    remedy = (
        "A register is changed with `choices` alone, never by hand: put the file back from the backup, then"
        " add what came since; see docs/how_to/choices.md. What was withdrawn for its sake waits"
        " at the growth brake afterwards (E803)."
    )


class RegisterStale(ViaductError):
    """A register of people's choices was confirmed longer ago than the DPIA allows."""

    code = "E762"
    exit_code = 11
    title = "A register of people's choices is too old."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = (
        "See that every choice received is in it; what was withdrawn for its sake waits at the growth brake"
        " afterwards (E803). Then: python run_sync.py choices refresh --type TYPE"
    )


class RegisterExists(ViaductError):
    """A register is to be begun that is there already; an empty one in its place would forget people."""

    code = "E763"
    exit_code = 30
    title = "The register is there already."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = "Look at it with: python run_sync.py choices list"


class RegisterLost(ViaductError):
    """A register that was begun is gone; an empty one in its place would forget whoever stood in it."""

    code = "E766"
    exit_code = 30
    title = "The register was there, and is lost."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = "Put it back from the backup; with none: python run_sync.py choices begin --type TYPE --anew"


class ErasureMustWait(ViaductError):
    """A sealed batch is not in the log yet, or no run can tell the recipient of a flow that rests."""

    code = "E765"
    exit_code = 30
    title = "Not all that was sent of the person can be told of and withdrawn yet."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = (
        "Let the next run finish a batch that waits: python run_sync.py run. Of a recipient that no run can "
        "tell put back what is named (docs/how_to/erasure.md); then forget them."
    )


class ErasureDoesNotApply(ViaductError):
    """Every flow that the source feeds rests on a ground that the right to erasure does not reach."""

    code = "E764"
    exit_code = 30
    title = "The right to erasure does not apply here (UK GDPR Art. 17(3))."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = "Tell the person so, and of the right to object; see docs/how_to/erasure.md."

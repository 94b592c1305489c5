"""What can go wrong with linking records."""

from common.errors import Answer, ViaductError


class WeighingFailed(ViaductError):
    """Splink stopped while it weighed records: of memory there was too little, or it is another version."""

    code = "E840"
    exit_code = 70
    title = "The records of one person could not be weighed."
    answer = Answer.STOP
    remedy = "Give the machine more memory, or let the assessment say `probabilistic: none`. Then run again."

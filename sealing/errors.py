"""What can go wrong with a key or a seal; none of these carries a byte of what was sealed."""

from common.errors import Answer, Failure, ViaductError


class EnvelopeDoesNotOpen(ViaductError):
    """An envelope is damaged, cut short, or was sealed to somebody else."""

    code = "E401"
    exit_code = 40
    title = "A sealed file does not open."
    answer = Answer.STOP
    failure = Failure.SYSTEM
    remedy = "Check that the key is the one the batch names as recipient: python run_sync.py keys list"


class RecipientUnusable(ViaductError):
    """What was given as the recipient is not an age public key (age1…)."""

    code = "E402"
    exit_code = 40
    title = "The recipient's key is not an age public key."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Ask the council for its public key (it begins with age1) and put it into keys/council.pub."


class FileTooLarge(ViaductError):
    """A file is larger than one envelope may hold; it must be split before sealing."""

    code = "E403"
    exit_code = 40
    title = "A file is larger than 64 MiB and may not be sealed whole."
    answer = Answer.STOP
    failure = Failure.SYSTEM


class SignatureRefused(ViaductError):
    """A signature was not made by the key we trust, or the text under it was changed."""

    code = "E404"
    exit_code = 40
    title = "A signature does not verify."
    answer = Answer.STOP
    failure = Failure.SYSTEM
    remedy = "Do not use the file. Ask its sender for it again and compare the fingerprints of the keys."


class KeyUnusable(ViaductError):
    """A key file is missing, damaged, or of another role."""

    code = "E405"
    exit_code = 40
    title = "A key cannot be used."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Look at the keys of this site: python run_sync.py keys list"


class KeyExposed(ViaductError):
    """Other accounts of this machine may read a private key, or put another in its place."""

    code = "E406"
    exit_code = 40
    title = "A private key may be read or replaced by other accounts."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = (
        "Take the rights away (chmod 600, of a folder chmod go-w; chown, if neither root nor the account that"
        " runs owns it), find out who could read it, and make a new key if in doubt."
    )


class KeyReplaceable(ViaductError):
    """Other accounts of this machine may put a public key of theirs in the place of one that is believed."""

    code = "E413"
    exit_code = 40
    title = "A public key, or the note of those that were revoked, may be replaced by other accounts."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = (
        "Take the right away (chmod go-w; chown, if neither root nor the account that runs owns it). Then"
        " compare each public key here, by another way, with what its holder has: python run_sync.py keys"
        " list"
    )


class KeyExists(ViaductError):
    """A key of this role is already there; a key is never overwritten."""

    code = "E407"
    exit_code = 40
    title = "There is already a key of this role."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Keep it. What was sealed or signed with it needs it."


class ManifestUnreadable(ViaductError):
    """A manifest is not one: not our format, not canonical, or it contradicts itself."""

    code = "E408"
    exit_code = 40
    title = "A manifest cannot be read."
    answer = Answer.STOP
    failure = Failure.SYSTEM
    remedy = "Do not load the batch. Ask its sender for it again."


class ReceiptUnreadable(ViaductError):
    """A receipt is not one: not our format, or not the text that was signed."""

    code = "E409"
    exit_code = 40
    title = "A receipt cannot be read."
    answer = Answer.STOP
    failure = Failure.SYSTEM
    remedy = "Ask the council side for it again: python run_sync.py load"


class CertificateUnreadable(ViaductError):
    """A certificate of removal is not one: not our format, or its marks are not those it names."""

    code = "E410"
    exit_code = 40
    title = "A certificate of removal cannot be read."
    answer = Answer.STOP
    failure = Failure.SYSTEM
    remedy = "Ask the council side to leave it again: python run_sync.py retention apply"


class KeyRevoked(ViaductError):
    """A key was revoked: nothing is sealed to it, signed or believed with it any more."""

    code = "E411"
    exit_code = 40
    title = "A key was revoked."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = (
        "Whoever holds its private part makes a new one and gives its public part to the other side; see"
        " docs/how_to/rotate_batch_keys.md. What was revoked stays so."
    )


class KeyStillCarries(ViaductError):
    """A key is to be revoked while a batch that is signed by it, or sealed to it, is on its way."""

    code = "E412"
    exit_code = 40
    title = "A batch is on its way under this key, so it was not revoked."
    answer = Answer.PUT_RIGHT
    failure = Failure.POLICY
    remedy = "Let it be loaded first, on the council side: python run_sync.py load. Then run once here."

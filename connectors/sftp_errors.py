"""What can go wrong with any SFTP server, source or landing zone: the keys that prove it and us."""

from common.errors import Answer, Failure, ViaductError


class HostKeyDiffers(ViaductError):
    """The server did not prove itself by a key that the site names; nothing was asked of it or sent."""

    code = "E391"
    exit_code = 40
    title = "The SFTP server's key is not the one that the site names."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = (
        "Ask the server's administrator, by another way than this line, whether its key was changed; only "
        "then write the new one into host_keys."
    )


class SftpKeyUnusable(ViaductError):
    """The server's public key or our private key can not be read; neither is repeated here."""

    code = "E392"
    exit_code = 10
    title = "A key of an SFTP server can not be read."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = (
        "Write the server's key as its administrator gives it (ssh-ed25519 AAAA…), ours as ssh-keygen makes "
        "it without a passphrase, then: python run_sync.py check --connect"
    )

"""The files of a drop on an SFTP server; its faults are told as those of a drop."""

from config.worklists import SftpDrop
from connectors.drop_errors import DropRefusesUs, DropUnavailable
from connectors.landing_sftp import SftpFiles
from connectors.settings import Limits
from connectors.sftp_line import SftpLine
from connectors.sftp_settings import sftp_settings
from connectors.sftp_told import Faults

FAULTS = Faults(away=DropUnavailable, credentials=DropRefusesUs)


def drop_files(called: str, said: SftpDrop, limits: Limits) -> SftpFiles:
    """Return the files of the drop, its secrets read. Given: how errors call it.

    Errors: SecretMissing, SecretExposed, SftpKeyUnusable.
    """
    return SftpFiles(SftpLine(sftp_settings(called, said, limits), FAULTS), said.folder)

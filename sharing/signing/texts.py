"""What is signed: few lines that name the assessment, so that nobody signs what they did not read.

The words of the purpose come before them (sealing/signing.py), and make a note that public tools verify.
"""

from datetime import date

import rfc8785

from sharing.document import DpiaFile


def signed_text(file: DpiaFile, sha256: str) -> str:
    """Return the text that a controller signs: the assessment's id, its version, its digest."""
    return f"{file.id}\nversion {file.version}\nsha256 {sha256}\n"


def attested_text(file: DpiaFile, sha256: str, said: dict[str, str | date]) -> str:
    """Return the text that the attestor signs: the assessment, and who signed which document, on which day.

    Given: party, name, day, and the document's address and digest.
    """
    told = {key: value.isoformat() if isinstance(value, date) else value for key, value in said.items()}
    whole = {"id": file.id, "version": file.version, "sha256": sha256, **told}
    return f"{rfc8785.dumps(whole).decode()}\n"

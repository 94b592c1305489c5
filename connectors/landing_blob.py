"""The landing zone in Azure Blob: a name is given once and never again, by whoever comes first.

A blob is there whole or not at all, and no link leads to one. The side that delivers need not read: then
nothing is looked at, what has a name of ours already is what an earlier try laid down, and the council side's
receipt says what became of it.
"""

import hashlib
import io
from contextlib import closing
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qs

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.storage.blob import BlobClient, ContainerClient

from connectors.blob_line import BlobLine
from connectors.blob_settings import BlobSettings
from connectors.blob_told import ABSENT, NOT_ALLOWED, TAKEN, code_of
from connectors.landing_errors import BatchDiffers, LandingKeepsNothing
from connectors.landing_zone import ANSWERS, LandingZone
from connectors.sftp_words import MOST_NAMES, TooMuch

ROOT = ""


class LandingBlob(LandingZone):
    """A landing zone in Azure Blob."""

    def __init__(self, settings: BlobSettings) -> None:
        super().__init__(BlobFiles(BlobLine(settings), settings))


class BlobFiles:
    """Blobs of two containers, named as files below one folder are: batches in one, answers in the other."""

    def __init__(self, line: BlobLine, settings: BlobSettings) -> None:
        self._line, self._settings = line, settings
        self.may_look = settings.reads_batches

    def is_file(self, place: str) -> bool:
        """Return whether a blob has this name."""

        def look(container: ContainerClient) -> bool:
            try:
                container.get_blob_client(place).get_blob_properties()
            except ResourceNotFoundError as error:
                _only_if_absent(error)
                return False
            return True

        return self._line.ask(self._container(place), look)

    def is_folder(self, place: str) -> bool:  # noqa: ARG002 - see below
        """Return yes: a name with / in it needs no folder, and a link can not stand there."""
        return True

    def names(self, folder: str) -> list[str]:
        """Return every name below the folder, sorted; at the top, those alone that something is below."""
        begins = f"{folder}/" if folder else ""

        def look(container: ContainerClient) -> list[str]:
            found: list[str] = []
            for one in container.walk_blobs(name_starts_with=begins, delimiter="/"):
                if folder != ROOT or one.name.endswith("/"):
                    found.append(one.name.removeprefix(begins).removesuffix("/"))
                if len(found) > MOST_NAMES:
                    raise TooMuch
            return sorted(set(found))

        return self._line.ask(self._container(folder), look)

    def read(self, place: str, most: int) -> bytes | None:
        """Return a blob's bytes; None if it is absent, or larger than the most."""

        def look(container: ContainerClient) -> bytes | None:
            try:
                stream = container.get_blob_client(place).download_blob(offset=0, length=most + 1)
                content = stream.readall()
            except ResourceNotFoundError as error:
                _only_if_absent(error)
                return None
            return bytes(content) if len(content) <= most else None

        return self._line.ask(self._container(place), look)

    def refuse_links(self, *folders: str) -> None:
        """Do nothing: no link can stand there."""

    def make_folder(self, folder: str) -> None:
        """Do nothing: a name with / in it needs no folder."""

    def bring(self, place: str, source: Path) -> None:
        """Put a file of ours there, unless the name is given already."""
        with source.open("rb") as stream:
            self._put(place, stream, source.stat().st_size)

    def write(self, place: str, content: bytes) -> None:
        """Put these bytes there, unless the name is given already."""
        with closing(io.BytesIO(content)) as stream:
            self._put(place, stream, len(content))

    def remove(self, place: str) -> None:
        """Remove a blob; once more changes nothing."""

        def remove(container: ContainerClient) -> None:
            try:
                container.delete_blob(place)
            except ResourceNotFoundError as error:
                _only_if_absent(error)

        self._line.ask(self._container(place), remove)

    def clear_parts(self, folder: str) -> None:
        """Do nothing: what was not brought to its end is not there."""

    def settle(self, *folders: str) -> None:
        """Do nothing: what the service has answered for is on its disks."""

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _put(self, place: str, stream: BinaryIO, size: int) -> None:
        """Give the name to these bytes; where this side may read, see that they are what has it.

        Errors: LandingKeepsNothing, when what was accepted is not what is read; BatchDiffers, when the name
                was given to others before.
        """
        digest = hashlib.file_digest(stream, "sha256").digest()  # type: ignore[arg-type]

        def put(container: ContainerClient) -> bool:
            stream.seek(0)
            return _given(container.get_blob_client(place), stream, size, self._taken(place))

        made = self._line.ask(self._container(place), put)
        if not self._reads(place):
            return
        content = self.read(place, size)
        if content is None or hashlib.sha256(content).digest() != digest:
            if made:
                raise LandingKeepsNothing(f"{place}: it was accepted, and other bytes or none came back.")
            raise BatchDiffers(f"{place}: it was there already, and holds other bytes.")

    def _taken(self, place: str) -> frozenset[str]:
        """Return the words by which the service says that a name is given already."""
        settings = self._settings
        key = settings.answers_sas if self._container(place) == settings.answers else settings.batches_sas
        return TAKEN | {NOT_ALLOWED} if key is not None and may_create(key) else TAKEN

    def _reads(self, place: str) -> bool:
        return self._settings.reads_batches or place.partition("/")[0] in ANSWERS

    def _container(self, place: str) -> str:
        answers = place.partition("/")[0] in ANSWERS
        return self._settings.answers if answers else self._settings.batches


def may_create(key: str) -> bool:
    """Return whether a key (SAS) says of itself that it may make blobs: names alone can be refused it."""
    return not {"c", "w"}.isdisjoint("".join(parse_qs(key).get("sp", [])))


def _given(blob: BlobClient, stream: BinaryIO, size: int, taken: frozenset[str]) -> bool:
    """Return whether the name was free and is now given to these bytes."""
    try:
        blob.upload_blob(stream, length=size, overwrite=False, validate_content=True)
    except HttpResponseError as error:
        if code_of(error) not in taken:
            raise
        return False
    return True


def _only_if_absent(error: ResourceNotFoundError) -> None:
    """Errors: this one, when it is not the blob that is lacking but its container."""
    if code_of(error) not in ABSENT | {""}:
        raise error

"""Looks through every file of a folder for what must not be there: a face, its numbers, a name.

A picture is found by its first bytes anywhere in a file, decoded, and counts where the pack's own
detector sees a face in it. Numbers are found as float16, 32 or 64, in both byte orders, in hex and
in base64; words in UTF-8, UTF-16 and GBK, and in base64.
"""

from __future__ import annotations

import base64
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.face.engine import InsightFaceEngine
from zhishiyun_client.face.enrolment import decoded, enrol
from zhishiyun_client.face.pack import DEFAULT_PACK, open_pack
from zhishiyun_client.ports.faces import Enrolment
from zhishiyun_client.runtime.paths import resources

PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
NUMBERS_IN_A_ROW = 4
NUMBERS_STEP = 8
SMALLEST_PX = 24
LARGEST_PICTURE_BYTES = 4 * 1024 * 1024
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gbk")
ROSTER = resources() / "rehearsal" / "roster"


@dataclass(frozen=True)
class Person:
    """What is looked for."""

    name: str
    id_number: str
    photo: bytes


def sitter_of(ticket_number: str) -> Person:
    """One of the demonstration roster."""
    with (ROSTER / "roster.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["准考证号"] == ticket_number)
    photo = ROSTER / row["照片"]
    photo = photo if photo.is_file() else ROSTER / "photos" / row["照片"]
    return Person(row["姓名"], row["身份证号"], photo.read_bytes())


class Traces:
    """Knows one person, and looks for her."""

    def __init__(self, person: Person) -> None:
        self._engine = InsightFaceEngine(open_pack(resources() / "face" / DEFAULT_PACK))
        made = enrol(self._engine, person.photo)
        assert isinstance(made, Enrolment)
        self._wanted = {
            "numbers of the face": tuple(_as_bytes(made.embedding)),
            "name": tuple(_words(person.name)),
            "ID number": tuple(_words(person.id_number)),
        }

    def in_folders(self, folders: Iterable[Path], but: Iterable[str] = ()) -> list[str]:
        """Everything found, as `file: what`. Args: but: names of files that are let be."""
        left_out = set(but)
        return [
            f"{path}: {what}"
            for folder in folders
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name not in left_out
            for what in self.in_bytes(path.read_bytes())
        ]

    def in_bytes(self, content: bytes) -> list[str]:
        """What these bytes hold."""
        found = [
            what for what, needles in self._wanted.items() if any(n in content for n in needles)
        ]
        return [*found, "face picture"] if self._has_face(content) else found

    def _has_face(self, content: bytes) -> bool:
        return any(self._shows_face(picture) for picture in _pictures(content))

    def _shows_face(self, content: bytes) -> bool:
        picture = decoded(content)
        if picture is None or min(picture.shape[:2]) < SMALLEST_PX:
            return False
        scale = max(1.0, 320 / max(picture.shape[:2]))
        larger = cv2.resize(picture, None, fx=scale, fy=scale)
        return bool(self._engine.look(np.asarray(larger, np.uint8)))


def _pictures(content: bytes) -> Iterator[bytes]:
    for magic in PICTURES:
        at = content.find(magic)
        while at >= 0:
            yield content[at : at + LARGEST_PICTURE_BYTES]
            at = content.find(magic, at + 1)


def _as_bytes(embedding: NDArray[np.float32]) -> Iterator[bytes]:
    """Runs of the numbers as they may lie in a file."""
    for kind in ("<f4", ">f4", "<f8", ">f8", "<f2"):
        for start in range(0, len(embedding) - NUMBERS_IN_A_ROW + 1, NUMBERS_STEP):
            run = embedding[start : start + NUMBERS_IN_A_ROW].astype(kind).tobytes()
            yield run
            yield run.hex().encode()
    whole = embedding.astype("<f4").tobytes()
    yield from _in_base64(whole[:96])
    yield repr(float(embedding[0])).encode()
    yield f"{float(embedding[1]):.6f}".encode()


def _words(words: str) -> Iterator[bytes]:
    for encoding in ENCODINGS:
        yield words.encode(encoding)
    yield from _in_base64(words.encode())


def _in_base64(content: bytes) -> Iterator[bytes]:
    """The part of each of the three alignments that does not depend on the neighbours."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for shift in range(3):
            usable = (len(content) - shift) // 3 * 3
            if usable >= 9:
                yield encode(content[shift : shift + usable])

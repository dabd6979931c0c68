"""What desk and watchers put into the log: marks, findings, the help conversation."""

from __future__ import annotations

from zhishiyun_client.app.finding_frame import with_frame
from zhishiyun_client.app.recorder_sitting import Sitting, Takers
from zhishiyun_client.capture.studio import Studio
from zhishiyun_client.ports.recorder import Chat, MarkNow, Note
from zhishiyun_client.ports.watching import Finding
from zhishiyun_protocol.evidence.contents import Mark


class LogEntries:
    """Writes while there is a book, drops what comes before and after. Thread: the core's."""

    def __init__(self, sitting: Sitting, studio: Studio) -> None:
        self._sitting = sitting
        self._studio = studio

    @property
    def takers(self) -> Takers:
        """What is taken here."""
        return {
            MarkNow: self._on_mark,
            Note: self._on_note,
            Finding: self.found,
            Chat: self._on_chat,
        }

    def mark(self, mark: Mark) -> None:
        """A phase, a stage, something shown."""
        if self._sitting.book is not None:
            self._sitting.book.mark(mark)

    def found(self, finding: Finding) -> None:
        """Something that a watcher saw."""
        self._on_note(Note(finding=finding.as_record()))

    def _on_mark(self, said: MarkNow) -> None:
        self.mark(Mark(what=said.what, subject=said.subject, index=said.index, detail=said.detail))

    def _on_note(self, said: Note) -> None:
        if self._sitting.book is not None:
            self._sitting.book.finding(with_frame(said.finding, self._studio.screen.newest))

    def _on_chat(self, said: Chat) -> None:
        if self._sitting.book is not None:
            line = {
                "id": said.id,
                "from_staff": said.from_staff,
                "text": said.text,
                "at_us": said.at_us,
            }
            self._sitting.book.chat(line)

"""考试附件: open each, read it, 【已阅】; which version was read is kept (R090–R093)."""

from __future__ import annotations

import hashlib

from zhishiyun_client.domain.phases import Event, Phase
from zhishiyun_client.flow.intents import (
    Acknowledge,
    Continue,
    Intent,
    OpenAttachment,
    ReachedEnd,
    Refresh,
)
from zhishiyun_client.flow.stepping import Step
from zhishiyun_client.flow.views import AttachmentsView, AttachmentView, OpenDocumentView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_protocol.errors import Transient, ZhishiyunError
from zhishiyun_protocol.messages.sitting import ActKind, AttachmentInfo
from zhishiyun_protocol.timing import SECOND_US


class AttachmentsStep(Step):
    """Documents stay in memory; a document whose digest does not fit is fetched again."""

    phase = Phase.ATTACHMENTS

    def enter(self) -> None:
        """What the server knows to be read stays read."""
        sitting = self.room.sitting
        self._infos = sitting.attachments if sitting else ()
        self._read = {info.id for info in self._infos if info.read}
        self._contents: dict[str, bytes] = {}
        self._open: AttachmentInfo | None = None
        self._opened_us = 0
        self._loading = ""
        self._problem: Words | None = None

    def take(self, intent: Intent) -> None:
        """Open, acknowledge, go on."""
        if isinstance(intent, OpenAttachment):
            self._fetch(intent.attachment_id)
        elif isinstance(intent, Refresh) and self._problem is not None:
            self._fetch(self._loading or (self._open.id if self._open else ""))
        elif isinstance(intent, Acknowledge) and self._acknowledge_off() is None:
            self._acknowledge()
        elif isinstance(intent, Continue) and not self._unread():
            self.happened(Event.PASSED)
        elif isinstance(intent, ReachedEnd):
            return  # reading to the end is not demanded by the three notices

    def view(self) -> AttachmentsView:
        """The list and the open document."""
        unread = self._unread()
        return AttachmentsView(
            items=tuple(AttachmentView(i.id, i.title, i.id in self._read) for i in self._infos),
            document=self._document(),
            is_loading=bool(self._loading) and self._problem is None,
            problem=self._problem,
            acknowledge_off=self._acknowledge_off(),
            continue_off=text(T.ATTACHMENTS_CONTINUE_OFF, count=len(unread)) if unread else None,
        )

    def _unread(self) -> list[AttachmentInfo]:
        return [info for info in self._infos if info.id not in self._read]

    def _document(self) -> OpenDocumentView | None:
        info = self._open
        if info is None or self._loading:
            return None
        return OpenDocumentView(
            attachment_id=info.id,
            title=info.title,
            media_type=info.media_type,
            content=self._contents[info.id],
            version=info.sha256[:12],
        )

    def _acknowledge_off(self) -> Words | None:
        if self._open is None or self._loading:
            return text(T.ATTACHMENTS_ACKNOWLEDGE_OFF_OPEN)
        if self._open.id in self._read:
            return text(T.ATTACHMENTS_ACKNOWLEDGE_OFF_DONE)
        wanted_s = next(a.min_read_s for a in self.room.plan.attachments if a.id == self._open.id)
        left_s = wanted_s - (self.room.now_us - self._opened_us) // SECOND_US
        return text(T.ATTACHMENTS_ACKNOWLEDGE_OFF_WAIT, seconds=left_s) if left_s > 0 else None

    def _acknowledge(self) -> None:
        info = self._open
        if info is None:
            return
        self._read.add(info.id)
        self.room.do(ActKind.ATTACHMENT_READ, subject=info.id, version=info.sha256)
        following = next(iter(self._unread()), None)
        if following is not None:
            self._fetch(following.id)

    def _fetch(self, attachment_id: str) -> None:
        info = next((i for i in self._infos if i.id == attachment_id), None)
        if info is None:
            return
        self._problem = None
        if info.id in self._contents:
            self._show(info)
            return
        self._loading = info.id
        api = self.room.ports.api

        def fetch() -> bytes:
            content = api.attachment(info.id)
            if hashlib.sha256(content).hexdigest() != info.sha256:
                raise Transient("ATTACHMENT_ALTERED", "The attachment arrived altered.")
            return content

        def keep(content: bytes) -> None:
            self._contents[info.id] = content
            if self._loading == info.id:
                self._show(info)

        self.room.run("attachment", fetch, keep, self._on_failure)

    def _show(self, info: AttachmentInfo) -> None:
        self._loading, self._open, self._opened_us = "", info, self.room.now_us

    def _on_failure(self, error: ZhishiyunError) -> None:
        self._problem = text(T.ATTACHMENTS_FAILED)

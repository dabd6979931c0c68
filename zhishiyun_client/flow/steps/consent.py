"""告知与同意: what is done with the data, and the separate consent for the face (R040)."""

from __future__ import annotations

import hashlib

from zhishiyun_client.domain.phases import Event, Phase
from zhishiyun_client.flow.intents import AgreeAndContinue, DeclineFace, Intent, TickFaceConsent
from zhishiyun_client.flow.stepping import Step
from zhishiyun_client.flow.views import ConsentCardView, ConsentView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text

CARDS = ("FACE", "RECORDING", "DEVICE")
NOTICE_VERSION = "2026-11"


class ConsentStep(Step):
    """Both ways lead on: consent to the face check, or a technician's look instead."""

    phase = Phase.CONSENT

    def enter(self) -> None:
        """Consent is given anew each time; nothing is ticked beforehand."""
        self._ticked = False

    def take(self, intent: Intent) -> None:
        """Tick, agree, or choose the other way."""
        if isinstance(intent, TickFaceConsent):
            self._ticked = intent.is_given
        elif isinstance(intent, AgreeAndContinue) and self._ticked:
            self._decide(face=True)
        elif isinstance(intent, DeclineFace):
            self._decide(face=False)

    def view(self) -> ConsentView:
        """One card a purpose."""
        return ConsentView(
            cards=tuple(_card(name) for name in CARDS),
            is_face_ticked=self._ticked,
            agree_off=None if self._ticked else text(T.CONSENT_AGREE_OFF),
        )

    def _decide(self, *, face: bool) -> None:
        self.room.face_consent = face
        facts = {"face": "given" if face else "declined", "version": notice_digest()}
        self.room.note("consent", facts)
        self.happened(Event.PASSED)


def notice_digest() -> str:
    """Names the wording that was agreed to: version and keys of the cards."""
    keys = [key.value for name in CARDS for key in _keys(name)]
    return hashlib.sha256("\n".join([NOTICE_VERSION, *keys]).encode()).hexdigest()


def _keys(name: str) -> tuple[T, T, T, T, T]:
    parts = ("TITLE", "PURPOSE", "DATA", "RETENTION", "WHO")
    title, purpose, data, retention, who = (T[f"CONSENT_{name}_{part}"] for part in parts)
    return title, purpose, data, retention, who


def _card(name: str) -> ConsentCardView:
    title, purpose, data, retention, who = (text(key) for key in _keys(name))
    return ConsentCardView(title, purpose, data, retention, who)

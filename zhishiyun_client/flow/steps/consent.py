"""告知与同意: what is done with the data, and the separate consent for the face (R040)."""

from __future__ import annotations

from zhishiyun_client.domain.phases import Event, Phase
from zhishiyun_client.flow.consenting import Face, decide, is_still_asked
from zhishiyun_client.flow.intents import AgreeAndContinue, DeclineFace, Intent, TickFaceConsent
from zhishiyun_client.flow.processing import purposes, rights
from zhishiyun_client.flow.stepping import Step
from zhishiyun_client.flow.views import ConsentView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_protocol.plan import Factor


class ConsentStep(Step):
    """Both ways lead on: consent to the face check, or a technician's look instead."""

    phase = Phase.CONSENT

    def enter(self) -> None:
        """Nothing is ticked beforehand; who has decided about this notice is not asked again."""
        self._ticked = False
        if not is_still_asked(self.room):
            self.happened(Event.PASSED)

    def take(self, intent: Intent) -> None:
        """Tick, agree, or choose the other way."""
        if isinstance(intent, TickFaceConsent):
            self._ticked = intent.is_given
        elif isinstance(intent, AgreeAndContinue) and (self._ticked or not self._asks_face()):
            self._decide(Face.GIVEN if self._asks_face() else Face.DECLINED)
        elif isinstance(intent, DeclineFace) and self._asks_face():
            self._decide(Face.DECLINED)

    def view(self) -> ConsentView:
        """One card a purpose."""
        asks_face = self._asks_face()
        return ConsentView(
            cards=purposes(self.room.plan),
            rights=rights(self.room.plan),
            asks_face=asks_face,
            is_face_ticked=self._ticked,
            agree_off=text(T.CONSENT_AGREE_OFF) if asks_face and not self._ticked else None,
        )

    def _asks_face(self) -> bool:
        return Factor.FACE in self.room.plan.login.factors

    def _decide(self, face: Face) -> None:
        decide(self.room, face)
        self.happened(Event.PASSED)

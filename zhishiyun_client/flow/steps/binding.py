"""佐证绑定: the code that binds the phone, and the phone once it is bound (R060–R063)."""

from __future__ import annotations

import base64

import segno

from zhishiyun_client.domain.phases import Event, Phase
from zhishiyun_client.flow import phone_words
from zhishiyun_client.flow.intents import Continue, Intent, NewBindingCode, Refresh
from zhishiyun_client.flow.stepping import Step
from zhishiyun_client.flow.views import BindingView, BoundPhoneView, QrMatrix
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.live import LiveLook
from zhishiyun_protocol.messages.sitting import BindingCode
from zhishiyun_protocol.timing import remaining_s

PLACEMENTS = {
    "rear_side_45": T.BINDING_PLACEMENT_45,
    "rear_side_30": T.BINDING_PLACEMENT_30,
}
GIB = 1024**3
LOOK_EVERY_US = 2_000_000  # of monotonic time; three missed looks and the phone stops showing


class BindingStep(Step):
    """Asks the server for a code; news of the phone come by the live channel or by asking."""

    phase = Phase.BINDING

    def enter(self) -> None:
        """A fresh code each time the page is opened."""
        self._picture, self._look_at_us, self._looking = b"", 0, False
        self._code: BindingCode | None = None
        self._qr: QrMatrix = ()
        self._problem: Words | None = None
        self._asking = False
        self._ask()

    def beat(self) -> None:
        """A code that ran out is replaced by itself."""
        if self._code and self._code.expires_us <= self.room.now_us and not self._asking:
            self._ask()
        local_us = monotonic_us()
        if self._aims() and not self._looking and local_us >= self._look_at_us:
            self._looking, self._look_at_us = True, local_us + LOOK_EVERY_US
            look = self.room.ports.api.phone_picture
            self.room.run("phone picture", look, self._on_picture, self._on_no_picture)

    def take(self, intent: Intent) -> None:
        """A new code, or on to the next phase."""
        if isinstance(intent, NewBindingCode | Refresh) and not self._asking:
            self._ask()
        elif isinstance(intent, Continue) and self._continue_off() is None:
            self.happened(Event.PASSED)

    def view(self) -> BindingView:
        """QR, grouped code, phone."""
        code = self._code
        required = self.room.plan.binding.required
        return BindingView(
            qr=self._qr,
            code_groups=_grouped(code.code) if code else (),
            steps=self._steps(),
            expires_in_s=remaining_s(code.expires_us, self.room.now_us) if code else 0,
            phone=self._phone(),
            rule=text(T.BINDING_RULE_REQUIRED if required else T.BINDING_RULE_OPTIONAL),
            problem=self._problem,
            new_code_off=text(T.COMMON_LOADING) if self._asking else None,
            continue_off=self._continue_off(),
        )

    def _ask(self) -> None:
        self._asking = True
        self.room.run("binding", self.room.ports.api.new_binding, self._on_code, self._on_failure)

    def _on_code(self, code: BindingCode) -> None:
        self._asking, self._problem, self._code = False, None, code
        made = segno.make(code.url, error="m", micro=False)
        self._qr = tuple(tuple(bool(module) for module in row) for row in made.matrix)

    def _on_failure(self, error: ZhishiyunError) -> None:
        self._asking = False
        self._problem = error.zh or error.message

    def _phone(self) -> BoundPhoneView | None:
        sitting = self.room.sitting
        if sitting is None or not sitting.phone.bound:
            return None
        phone = sitting.phone
        return BoundPhoneView(
            name=phone.name,
            battery_percent=None
            if phone.battery_share is None
            else round(phone.battery_share * 100),
            storage_gb=None if phone.free_bytes is None else phone.free_bytes // GIB,
            is_recording=phone_words.is_filming(phone),
            doing=phone_words.state_words(phone),
            warning=phone_words.warning(phone),
            picture=self._picture,
            has_picture=self._aims(),
        )

    def _aims(self) -> bool:
        """Whether the phone can show where it points."""
        phone = self.room.sitting.phone if self.room.sitting is not None else None
        return phone is not None and phone.bound and phone.phase in phone_words.AIMING

    def _on_picture(self, look: LiveLook) -> None:
        self._looking = False
        if look.picture:
            self._picture = base64.b64decode(look.picture.partition(",")[2])

    def _on_no_picture(self, _error: ZhishiyunError) -> None:
        """The next look may bring one."""
        self._looking = False

    def _continue_off(self) -> Words | None:
        binding, sitting = self.room.plan.binding, self.room.sitting
        if not binding.required:
            return None
        if sitting is None or not sitting.phone.bound:
            return text(T.BINDING_CONTINUE_OFF)
        if binding.must_film and not phone_words.is_filming(sitting.phone):
            return text(T.BINDING_CONTINUE_OFF_FILM)
        return None

    def _steps(self) -> tuple[Words, ...]:
        placement = PLACEMENTS.get(self.room.plan.binding.placement, T.BINDING_PLACEMENT_DESK)
        return (
            text(T.BINDING_STEP_SCAN),
            text(T.BINDING_STEP_SWEEP),
            text(T.BINDING_STEP_PLACE, placement=text(placement)),
            text(T.BINDING_STEP_KEEP),
        )


def _grouped(code: str) -> tuple[str, ...]:
    return tuple(code[at : at + 4] for at in range(0, len(code), 4))

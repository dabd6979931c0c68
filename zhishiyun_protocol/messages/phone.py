"""What the phone's page says (R060–R075). Filming follows; binding and state are here."""

from __future__ import annotations

import msgspec


class PhoneBind(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/phone/bind: by the QR's secret or by the typed code; single use, rate limited."""

    secret: str = ""
    code: str = ""
    name: str = ""  # as the browser names the device


class PhoneBound(msgspec.Struct, frozen=True, kw_only=True):
    """201: the bearer for the phone's own calls."""

    token: str
    exam_title: str
    placement: str
    product: str


class PhoneStatus(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/phone/status."""

    battery_share: float | None = None
    free_bytes: int | None = None

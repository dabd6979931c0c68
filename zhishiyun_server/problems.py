"""Every refusal of the server: a stable code, its HTTP status, and both sentences."""

from __future__ import annotations

from zhishiyun_protocol.errors import Refused, ZhishiyunError
from zhishiyun_protocol.messages.entering import Problem

PROBLEMS: dict[str, tuple[int, str, str]] = {
    # the call itself
    "BAD_REQUEST": (400, "The request cannot be read.", "请求内容无法识别。"),
    "NOT_FOUND": (404, "There is nothing here.", "请求的内容不存在。"),
    "METHOD_WRONG": (405, "This call is not offered here.", "该地址不支持此操作。"),
    "TOO_LARGE": (413, "The request is too large.", "请求内容过大。"),
    "TOO_MANY": (429, "Too many requests; wait a moment.", "请求过于频繁，请稍候再试。"),
    "INTERNAL": (500, "The server failed; try again.", "服务器内部错误，请重试。"),
    # enrolment
    "TICKET_OF_ANOTHER_EXAM": (
        404,
        "This ticket belongs to no exam of this server.",
        "该准考凭证不属于本服务器上的任何考试，请核对后重新下载。",
    ),
    "TICKET_NOT_YET": (403, "This ticket is not valid yet.", "该准考凭证尚未生效。"),
    "TICKET_EXPIRED": (403, "This ticket is no longer valid.", "该准考凭证已过有效期。"),
    "PROOF_WRONG": (
        403,
        "The device could not prove its key.",
        "本机身份校验失败，请重新启动考试端后再试。",
    ),
    "PROOF_STALE": (
        403,
        "The proof was made more than five minutes ago; ask the time again.",
        "校验信息已过期，请同步时间后重试。",
    ),
    "CLIENT_TOO_OLD": (
        426,
        "This client is too old for the exam; download the current one.",
        "考试端版本过低，请下载最新版本后再登录。",
    ),
    "DEVICE_BOUND": (
        409,
        "This ticket is already in use on another computer. A technician can change that.",
        "该准考凭证已在另一台电脑上启用，一个准考证号只能使用一个考生端。如需更换电脑，请联系技术服务人员。",
    ),
    "NOT_ENROLLED": (
        403,
        "This computer is not enrolled with that ticket.",
        "本机尚未用该准考凭证启用，请先导入准考凭证。",
    ),
    # login
    "LOGIN_NOT_OPEN": (403, "The login is not open yet.", "登录尚未开放。"),
    "LOGIN_CLOSED": (403, "The login is closed.", "登录已截止，系统不再允许考生登录。"),
    "NUMBERS_WRONG": (
        403,
        "ID number and ticket number do not fit.",
        "身份证号或准考证号不正确，请核对后重新输入。",
    ),
    "SESSION_ELSEWHERE": (
        409,
        "There is a login already. Continue here only if you want to end it.",
        "该考生已在别处登录，不得多屏登录。如确需在本机继续，请点【在本机继续】，原登录将被结束并通知监督员。",
    ),
    "LOGIN_UNKNOWN": (401, "This login is not known any more.", "本次登录已失效，请重新登录。"),
    "LOGIN_DECIDED": (409, "This login is decided already.", "本次登录已有结果。"),
    "DATA_ANSWERED": (409, "This request is answered already.", "该申请已经答复。"),
    "FACE_ATTEMPTS_USED": (
        409,
        "All tries are used; ask for the check by a technician.",
        "人脸识别次数已用完，请点【改用人工核验】。",
    ),
    "FACE_NOT_ASKED": (409, "This exam's login asks for no face.", "本场考试登录无需人脸识别。"),
    "PHOTO_UNREADABLE": (422, "The picture cannot be read.", "照片无法读取，请重新拍摄。"),
    # session
    "SESSION_UNKNOWN": (
        401,
        "This session is not known or has ended; log in again.",
        "登录已失效，请重新登录。",
    ),
    "TAKEN_OVER": (
        401,
        "This session was ended by a login elsewhere.",
        "该考生已在别处登录，本次登录已结束。",
    ),
    # the way in
    "NOT_YET": (403, "It is not time yet.", "时间未到，请稍候。"),
    "KEY_NOT_YET": (425, "The paper opens at the start of the exam.", "考试尚未开始。"),
    "CLOSED": (403, "It is too late to enter.", "已超过允许进入的时间。"),
    "DONE": (403, "The exam has ended.", "考试已结束。"),
    "FLOW_UNREAD": (403, "Read the exam's flow first.", "请先阅读考试流程。"),
    "ATTACHMENTS_UNREAD": (403, "Read all documents first.", "请先阅读全部考试附件。"),
    "PHONE_UNBOUND": (403, "Bind the phone first.", "请先完成佐证绑定。"),
    "PHONE_NOT_FILMING": (
        403,
        "The phone must film first.",
        "手机尚未开始录像，请先在手机上开始录像。",
    ),
    "NOT_DRAWN": (403, "Draw your number first.", "请先抽签。"),
    "DISPLAYS_TOO_MANY": (
        409,
        "More than one display is connected; unplug the others.",
        "检测到多个显示器，请断开其余显示器后再进入。",
    ),
    "NO_LOTTERY": (404, "This exam draws no lots.", "本场考试不抽签。"),
    "NO_PAPER": (404, "There is no paper for you yet.", "试题尚未就绪，请稍候刷新。"),
    "NOT_ENTERED": (403, "Enter the exam first.", "请先进入考试。"),
    # phone
    "BINDING_WRONG": (
        403,
        "This binding code is wrong, used or out of date; show a fresh one.",
        "绑定码无效、已使用或已过期，请在电脑端刷新二维码后重试。",
    ),
    "PHONES_TOO_MANY": (
        409,
        "Too many phones were bound for this exam; ask for help.",
        "本场绑定手机次数过多，请点【求助】联系技术人员。",
    ),
    "PHONE_UNKNOWN": (401, "This phone is not bound any more.", "该手机已不再绑定，请重新扫码。"),
    # evidence
    "DIGEST_MISSING": (
        400,
        "Content-Digest with sha-256 is missing or unreadable.",
        "缺少数据摘要。",
    ),
    "DIGEST_WRONG": (400, "The bytes do not fit their digest.", "数据与摘要不符，请重新发送。"),
    "LENGTH_MISSING": (411, "Content-Length is missing.", "缺少数据长度。"),
    "LENGTH_WRONG": (400, "The bytes do not fit their length.", "数据长度不符，请重新发送。"),
    "CHUNK_EMPTY": (400, "The chunk is empty.", "数据为空。"),
    "CHUNK_TOO_LARGE": (413, "The chunk is too large.", "数据块过大。"),
    "PRECONDITION_MISSING": (428, "If-None-Match: * is missing.", "缺少 If-None-Match 请求头。"),
    "EVIDENCE_CONFLICT": (
        409,
        "Other bytes are held for this place already.",
        "服务器上该位置已有不同的数据，请联系技术服务人员。",
    ),
    "GRANT_WRONG": (403, "This grant does not fit or has expired.", "上传许可无效或已过期。"),
    "QUOTA_USED": (413, "The recording is larger than allowed.", "录像超过允许的大小。"),
    "DISK_FULL": (
        507,
        "The server's disk is full; nothing was kept. Try again later.",
        "服务器存储空间不足，数据未保存，请稍后重试。",
    ),
    "STORE_UNREACHABLE": (
        503,
        "The evidence store does not answer as it should; try again.",
        "证据存储暂时不可用，请稍后重试。",
    ),
    "RANGES_MISSING": (
        409,
        "Parts of the recording have not arrived yet.",
        "录像尚有部分未上传。",
    ),
    "SEAL_WRONG": (
        422,
        "The seal does not fit the recording that arrived.",
        "封存信息与已上传的录像不符。",
    ),
    "ALREADY_SEALED": (409, "The recording is sealed already.", "录像已封存。"),
    "NO_RECEIPT": (404, "There is no receipt yet.", "回执尚未生成。"),
    # staff
    "STAFF_REFUSED": (401, "Name or password is wrong.", "账号或密码不正确。"),
    "STAFF_UNKNOWN": (401, "Log in first.", "请先登录工作账号。"),
    "ROLE_WRONG": (403, "Your role does not include this.", "您的岗位没有此项权限。"),
    "SECOND_PERSON": (
        409,
        "Another technician must confirm this.",
        "需要另一名技术人员确认。",
    ),
}


class Refusal(Refused):
    """A refusal that becomes an HTTP answer."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(problem.code, problem.message, problem.zh)
        self.status = status
        self.problem = problem


def refusal(
    code: str,
    *,
    detail: str = "",
    public_code: str = "",
    retry_after_s: float | None = None,
    opens_us: int | None = None,
    closes_us: int | None = None,
    missing: tuple[tuple[int, int], ...] = (),
) -> Refusal:
    """The refusal listed under `code`; `public_code` where the wire names it differently."""
    status, message, zh = PROBLEMS[code]
    problem = Problem(
        code=public_code or code,
        message=f"{message} {detail}".strip(),
        zh=zh,
        retry_after_s=retry_after_s,
        opens_us=opens_us,
        closes_us=closes_us,
        missing=missing,
    )
    return Refusal(status, problem)


def refused(error: ZhishiyunError, status: int = 422) -> Refusal:
    """An error of the protocol's family as an HTTP answer."""
    return Refusal(status, Problem(code=error.code, message=error.message, zh=error.zh))

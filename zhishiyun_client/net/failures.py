"""What can go wrong on the way to the server, in both languages: one function a cause."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from zhishiyun_client.net.http_library import httpx
from zhishiyun_protocol.errors import Refused, Transient
from zhishiyun_protocol.messages.entering import Problem


def from_wire(error: httpx.HTTPError | httpx.InvalidURL) -> Transient:
    """The error behind a request that got no whole answer."""
    if isinstance(error, httpx.RemoteProtocolError) and "closed" not in str(error):
        return network_down("cut") if "disconnected" in str(error) else nonsense("http")
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return tls_untrusted()
    if isinstance(error, httpx.TimeoutException):
        is_connecting = isinstance(error, httpx.ConnectTimeout)
        return network_down("silence") if is_connecting else server_silent()
    if isinstance(error, httpx.ProxyError):
        return proxy_refuses()
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return network_down("name")
    return network_down("cut")


def network_down(reason: str) -> Transient:
    """No connection. `reason`: silence, name, cut, closed (by ourselves, while leaving)."""
    return Transient(
        "NETWORK_DOWN",
        "The exam server cannot be reached. Check the network; it is tried again by itself.",
        "无法连接考试服务器。请检查网络，系统会自动重试。",
        reason=reason,
    )


def server_silent() -> Transient:
    """Connected, asked, and no answer within the deadline."""
    return Transient(
        "SERVER_SILENT",
        "The exam server does not answer in time. It is tried again by itself.",
        "考试服务器未在规定时间内响应，系统会自动重试。",
    )


def network_captive() -> Transient:
    """A sign-in page or another web page answered instead of the exam server."""
    return Transient(
        "NETWORK_CAPTIVE",
        "A web page answered instead of the exam server: this network asks you to sign in first. "
        "Open a browser, sign in to the network, and try again.",
        "当前网络返回了网页而不是考试服务器的应答，可能需要先登录网络（如酒店或校园网认证）。"
        "请在浏览器中完成认证后重试。",
    )


def proxy_refuses() -> Transient:
    """The system's proxy does not let the request through."""
    return Transient(
        "NETWORK_PROXY",
        "The proxy set in this system refuses the connection. Turn the proxy off, or correct it.",
        "系统代理拒绝了连接。请关闭或更正系统代理设置后重试。",
    )


def tls_untrusted() -> Transient:
    """The server's certificate could not be verified."""
    return Transient(
        "TLS_UNTRUSTED",
        "The connection to the exam server cannot be verified. Check this computer's date, sign in "
        "to the network if it asks for it, and switch off programs that intercept connections.",
        "无法验证考试服务器的安全连接。请检查电脑日期、完成网络认证，并关闭会拦截连接的软件。",
    )


def nonsense(why: str) -> Transient:
    """Something answered, but not as the exam server answers. `why`: empty, huge, json, schema."""
    return Transient(
        "SERVER_NONSENSE",
        f"The answer is not one of the exam server ({why}). Something on the way may alter it; "
        "try another network or contact support.",
        "收到的应答不是考试服务器的有效应答，可能被网络设备改动。请更换网络重试，或联系技术服务人员。",
        why=why,
    )


def busy(status: int, problem: Problem | None, asked_s: float | None) -> Transient:
    """The server says "later"."""
    if problem is not None:
        return Transient(
            problem.code,
            problem.message,
            problem.zh,
            status=status,
            problem=problem,
            retry_after_s=asked_s,
        )
    is_full = status in (429, 503)
    return Transient(
        "SERVER_BUSY" if is_full else "SERVER_FAULT",
        f"The exam server is busy or has a fault (HTTP {status}). It is tried again by itself.",
        f"考试服务器繁忙或暂时故障（HTTP {status}），系统会自动重试。",
        status=status,
        retry_after_s=asked_s,
    )


def refused(status: int, problem: Problem | None) -> Refused:
    """The server says no."""
    if problem is not None:
        return Refused(problem.code, problem.message, problem.zh, status=status, problem=problem)
    return Refused(
        "SERVER_REFUSED",
        f"The exam server refused the request (HTTP {status}) without a reason.",
        f"考试服务器拒绝了请求（HTTP {status}），未说明原因。",
        status=status,
    )


def address_unsafe() -> Refused:
    """A server's address that is not https, or none at all."""
    return Refused(
        "SERVER_ADDRESS",
        "The exam server's address is not valid: it must begin with https://.",
        "考试服务器地址无效：必须以 https:// 开头。",
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__

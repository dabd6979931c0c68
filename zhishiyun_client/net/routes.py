"""Which way a request takes: the system's proxy, or straight; loopback is always straight."""

from __future__ import annotations

import ipaddress
import ssl
import urllib.request
from pathlib import Path

from zhishiyun_client.net.deadline import Deadline, DeadlineBackend
from zhishiyun_client.net.http_library import httpx
from zhishiyun_protocol.errors import Fixable

CONNECTIONS = 12  # six chunks, their grants, what is held, a heartbeat, the desk's calls
IDLE_S = 30.0


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def proxy_for(scheme: str, host: str) -> str | None:
    """The system's HTTP proxy for this host (environment, Windows, macOS), or None: straight."""
    if is_loopback(host) or urllib.request.proxy_bypass(host):
        return None
    found = urllib.request.getproxies().get(scheme)
    return found if found and found.startswith(("http://", "https://")) else None


def trust(extra_ca: Path | None = None) -> ssl.SSLContext:
    """Certificates are always verified: by the shipped list, the system's, and one extra file.

    Raises:
        Fixable: CA_FILE_UNREADABLE.
    """
    context = httpx.create_ssl_context()
    context.load_default_certs()
    if extra_ca is not None:
        try:
            context.load_verify_locations(cafile=extra_ca)
        except (OSError, ssl.SSLError) as error:
            raise Fixable(
                "CA_FILE_UNREADABLE",
                f"The certificate file {extra_ca.name} cannot be read. Choose a PEM file.",
                f"无法读取证书文件 {extra_ca.name}。请选择 PEM 格式的证书文件。",
            ) from error
    return context


class Routes(httpx.BaseTransport):
    """Chooses for each request; the transports behind it share one deadline. Thread: any."""

    def __init__(self, context: ssl.SSLContext, deadline: Deadline) -> None:
        self._context = context
        self._backend = DeadlineBackend(deadline)
        self._transports: dict[str | None, httpx.HTTPTransport] = {None: self._transport(None)}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request its way."""
        proxy = proxy_for(request.url.scheme, request.url.host)
        if proxy not in self._transports:
            self._transports[proxy] = self._transport(proxy)
        return self._transports[proxy].handle_request(request)

    def close(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            transport.close()

    def _transport(self, proxy: str | None) -> httpx.HTTPTransport:
        limits = httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=IDLE_S)
        transport = httpx.HTTPTransport(
            verify=self._context, trust_env=False, limits=limits, proxy=proxy
        )
        # The library has no public way to hand it a network backend; a test holds this line.
        transport._pool._network_backend = self._backend
        return transport

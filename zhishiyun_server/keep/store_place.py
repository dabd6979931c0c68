"""Where evidence lies when it does not lie in the server's own folder."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from zhishiyun_protocol.errors import Fixable
from zhishiyun_server.keep.durable import write_durably

DEFAULT_REGION = "us-east-1"


class StorePlace(msgspec.Struct, frozen=True, kw_only=True):
    """One bucket of an S3-compatible store and the key to it: a file of 0600 in `keys/`."""

    bucket: str
    prefix: str  # "" or ending in "/"
    endpoint: str  # as this server reaches it, e.g. https://s3.example
    public_endpoint: str = ""  # as candidates reach it; "" means the same
    region: str = DEFAULT_REGION
    access_key: str
    secret_key: str

    @property
    def for_candidates(self) -> str:
        """The endpoint that grants name."""
        return self.public_endpoint or self.endpoint

    def shown(self) -> str:
        """The place without its secrets."""
        return f"s3://{self.bucket}/{self.prefix} @ {self.endpoint}"


def read_place(path: Path) -> StorePlace | None:
    """The store of a server's folder; None where evidence lies in the folder itself."""
    if not path.is_file():
        return None
    return msgspec.json.decode(path.read_bytes(), type=StorePlace)


def keep_place(path: Path, place: StorePlace) -> None:
    """Remember the store, for the owner only."""
    write_durably(path, msgspec.json.encode(place))


def place_of(
    url: str, *, endpoint: str, public_endpoint: str, region: str, secrets: str
) -> StorePlace:
    """A store from what the operator says; `secrets`: access key and secret key, a line each.

    Raises:
        Fixable: STORE_ADDRESS or STORE_SECRETS.
    """
    parts = urlsplit(url)
    good = parts.scheme == "s3" and parts.netloc and not parts.query
    if (
        not good
        or not _is_endpoint(endpoint)
        or (public_endpoint and not _is_endpoint(public_endpoint))
    ):
        raise Fixable(
            "STORE_ADDRESS",
            "A store is named as s3://BUCKET/PREFIX with --endpoint https://HOST.",
            "存储地址应为 s3://存储桶/前缀，并用 --endpoint 给出 https://主机。",
        )
    lines = secrets.split()
    if len(lines) != 2:
        raise Fixable(
            "STORE_SECRETS",
            "The file of the store's secrets has two lines: access key and secret key.",
            "存储密钥文件应有两行：访问密钥与私有密钥。",
        )
    prefix = parts.path.strip("/")
    return StorePlace(
        bucket=parts.netloc,
        prefix=f"{prefix}/" if prefix else "",
        endpoint=endpoint.rstrip("/"),
        public_endpoint=public_endpoint.rstrip("/"),
        region=region or DEFAULT_REGION,
        access_key=lines[0],
        secret_key=lines[1],
    )


def _is_endpoint(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and parts.path in {"", "/"}

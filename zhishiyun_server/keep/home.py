"""The folder of a server: where everything lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from zhishiyun_protocol.errors import Fixable


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below one folder that nobody else may read."""

    root: Path

    @property
    def database(self) -> Path:
        """State, as one SQLite file."""
        return self.root / "server.sqlite"

    @property
    def database_address(self) -> Path:
        """Where state is when not in that file: PostgreSQL's address with its password."""
        return self.keys / "database"

    @property
    def bus_address(self) -> Path:
        """How several processes of this server reach one another: NATS' address."""
        return self.keys / "bus"

    @property
    def keys(self) -> Path:
        """Private keys, 0600."""
        return self.root / "keys"

    @property
    def store(self) -> Path:
        """Where evidence goes when not into the folder; with the store's secrets."""
        return self.keys / "store"

    @property
    def blobs(self) -> Path:
        """Attachments, papers and photos by digest."""
        return self.root / "blobs"

    @property
    def evidence(self) -> Path:
        """One folder an attempt, one file a chunk."""
        return self.root / "evidence"

    @property
    def lock(self) -> Path:
        """Held by the process that serves."""
        return self.root / "serving.lock"

    def make(self) -> None:
        """Create the folders, for the owner only."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        for folder in (self.keys, self.blobs, self.evidence):
            folder.mkdir(exist_ok=True, mode=0o700)

    def require(self) -> None:
        """Check that `init` was run here.

        Raises:
            Fixable: HOME_MISSING.
        """
        has_state = self.database.is_file() or self.database_address.is_file()
        if not has_state or not self.keys.is_dir():
            raise Fixable(
                "HOME_MISSING",
                f"{self.root} is no server's folder. "
                f"Run `zhishiyun-server init --home {self.root}`.",
                f"{self.root} 不是服务器目录。请先运行 zhishiyun-server init --home {self.root}。",
            )

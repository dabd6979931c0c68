"""Make this checkout ready to run: system libraries, locked packages, face models.

Standard library only, Python 3.11 or 3.12, safe to run any number of times:

    python build/bootstrap.py [--purpose run|rehearse|test|windows] [--fresh] [--no-system]

What is already there is left alone. Package indexes and mirrors are pip's business: whatever
the user has configured for pip is used.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
DEBIAN_PACKAGES = ROOT / "build" / "debian-packages.txt"
STAMP = VENV / "zhishiyun-installed.txt"
SUPPORTED = ((3, 11), (3, 12))  # PySide6 6.11 and the lock; docs/decisions/0002-pyside6-pin.md
APT_TRIES = 3


def main() -> int:
    """Install what is missing; the exit code is 0 when the checkout can run."""
    options = _options()
    if sys.version_info[:2] not in SUPPORTED:
        return _run_with_a_supported_python()
    if options.system:
        _install_system_libraries(options.purpose)
    _make_environment(fresh=options.fresh)
    _install_packages()
    return _make_face_pack()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--purpose", choices=("run", "rehearse", "test", "windows"), default="rehearse"
    )
    parser.add_argument("--fresh", action="store_true", help="make the environment anew")
    parser.add_argument("--no-system", dest="system", action="store_false", help="leave apt alone")
    return parser.parse_args()


# ---------------------------------------------------------------- speaking


def _say(chinese: str, english: str) -> None:
    print(f"智试云 · {chinese}\n         {english}", file=sys.stderr, flush=True)


def _stop(chinese: str, english: str) -> NoReturn:
    _say(chinese, english)
    sys.exit(1)


# ---------------------------------------------------------------- Python


def _run_with_a_supported_python() -> int:
    for major, minor in SUPPORTED:
        found = shutil.which(f"python{major}.{minor}")
        if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            return subprocess.run([found, *sys.argv]).returncode
    version = ".".join(str(number) for number in sys.version_info[:3])
    _stop(
        f"需要 Python 3.11 或 3.12，现在是 {version}。请安装后重试。",
        f"Python 3.11 or 3.12 is needed, this is {version}. Install one and try again.",
    )


def _python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _make_environment(*, fresh: bool) -> None:
    if fresh and VENV.exists():
        shutil.rmtree(VENV)
    if _works(_python(), "import pip"):
        return
    _ensure_venv_module()
    _say("正在创建 Python 环境 .venv", "Making the Python environment .venv")
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)]).returncode != 0:
        _stop("无法创建 .venv，原因见上。", "The environment .venv could not be made, see above.")


def _ensure_venv_module() -> None:
    """Debian cuts venv's ensurepip out of its python3 package; bring it back."""
    if _works(Path(sys.executable), "import venv, ensurepip"):
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if not _is_debian():
        _stop(
            "这个 Python 没有 venv 模块，请安装完整的 Python。",
            "This Python lacks the module venv; install a complete Python.",
        )
    _apt_install([package])


def _works(python: Path, code: str) -> bool:
    if not python.exists():
        return False
    return subprocess.run([str(python), "-c", code], capture_output=True).returncode == 0


# ---------------------------------------------------------------- packages


def _install_packages() -> None:
    """Bring the environment to the lock, and the project into it, each only when it changed."""
    lock, project = _digest(LOCK), _digest(ROOT / "pyproject.toml")
    done = STAMP.read_text("utf-8").split() if STAMP.exists() else []
    if done == [lock, project, str(ROOT)]:
        return
    if done[:1] != [lock]:
        _say("正在安装锁定的依赖（首次约需几分钟）", "Installing the locked packages (minutes)")
        _pip("--no-deps", "--require-hashes", "-r", str(LOCK))
    _pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    STAMP.write_text(f"{lock}\n{project}\n{ROOT}\n", "utf-8")


def _make_face_pack() -> int:
    """Fetch the weights of the face check, which the repository does not hold."""
    command = [str(_python()), str(ROOT / "build" / "face_pack.py")]
    return subprocess.run(command, cwd=ROOT, stdout=sys.stderr).returncode


def _digest(path: Path) -> str:
    # Without carriage returns: git may have written them on Windows.
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def _pip(*arguments: str) -> None:
    environment = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    command = [str(_python()), "-m", "pip", "install", "--quiet", *arguments]
    if subprocess.run(command, cwd=ROOT, env=environment).returncode != 0:
        _stop(
            "依赖安装失败，原因见上；网络恢复后再次运行即可。",
            "Packages could not be installed, see above; run the same again when mended.",
        )


# ---------------------------------------------------------------- Debian and Ubuntu


def _install_system_libraries(purpose: str) -> None:
    if not _is_debian():
        return
    missing = _missing_packages(_sections_needed(purpose))
    if missing:
        _apt_install(missing)


def _is_debian() -> bool:
    return sys.platform.startswith("linux") and bool(
        Path("/etc/debian_version").exists() and shutil.which("dpkg-query")
    )


def _sections_needed(purpose: str) -> list[str]:
    """Choose the sections of the package list; stand-ins only for what the machine lacks."""
    stand_ins = {
        "no-display": not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")),
        "no-sound": not list(Path("/dev/snd").glob("pcm*c")),
        "no-camera": not list(Path("/dev").glob("video*")),
    }
    if purpose == "run":
        return ["run"]
    if purpose == "rehearse":
        return ["run", *(section for section, absent in stand_ins.items() if absent)]
    if purpose == "windows":
        return ["run", *stand_ins, "test", "windows"]
    return ["run", *stand_ins, "test"]


def _missing_packages(sections: list[str]) -> list[str]:
    """Return one name for every line of these sections of which no alternative is installed."""
    wanted = list(dict.fromkeys(_listed(sections)))
    names = [name for line in wanted for name in line.split("|")]
    query = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *names]
    answer = subprocess.run(query, capture_output=True, text=True)
    installed = {
        line.split()[0] for line in answer.stdout.splitlines() if line.endswith(" installed")
    }
    return [
        _available(alternatives)
        for alternatives in (line.split("|") for line in wanted)
        if installed.isdisjoint(alternatives)
    ]


def _listed(sections: list[str]) -> list[str]:
    section, found = "", []
    for line in DEBIAN_PACKAGES.read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[] ")
        elif line and not line.startswith("#") and section in sections:
            found.append(line.split()[0])
    return found


def _available(alternatives: list[str]) -> str:
    """Prefer the name this release knows; without package lists, the first."""
    for name in alternatives[1:]:
        known = subprocess.run(["apt-cache", "show", name], capture_output=True).returncode == 0
        first = ["apt-cache", "show", alternatives[0]]
        if known and subprocess.run(first, capture_output=True).returncode != 0:
            return name
    return alternatives[0]


def _apt_install(packages: list[str]) -> None:
    """Install with apt when root or when sudo asks no password; otherwise say what to type."""
    line = "apt-get install -y --no-install-recommends " + " ".join(packages)
    become = _becoming_root()
    if become is None:
        _stop(
            f"缺少系统软件包。请执行下面一行后重试：\n         sudo {line}",
            "System packages are missing. Run the line above, then the same command again.",
        )
    _say(f"正在安装系统软件包：{' '.join(packages)}", "Installing the system packages named above")
    options = ["-q", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0"]
    for _ in range(APT_TRIES):  # mirrors hiccup; a second try usually does
        _apt(become, "update", *options)
        if _apt(become, "install", "-y", "--no-install-recommends", *options, *packages):
            return
    _stop(
        f"apt 未能安装，原因见上。请手动执行：\n         {line}",
        "apt could not install them, see above. Type the line yourself.",
    )


def _becoming_root() -> list[str] | None:
    """Return the words to put before a command to run it as root; None when that is impossible."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        without_password = subprocess.run(["sudo", "-n", "true"], capture_output=True)
        return ["sudo", "-n"] if without_password.returncode == 0 else None
    return None


def _apt(become: list[str], *words: str) -> bool:
    command = [*become, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *words]
    return subprocess.run(command, stdout=sys.stderr).returncode == 0


if __name__ == "__main__":
    sys.exit(main())

"""Build a rig that runs real Windows Python on Debian: Wine, CPython, the locked Windows wheels.

    python build/wine_rig.py            build what is missing, say where it is

Root only; about two minutes the first time, then nothing. It lies in a cache folder
(ZHISHIYUN_RIG, else ~/.cache/zhishiyun/wine-rig), so that fresh checkouts share it.
Everything comes from where this machine's apt and pip take their packages:

- `chroot`:  Debian 13 with Wine 10. Wine 8 of Debian 12 lacks what Qt 6.5 and later ask for.
- `windows`: python311.dll with its modules, as the Windows wheel of panda3d ships it (official,
             signed by the Python Software Foundation); the library of this machine's Python 3.11;
             a python.exe of ten lines; the Windows wheels of requirements.lock, by its hashes.
- `prefix`:  Wine's C: drive.

Nothing is mounted outside: every run has mounts of its own, which end with it (`entering`).
What the rig shows and what it cannot: docs/measured/windows.md.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from packaging.markers import Marker

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
STUBS = ROOT / "build" / "wine"
RIG_VARIABLE = "ZHISHIYUN_RIG"
RELEASE = "trixie"
WINE_PACKAGES = (
    "wine", "wine64", "fonts-noto-cjk",
    # Only recommended by Wine, but without them it sees one large monitor and no hot-plug.
    "libxrandr2", "libxinerama1", "libxi6", "libxcursor1", "libxcomposite1", "libxrender1",
    "libxfixes3", "libxxf86vm1", "libgl1",
)  # fmt: skip
WINE = "/usr/lib/wine/wine64"  # the wrapper on PATH nags about 32-bit programs
X_SOCKETS = Path("/", "tmp", ".X11-unix")  # where X servers listen, whatever TMPDIR says
PYTHON_WHEEL = "panda3d==1.10.16"
PYTHON_WHEEL_SHA256 = "37acfb92655c4226879f95c988e2ef1449a53c54486d6c1ebc00e2772429af82"
BESIDE_PYTHON = {"python311.dll", "VCRUNTIME140.dll"}
# Locked for Windows, but only for building, checking or serving: nothing of it runs here.
LEFT_OUT = {
    "altgraph", "ast-serialize", "click", "et-xmlfile", "flatbuffers", "grimp", "hatchling",
    "imageio", "import-linter", "insightface", "lazy-loader", "librt", "ml-dtypes", "mypy",
    "mypy-extensions", "networkx", "onnx", "onnxruntime", "openpyxl",
    "pathspec", "pefile", "pillow", "protobuf", "pyinstaller", "pyinstaller-hooks-contrib",
    "requests", "rich", "ruff", "scikit-image", "scipy", "setuptools", "sqlalchemy", "starlette",
    "tifffile", "tomlkit", "tqdm", "trove-classifiers", "uvicorn",
    # They stop in Wine 10: its C library lacks crealf.
    "av", "numpy", "opencv-python-headless",
}  # fmt: skip
SETTINGS = {
    "HOME": "/rig",
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "XDG_RUNTIME_DIR": "/rig",
    "PYTHONUTF8": "1",
    "PYTHONPYCACHEPREFIX": "C:\\pycache",  # the checkout stays as it is
    "WINEPREFIX": "/rig/prefix",
    "WINEARCH": "win64",
    "WINEDEBUG": "-all",
    "WINEDLLOVERRIDES": "winemenubuilder.exe=d;mscoree=d;mshtml=d;winedbg.exe=d",
}


class Impossible(Exception):
    """This machine cannot hold a rig; the text says why."""


def rig_folder() -> Path:
    """Where the rig lies or will lie."""
    chosen = os.environ.get(RIG_VARIABLE)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(chosen) if chosen else cache / "zhishiyun" / "wine-rig"


def build() -> Path:
    """Build what is missing and return the folder.

    Raises:
        Impossible: no root, no mounts of its own, another Python, or packages did not come.
    """
    _check_machine()
    rig = rig_folder()
    rig.mkdir(parents=True, exist_ok=True)
    with (rig / "building").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two checkouts may want it at the same time
        _step(rig, "chroot", [RELEASE, *WINE_PACKAGES], _make_chroot)
        recipe = [_digest(path.read_bytes()) for path in sorted(STUBS.iterdir())]
        _step(rig, "windows", [PYTHON_WHEEL, _wheels(), *recipe], _make_windows)
        _step(rig, "prefix", [*recipe], _make_prefix)
    return rig


def entering(rig: Path, words: list[str], settings: dict[str, str]) -> list[str]:
    """The command that runs `words` in the rig, the checkout being its folder Z:/project.

    Mounts live in a namespace of this one command: whatever kills it, none is left behind.
    """
    root = rig / "chroot"
    binds = {
        Path("/dev"): root / "dev",
        X_SOCKETS: root / X_SOCKETS.relative_to("/"),
        rig: root / "rig",
        ROOT: root / "project",
    }
    for target in binds.values():
        target.mkdir(parents=True, exist_ok=True)
    X_SOCKETS.mkdir(mode=0o1777, exist_ok=True)
    mounts = [
        f"mount --rbind {shlex.quote(str(a))} {shlex.quote(str(b))}" for a, b in binds.items()
    ]
    mounts.append(f"mount -t proc proc {shlex.quote(str(root / 'proc'))}")
    inside = ["env", "-i", *(f"{k}={v}" for k, v in (SETTINGS | settings).items()), *words]
    # stdin must be a plain one: Windows Python stops at the odd handle of a job's terminal
    start = 'cd /project && exec "$@" </dev/null'
    chroot = ["chroot", str(root), "/bin/sh", "-c", start, "sh", *inside]
    script = " && ".join([*mounts, f"exec {shlex.join(chroot)}"])
    return ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", script]


def python_words(*arguments: str) -> list[str]:
    """Windows Python with these arguments, for `entering`."""
    return [WINE, "/rig/windows/python.exe", *arguments]


# ---------------------------------------------------------------- steps


def _check_machine() -> None:
    if not sys.platform.startswith("linux") or not Path("/etc/debian_version").exists():
        raise Impossible("only on Debian or Ubuntu")
    if os.geteuid() != 0:
        raise Impossible("needs root, for a folder with another Debian in it")
    if sys.version_info[:2] != (3, 11):
        raise Impossible("needs Python 3.11, whose library goes with the Windows python311.dll")
    for program in ("debootstrap", "x86_64-w64-mingw32-gcc", "unshare"):
        if shutil.which(program) is None:
            raise Impossible(f"{program} is not installed: build/bootstrap.py --purpose windows")
    probe = ["unshare", "--mount", "--propagation", "private", "mount", "-t", "tmpfs", "x", "/mnt"]
    if subprocess.run(probe, capture_output=True).returncode != 0:
        raise Impossible("this machine allows no mounts")


def _step(rig: Path, name: str, recipe: list[str], make: Callable[[Path, Path], None]) -> None:
    """Make one part unless the same recipe made it; a part half made is thrown away."""
    stamp, wanted = rig / f"{name}.txt", "\n".join(recipe)
    if stamp.exists() and stamp.read_text("utf-8") == wanted and (rig / name).exists():
        return
    print(f"── {name}", file=sys.stderr, flush=True)
    began_s = time.monotonic()
    stamp.unlink(missing_ok=True)
    if (rig / name).exists():
        shutil.rmtree(rig / name)
    make(rig, rig / name)
    stamp.write_text(wanted, "utf-8")
    print(f"   {time.monotonic() - began_s:.0f} s", file=sys.stderr, flush=True)


def _make_chroot(rig: Path, folder: Path) -> None:
    """Debian 13 with Wine, from the mirror that this machine's apt uses."""
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI)"]
    mirrors = [line for line in _said(asked).split() if "security" not in line]
    if not mirrors:
        raise Impossible("apt knows no mirror")
    fast = os.environ | {"DPKG_FORCE": "unsafe-io", "DEBIAN_FRONTEND": "noninteractive"}
    base = ["debootstrap", "--variant=minbase", "--include=ca-certificates"]
    _run([*base, RELEASE, str(folder), mirrors[0]], fast)
    shutil.copy("/etc/resolv.conf", folder / "etc" / "resolv.conf")
    spared = "path-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\nforce-unsafe-io\n"
    (folder / "etc/dpkg/dpkg.cfg.d/rig").write_text(spared, "utf-8")
    inside = ["chroot", str(folder), "apt-get"]
    _run([*inside, "update", "-q"], fast)
    _run([*inside, "install", "-y", "-q", "--no-install-recommends", *WINE_PACKAGES], fast)
    _run([*inside, "clean"], fast)


def _make_windows(rig: Path, folder: Path) -> None:
    """Python for Windows, and the wheels of the lock."""
    modules, site = folder / "DLLs", folder / "Lib" / "site-packages"
    modules.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=rig) as held:
        pip = [sys.executable, "-m", "pip"]
        windows = ["--platform", "win_amd64", "--python-version", "3.11", "--implementation", "cp"]
        only = ["--quiet", "--no-deps", "--only-binary=:all:", *windows]
        one = Path(held) / "python.txt"
        one.write_text(f"{PYTHON_WHEEL} --hash=sha256:{PYTHON_WHEEL_SHA256}\n", "utf-8")
        _run([*pip, "download", *only, "--require-hashes", "-d", held, "-r", str(one)])
        _unpack_python(next(Path(held).glob("panda3d*.whl")), folder)
        many = Path(held) / "wheels.txt"
        many.write_text(_wheels(), "utf-8")
        _run([*pip, "install", *only, "--require-hashes", "--target", str(site), "-r", str(many)])
    library = Path(sysconfig.get_path("stdlib"))
    not_here = shutil.ignore_patterns(
        "lib-dynload", "site-packages", "dist-packages", "test", "config-3.11*", "__pycache__"
    )
    shutil.copytree(library, folder / "Lib", ignore=not_here, dirs_exist_ok=True)
    _compile(folder)


def _unpack_python(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            path = Path(name)
            if path.parent.name == "deploy_libs" and not path.name.startswith("api-ms-"):
                place = folder if path.name in BESIDE_PYTHON else folder / "DLLs"
                (place / path.name).write_bytes(archive.read(name))


def _compile(folder: Path) -> None:
    """python.exe, and python3.dll: the stable interface, which forwards to python311.dll."""
    gcc = ["x86_64-w64-mingw32-gcc", "-s", "-O2"]
    with tempfile.TemporaryDirectory() as held:
        resource = f"{held}/python.res"
        _run(["x86_64-w64-mingw32-windres", str(STUBS / "python.rc"), "-O", "coff", "-o", resource])
        program = [str(STUBS / "python.c"), resource, "-o", str(folder / "python.exe")]
        _run([*gcc, "-municode", *program])
        table = _said(["x86_64-w64-mingw32-objdump", "-p", str(folder / "python311.dll")])
        names = re.findall(r"^\s*\[\s*\d+\] (_?Py\w+)$", table, re.MULTILINE)
        forwards = "\n".join(f"  {name} = python311.{name}" for name in names)
        (Path(held) / "python3.def").write_text(f"LIBRARY python3\nEXPORTS\n{forwards}\n", "utf-8")
        (Path(held) / "empty.c").write_text(
            "int __stdcall DllMain(void *a, unsigned b, void *c) { return 1; }\n", "utf-8"
        )
        parts = [f"{held}/empty.c", f"{held}/python3.def", "-o", str(folder / "python3.dll")]
        _run([*gcc, "-shared", *parts])


def _make_prefix(rig: Path, folder: Path) -> None:
    """Wine's C: drive, with the one library that Qt wants and Wine lacks."""
    folder.mkdir()
    quiet = {"DISPLAY": ""}
    subprocess.run(entering(rig, [WINE, "wineboot", "-i"], quiet), capture_output=True)
    subprocess.run(entering(rig, ["/usr/lib/wine/wineserver64", "-w"], quiet), capture_output=True)
    system = folder / "drive_c" / "windows" / "system32"
    if not system.exists():
        raise Impossible("Wine made no C: drive")
    gcc = ["x86_64-w64-mingw32-gcc", "-shared", "-s", "-O2", str(STUBS / "icuuc.c")]
    _run([*gcc, "-o", str(system / "icuuc.dll")])


def _wheels() -> str:
    """The lines of the lock that hold for Windows, without markers: pip asks those of Linux."""
    windows = {"sys_platform": "win32", "platform_machine": "AMD64", "os_name": "nt"}
    python = {"python_version": "3.11", "python_full_version": "3.11.9"}
    machine = windows | python | {"platform_python_implementation": "CPython", "extra": ""}
    kept: list[str] = []
    for entry in LOCK.read_text("utf-8").replace("\\\n", " ").splitlines():
        requirement, _, hashes = entry.partition(" --hash=")
        name, _, marker = requirement.partition(" ; ")
        wanted = not marker or Marker(marker.strip()).evaluate(machine)
        if hashes and wanted and name.split("==")[0] not in LEFT_OUT:
            kept.append(f"{name} --hash={' '.join(hashes.split())}")
    return "\n".join(kept)


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-12:])
        raise Impossible(f"{' '.join(command)[:200]}\n{tail}")


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    try:
        print(build())
    except Impossible as reason:
        print(f"no rig here: {reason}", file=sys.stderr)
        sys.exit(3)

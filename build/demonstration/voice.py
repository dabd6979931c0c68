"""Makes the voice: the beginning of a mock lesson, spoken by espeak-ng."""

import subprocess
import tempfile
from pathlib import Path

import av

RATE_HZ = 48_000
BIT_RATE = 48_000
WORDS = (
    "各位评委老师，上午好。我试讲的题目是，认识三角形。"
    "同学们，屋顶、衣架和自行车的车架上，都能找到三角形。"
    "三条线段首尾相连，围成的图形叫做三角形。"
    "它有三个顶点，三条边，三个角。"
    "请拿出三根小棒，试一试，怎样的三根小棒能围成三角形？"
)


def write(target: Path) -> float:
    """Write the voice as Ogg Opus, 48 kHz, one channel; return its length in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder) / "spoken.wav"
        command = ["espeak-ng", "-v", "cmn+f3", "-s", "235", "-a", "80", "-w", str(spoken), WORDS]
        subprocess.run(command, check=True)
        return _encode(spoken, target)


def _encode(spoken: Path, target: Path) -> float:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
    samples = 0
    with av.open(str(spoken)) as source, av.open(str(target), "w", format="ogg") as sink:
        stream = sink.add_stream("libopus", rate=RATE_HZ, layout="mono")
        stream.bit_rate = BIT_RATE
        for frame in source.decode(audio=0):
            for part in resampler.resample(frame):
                samples += part.samples
                sink.mux(stream.encode(part))
        sink.mux(stream.encode(None))
    return samples / RATE_HZ

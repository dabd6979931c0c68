"""What a picture or a sound suffers from is a finding with its times, written once (R111)."""

from __future__ import annotations

from zhishiyun_client.app.recorder_ailments import Ailments
from zhishiyun_client.ports.devices import Picture, Sound
from zhishiyun_client.ports.watching import Cause, Finding

S = 1_000_000


def test_a_fault_is_written_when_it_begins_and_when_it_is_over() -> None:
    ailments = Ailments()
    (begun,) = ailments.look(Picture.FROZEN, Sound(), 100 * S)
    between = ailments.look(Picture.FROZEN, Sound(), 101 * S)
    (ended,) = ailments.look(Picture.GOOD, Sound(), 160 * S)

    assert (begun.rule, begun.subject, begun.cause) == ("camera.frozen", "camera", Cause.DEVICE)
    assert (begun.started_us, begun.ended_us) == (95 * S, None)
    assert between == ()
    assert (ended.key, ended.started_us, ended.ended_us) == (begun.key, 95 * S, 160 * S)


def test_camera_and_microphone_suffer_apart() -> None:
    ailments = Ailments()
    begun = ailments.look(Picture.DARK, Sound(silent=True, clipped=True), 100 * S)
    ended = ailments.look(Picture.DARK, Sound(clipped=True), 101 * S)

    assert rules(begun) == ["camera.dark", "microphone.clipped", "microphone.silent"]
    assert rules(ended) == ["microphone.silent"]


def test_one_fault_that_becomes_another_ends() -> None:
    ailments = Ailments()
    ailments.look(Picture.DARK, Sound(), 100 * S)

    assert rules(ailments.look(Picture.BLACK, Sound(), 110 * S)) == ["camera.black", "camera.dark"]


def test_the_end_of_the_recording_ends_what_stands() -> None:
    ailments = Ailments()
    ailments.look(Picture.COVERED, Sound(faint=True), 100 * S)

    ended = ailments.end(200 * S)
    assert rules(ended) == ["camera.covered", "microphone.faint"]
    assert {finding.ended_us for finding in ended} == {200 * S}
    assert ailments.end(201 * S) == ()


def rules(findings: tuple[Finding, ...]) -> list[str]:
    return sorted(finding.rule for finding in findings)

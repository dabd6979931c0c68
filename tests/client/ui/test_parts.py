"""Papers, QR code, preview, countdown and level, with real widgets."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage, QPixmap

from tests.client.ui.samples import notice_pdf, qr
from zhishiyun_client.ports.preview import PreviewFrame
from zhishiyun_client.ui.parts.countdown import clock_text
from zhishiyun_client.ui.parts.level_meter import LevelMeter
from zhishiyun_client.ui.parts.paper_view import PaperView
from zhishiyun_client.ui.parts.part import Tools
from zhishiyun_client.ui.parts.preview import Preview
from zhishiyun_client.ui.parts.qr_view import QrView


@pytest.fixture
def paper(qtbot, tools) -> PaperView:
    made = PaperView("paper")
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    return made


def _png() -> bytes:
    picture = QPixmap(900, 1600)
    picture.fill(QColor("#336699"))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    return bytes(buffer.data().data())


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "00:00"), (-3, "00:00"), (462, "07:42"), (3600, "60:00"), (6000, "1:40:00")],
)
def test_the_clock_is_minutes_and_seconds_and_never_negative(seconds, words) -> None:
    assert clock_text(seconds) == words


def test_a_pdf_opens_from_memory(paper) -> None:
    assert paper.show_document("application/pdf", notice_pdf())
    assert paper.pages() >= 1


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("application/pdf", b"no pdf at all"),
        ("image/png", b"no picture"),
        ("application/zip", b"PK"),
    ],
)
def test_a_damaged_or_foreign_document_is_told(paper, media_type, content) -> None:
    """F11."""
    assert not paper.show_document(media_type, content)


def test_the_end_of_a_long_picture_is_told_when_it_is_seen(paper, qtbot) -> None:
    paper.show_document("image/png", _png())
    bar = paper.picture.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)

    with qtbot.waitSignal(paper.end_reached, timeout=1000):
        bar.setValue(bar.maximum())


def test_text_grows_to_thirty_six_pixels_and_shrinks_to_twenty(paper) -> None:
    paper.show_document("text/plain", "题目".encode())

    for _ in range(10):
        paper.larger()
    assert paper.text_size_px() == 36
    assert paper.text.document().defaultFont().pixelSize() == 36

    for _ in range(10):
        paper.smaller()
    assert paper.text_size_px() == 20


def test_a_question_cannot_be_selected_or_copied(paper) -> None:
    """R175."""
    paper.show_document("text/plain", "题目".encode())

    paper.text.selectAll()
    paper.text.copy()

    assert not paper.text.textInteractionFlags()
    assert not paper.text.createMimeDataFromSelection().hasText() or (
        paper.text.contextMenuPolicy().name == "NoContextMenu"
    )


def test_a_qr_code_is_drawn_at_least_two_hundred_and_forty_pixels_wide(qtbot) -> None:
    view = QrView()
    qtbot.addWidget(view)
    view.show_matrix(qr("12345"))

    image = view.grab().toImage()

    dark = [
        x for x in range(image.width()) if image.pixelColor(x, image.height() // 2).value() < 64
    ]
    assert view.width() >= 240
    assert dark
    assert image.pixelColor(2, 2) == QColor("#FFFFFF")


class _OneFrame:
    """Red at the left, blue at the right."""

    def latest(self) -> PreviewFrame:
        row = bytes((0, 0, 255)) * 32 + bytes((255, 0, 0)) * 32
        return PreviewFrame(1, 64, 36, row * 36)


def test_the_self_view_is_a_mirror(qtbot, tools) -> None:
    view = Preview(Tools(tools.speaker, tools.pictures, _OneFrame()))
    qtbot.addWidget(view)
    view.resize(320, 180)
    view.show()
    qtbot.waitUntil(view.has_picture)

    image: QImage = view.grab().toImage()

    left, right = image.pixelColor(40, 90), image.pixelColor(280, 90)
    assert left.blue() > 200 > left.red()
    assert right.red() > 200 > right.blue()


def test_a_preview_that_is_off_says_why_and_comes_back(qtbot, tools) -> None:
    view = Preview(tools)
    qtbot.addWidget(view)
    view.resize(320, 180)
    view.show()
    qtbot.waitUntil(view.has_picture)

    view.switch_off("摄像头未开启")
    assert not view.has_picture()

    view.switch_off(None)
    qtbot.waitUntil(view.has_picture)


@pytest.mark.parametrize(
    ("share", "is_lit"), [(0.0, False), (1.0, True), (7.0, True), (-1.0, False)]
)
def test_the_level_meter_lights_with_the_sound(qtbot, share, is_lit) -> None:
    meter = LevelMeter(12)
    qtbot.addWidget(meter)
    meter.resize(240, 12)

    meter.show_level(share)

    assert (meter.grab().toImage().pixelColor(4, 6).green() < 150) is is_lit

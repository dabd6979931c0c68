"""Shows a document from memory: text, picture or PDF; nothing is copied or written to a file."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPalette, QPixmap, QResizeEvent, QTextBlockFormat, QTextCursor
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QScrollArea,
    QScrollBar,
    QStackedLayout,
    QTextEdit,
    QWidget,
)

from zhishiyun_client.ui.theme import LINE_CHARACTERS, QUESTION_SIZES_PX, Colour, Space, font

_LINE_HEIGHT_PERCENT = 115
"""Of the font's own line height, which is 1.45 for Source Han Sans: together about 1.65."""
_ZOOMS = (0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
_PDF = "application/pdf"
_WARMING = "题"
"""Shown before there is a question, on pages nobody sees yet, so that its font is ready at T0."""


class TextPaper(QTextEdit):
    """Text of a question: no selecting, no menu, at most 38 characters a line."""

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setProperty("role", "paper")
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)

    def show_text(self, words: str, size_px: int) -> None:
        """Set the text with generous lines."""
        self.document().setDefaultFont(font(size_px))
        self.setPlainText(words)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        lines = QTextBlockFormat()
        lines.setLineHeight(
            _LINE_HEIGHT_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
        )
        lines.setBottomMargin(Space.TIGHT)
        cursor.mergeBlockFormat(lines)
        self.setLineWrapMode(QTextEdit.LineWrapMode.WidgetWidth)
        self._keep_lines_short(size_px)

    def _keep_lines_short(self, size_px: int) -> None:
        self._longest_px = size_px * (LINE_CHARACTERS + 1)
        self._set_margin()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the lines short on a wide window."""
        self._set_margin()
        super().resizeEvent(event)

    def _set_margin(self) -> None:
        longest = getattr(self, "_longest_px", 0)
        spare = max(0, self.width() - longest) if longest else 0
        self.setViewportMargins(0, 0, spare, 0)


class PicturePaper(QScrollArea):
    """A picture, scaled to the width times the zoom."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._label = QLabel()
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWidget(self._label)
        self.setWidgetResizable(True)
        self._picture = QPixmap()
        self._zoom = 1.0

    def show_picture(self, content: bytes) -> bool:
        """Decode and show; False if it is no picture."""
        self._picture = QPixmap()
        is_whole = self._picture.loadFromData(QByteArray(content))
        self.zoom(1.0)
        return is_whole

    def zoom(self, factor: float) -> None:
        """1.0 fits the width."""
        self._zoom = factor
        if self._picture.isNull():
            return
        ratio = self.devicePixelRatioF()
        width = max(100, self.viewport().width() - 2)
        fitted = min(width, self._picture.width()) if factor == 1.0 else round(width * factor)
        scaled = self._picture.scaledToWidth(
            round(fitted * ratio), Qt.TransformationMode.SmoothTransformation
        )
        scaled.setDevicePixelRatio(ratio)
        self._label.setPixmap(scaled)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit anew."""
        super().resizeEvent(event)
        self.zoom(self._zoom)


class PaperView(QWidget):
    """One document of any kind we accept.

    Signals:
        end_reached(): the end of the document has been on the screen.
    """

    end_reached = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self.text = TextPaper()
        self.picture = PicturePaper()
        self.pdf = QPdfView(self)
        self.pdf.setFrameShape(QFrame.Shape.NoFrame)
        self.pdf.setPageMode(QPdfView.PageMode.MultiPage)
        self.pdf.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        ground = self.pdf.palette()
        ground.setColor(QPalette.ColorRole.Dark, QColor(Colour.SUNKEN))
        self.pdf.setPalette(ground)
        self._document = QPdfDocument(self)
        self._buffer = QBuffer(self)
        self.pdf.setDocument(self._document)
        for part in (self.text, self.picture, self.pdf):
            part.setObjectName(name)
            self._stack.addWidget(part)
            part.verticalScrollBar().valueChanged.connect(self._on_scrolled)
            part.verticalScrollBar().rangeChanged.connect(self._on_range_changed)
        self._zoom_step = 1
        self._size_step = 1
        self._words = ""
        self._has_document = False
        self.text.show_text(_WARMING, QUESTION_SIZES_PX[self._size_step])
        self.setMinimumHeight(220)

    def minimumSizeHint(self) -> QSize:
        """Never squeezed to nothing."""
        return QSize(280, 220)

    def show_document(self, media_type: str, content: bytes) -> bool:
        """Show it; False if it is damaged or of a kind we do not show (F11)."""
        self._zoom_step, self._has_document = 1, True
        if media_type == _PDF:
            return self._show_pdf(content)
        if media_type.startswith("image/"):
            self._stack.setCurrentWidget(self.picture)
            return self.picture.show_picture(content)
        if media_type.startswith("text/"):
            self.show_text(content.decode("utf-8", "replace"))
            return True
        return False

    def show_text(self, words: str) -> None:
        """Show plain text in the size that is chosen."""
        self._has_document = True
        self._words = words
        self._stack.setCurrentWidget(self.text)
        self.text.show_text(words, QUESTION_SIZES_PX[self._size_step])

    def is_text(self) -> bool:
        """Whether larger and smaller mean the text."""
        return self._stack.currentWidget() is self.text

    def pages(self) -> int:
        """Pages of a PDF, else 1."""
        return self._document.pageCount() if self._stack.currentWidget() is self.pdf else 1

    def larger(self) -> None:
        """One step larger: text by the scale 20…36 px, pages by zoom."""
        self._step(1)

    def smaller(self) -> None:
        """One step smaller."""
        self._step(-1)

    def text_size_px(self) -> int:
        """The size of text now."""
        return QUESTION_SIZES_PX[self._size_step]

    def clear(self) -> None:
        """Forget the document."""
        self._has_document = False
        self._words = ""
        self.text.clear()
        self._document.close()
        self._buffer.close()
        self._stack.setCurrentWidget(self.text)

    def _step(self, by: int) -> None:
        if self.is_text():
            self._size_step = min(max(0, self._size_step + by), len(QUESTION_SIZES_PX) - 1)
            self.text.show_text(self._words, self.text_size_px())
            return
        self._zoom_step = min(max(0, self._zoom_step + by), len(_ZOOMS) - 1)
        factor = _ZOOMS[self._zoom_step]
        if self._stack.currentWidget() is self.picture:
            self.picture.zoom(factor)
        elif factor == 1.0:
            self.pdf.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        else:
            self.pdf.setZoomMode(QPdfView.ZoomMode.Custom)
            self.pdf.setZoomFactor(factor)

    def _show_pdf(self, content: bytes) -> bool:
        self._document.close()
        self._buffer.close()
        self._buffer.setData(QByteArray(content))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._document.load(self._buffer)
        self.pdf.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        self._stack.setCurrentWidget(self.pdf)
        return self._document.pageCount() > 0

    def _on_range_changed(self, lowest: int, highest: int) -> None:
        self._on_scrolled(self._bar().value())

    def _on_scrolled(self, value: int) -> None:
        bar = self._bar()
        if self._has_document and self.isVisible() and bar.value() >= bar.maximum():
            self.end_reached.emit()

    def _bar(self) -> QScrollBar:
        current = self._stack.currentWidget()
        for part in (self.text, self.picture, self.pdf):
            if part is current:
                return part.verticalScrollBar()
        return self.text.verticalScrollBar()

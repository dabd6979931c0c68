"""Makes the demonstration roster: invented people, one list as CSV and XLSX, and their photos."""

import csv
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill

from demonstration.portrait import Picture, cut_out

COLUMNS = ("姓名", "身份证号", "准考证号", "岗位", "科目", "电话", "照片", "证件照")
_WIDTHS = (14, 22, 16, 20, 10, 16, 22, 22)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
_CHECKS = "10X98765432"
_PHOTO_PX = (413, 531)  # 35 mm x 45 mm at 300 dpi
_ID_PHOTO_PX = (358, 441)
_FIXED_DAY = datetime(2026, 1, 1)  # noqa: DTZ001  the same bytes every time


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the roster, in the order of COLUMNS."""

    name: str
    id_number: str
    ticket_number: str
    post: str
    subject: str
    phone: str
    photo: str
    id_photo: str


def people() -> list[Person]:
    """Six invented candidates; the order code 000 in the ID number is given to nobody."""
    wanted = (
        ("甲", "综合管理岗", "综合"),
        ("乙", "小学数学教师", "数学"),
        ("丙", "初中美术教师", "美术"),
        ("丁", "窗口服务岗", "综合"),
        ("戊", "小学语文教师", "语文"),
        ("己", "综合管理岗", "综合"),
    )
    made = []
    for number, (mark, post, subject) in enumerate(wanted, 1):
        ticket = f"20269900{number:02d}"
        id_number = _with_check(f"110101199001{number:02d}000")
        phone = f"130000000{number:02d}"
        made.append(
            Person(
                f"示例考生{mark}",
                id_number,
                ticket,
                post,
                subject,
                phone,
                f"{ticket}.jpg",
                f"{ticket}-id.jpg",
            )
        )
    return made


def write_all(folder: Path) -> None:
    """Write roster.csv, roster.xlsx and photos/ into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    persons = people()
    with (folder / "roster.csv").open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        table.writerows(astuple(person) for person in persons)
    _write_workbook(persons, folder / "roster.xlsx")
    (folder / "photos").mkdir(exist_ok=True)
    for number, person in enumerate(persons):
        settings = [cv2.IMWRITE_JPEG_QUALITY, 82, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
        for name, picture in ((person.photo, photo(number)), (person.id_photo, id_photo(number))):
            jpeg = cv2.imencode(".jpg", picture, settings)[1].tobytes()
            (folder / "photos" / name).write_bytes(jpeg)


def photo(number: int) -> Picture:
    """An identity photo from the film's portrait: other crop, light and background for each."""
    person = cut_out()
    backgrounds = ((222, 168, 96), (250, 250, 250), (226, 190, 140))
    light, warmth, zoom = 1.06 - 0.03 * number, 0.985 + 0.006 * number, 1.62 + 0.03 * number
    width, height = _PHOTO_PX
    shift = np.array([[zoom, 0, width / 2 - 226 * zoom], [0, zoom, 236 - 112 * zoom]], np.float32)
    colour = cv2.warpAffine(person.colour, shift, _PHOTO_PX, flags=cv2.INTER_CUBIC)
    alpha = cv2.warpAffine(person.alpha, shift, _PHOTO_PX, flags=cv2.INTER_LINEAR)[..., None]
    room = np.full((height, width, 3), backgrounds[number % 3], np.float32)
    tint = np.array([1 / warmth, 1.0, warmth], np.float32)
    lit = 255 * (np.clip(colour * tint, 0, 255) / 255) ** (1 / light)
    return np.asarray(np.clip(lit * alpha + room * (1 - alpha), 0, 255), np.uint8)


def id_photo(number: int) -> Picture:
    """As on an ID card: 358 x 441 px, greyer, on white."""
    small = cv2.resize(photo(3 * (number // 3) + 1), _ID_PHOTO_PX, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    return np.asarray(cv2.addWeighted(small, 0.55, grey, 0.45, 6.0), np.uint8)


def _with_check(first_17: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True))
    return first_17 + _CHECKS[total % 11]


def _write_workbook(persons: list[Person], target: Path) -> None:
    book = Workbook()
    book.properties.created = book.properties.modified = _FIXED_DAY
    sheet = book.active
    assert sheet is not None  # noqa: S101  a new workbook has one
    sheet.title = "考生名单（示例）"
    sheet.append(list(COLUMNS))
    for person in persons:
        sheet.append(list(astuple(person)))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E3ECF5")
        cell.alignment = Alignment(horizontal="center")
    for letter, width in zip("ABCDEFGH", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.number_format = "@"  # numbers of people are text
    sheet.freeze_panes = "A2"
    book.save(target)

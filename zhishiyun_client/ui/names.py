"""objectName of every widget that a test or a rehearsing candidate looks for.

`window.findChild(QPushButton, names.ENTER)`; a row appends the name of its item:
`f"{names.REPEAT_CHECK}.camera"`.
A page is only shown while it is the current one; look for visible widgets.
"""

# The window
WINDOW = "window"
PAGE_AREA = "page_area"
HEADER = "header"
BAND = "header.band"
DEMONSTRATION_LINE = "demonstration_line"
SERVER_TIME = "header.server_time"
LANGUAGE_ZH = "header.language.zh"
LANGUAGE_EN = "header.language.en"
STEP_LIST = "step_list"
STEP_LINE = "step_line"
PANEL = "panel"
COUNTDOWN = "panel.countdown"
SELF_VIEW = "panel.self_view"
SHRINK = "panel.shrink"
RECORDING_LIGHT = "panel.recording_light"
LEVEL_METER = "panel.level_meter"
IDENTITY = "panel.identity"
UPLOAD_WORD = "panel.upload_word"
PHONE_STATE = "panel.phone"
PHONE_PICTURE = "binding.phone_picture"
HELP = "panel.help"
END = "panel.end"
NOTICE_BAR = "notice_bar"
NOTICE_BUTTON = "notice_button"
NOTICE_CLOSE = "notice_close"

# Help drawer
HELP_DRAWER = "help_drawer"
HELP_TEXT = "help.text"
HELP_SEND = "help.send"
HELP_CLOSE = "help.close"
HELP_CANNED = "help.canned"
HELP_CALL = "help.call"
MY_DATA = "header.my_data"
DATA_DRAWER = "data_drawer"
DATA_CLOSE = "data.close"
DATA_COPY = "data.copy"
DATA_DELETION = "data.deletion"
WITHDRAW = "data.withdraw"
WITHDRAW_CONFIRM = "data.withdraw_confirm"
WITHDRAW_KEEP = "data.withdraw_keep"

# Confirmation of the end, message over the window
END_QUESTION = "end_question"
END_CONFIRM = "end_question.confirm"
END_KEEP = "end_question.keep"
MESSAGE = "message"
MESSAGE_BUTTON = "message.button"

# Pages: f"{PAGE}.{phase}", for example page.consent
PAGE = "page"

# Device preparation
ROOM_ITEM = "room_item"
START_CHECKS = "start_checks"
REPEAT_CHECK = "repeat_check"
EXPORT_REPORT = "export_report"
CONTINUE = "continue"

# Consent
FACE_TICK = "consent.face"
AGREE = "consent.agree"
DECLINE = "consent.decline"

# Face login
ID_NUMBER = "login.id_number"
TICKET_NUMBER = "login.ticket_number"
SUBMIT_NUMBERS = "login.submit"
RETRY_FACE = "login.retry"
TECHNICIAN = "login.technician"
OTHER_WAY = "login.other_way"
BACK_TO_FACE = "login.back_to_face"
TAKE_OVER = "login.take_over"
CANCEL_TAKE_OVER = "login.cancel_take_over"

# Home, reading, binding, lottery, attachments
EXAM_ACTION = "exam_action"
CONFIRM_READ = "reading_flow.read"
QR_BUTTON = "binding.qr"
BINDING_CODE = "binding.code"
BOUND_PHONE = "binding.phone"
IS_BOUND = "isBound"  # a property of it
NEW_CODE = "binding.new_code"
DRAW = "lottery.draw"
DRAW_NUMBER = "lottery.number"
OPEN_ATTACHMENT = "open_attachment"
ACKNOWLEDGE = "attachments.read"
REFRESH = "refresh"

# Entry, device confirmation, waiting
ENTER = "entry.enter"
ENTRY_CODE = "entry.code"
CLOSE_PROGRAM = "close_program"
CAMERAS = "devices.cameras"
MICROPHONES = "devices.microphones"
REFRESH_DEVICES = "devices.refresh"
RECORD_CLIP = "devices.record_clip"
PLAY_CLIP = "devices.play_clip"
ENTER_WAITING = "devices.proceed"
BIG_COUNTDOWN = "waiting.countdown"

# Question and stages
PAPER = "paper"
RELEASE_CODE = "question.code"
OPEN_BY_CODE = "question.open"
RELOAD_QUESTION = "question.reload"
TEXT_LARGER = "question.text_larger"
TEXT_SMALLER = "question.text_smaller"
SHOWN_SHEET = "sheet.shown"
START_LESSON = "lesson.start"
FINISH_STAGE = "stage.finish"
CUE = "stage.cue"

# Ending, upload, receipt
VIEW_UPLOAD = "ending.view_upload"
RETRY_UPLOAD = "upload.retry"
UPLOAD_AGAIN = "upload.again"
EXPORT = "upload.export"
EXPORT_TARGETS = "upload.targets"
GUIDE = "upload.guide"
EXPLAIN = "explain"
SHOW_RECEIPT = "receipt.show"
SAVE_RECEIPT = "receipt.save"
PRINT_RECEIPT = "receipt.print"
HOME = "receipt.home"
RECEIPT_PHONE = "receipt.phone"
RECEIPT_NUMBER = "receipt.number"

"""The tables. Instants are µs of the exam's clock; every type exists in SQLite and PostgreSQL."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

exams = Table(
    "exams",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("title", Text, nullable=False),
    Column("plan", LargeBinary, nullable=False),  # canonical JSON
    Column("plan_sha256", String(64), nullable=False),
    Column("starts_us", BigInteger, nullable=False),
    Column("formal", Boolean, nullable=False),
    Column("draw_seed", LargeBinary, nullable=False),
    Column("draw_commitment", String(64), nullable=False),
    Column("lots_assigned", Boolean, nullable=False, default=False),
    Column("imported_us", BigInteger, nullable=False),
)

attachments = Table(
    "attachments",
    metadata,
    Column("exam_id", ForeignKey("exams.id"), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
)

candidates = Table(
    "candidates",
    metadata,
    Column("ticket_id", String(32), primary_key=True),
    Column("exam_id", ForeignKey("exams.id"), nullable=False, index=True),
    Column("ticket_number", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("id_number", String(32), nullable=False),
    Column("post", Text, nullable=False),  # 岗位: the group of the draw
    Column("subject", Text, nullable=False),  # 科目
    Column("phone", String(64), nullable=False),
    Column("photo_sha256", String(64), nullable=False),
    Column("id_photo_sha256", String(64), nullable=False, default=""),  # of the ID card (人证)
    Column("extra_share", Float, nullable=False, default=0.0),
    Column("device_key", String(64), nullable=False, default=""),
    Column("device_bound_us", BigInteger),
    Column("client_version", String(32), nullable=False, default=""),
    Column("draw_number", Integer),
    Column("draw_assigned", Boolean, nullable=False, default=False),
    Column("face_failures", Integer, nullable=False, default=0),  # since the last admission
    UniqueConstraint("exam_id", "ticket_number"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("ticket_id", ForeignKey("candidates.ticket_id"), nullable=False, unique=True),
    Column("exam_id", ForeignKey("exams.id"), nullable=False, index=True),
    Column("verified_by", String(16), nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("entered_us", BigInteger),
    Column("reentries", Integer, nullable=False, default=0),
    Column("news_cursor", BigInteger, nullable=False, default=0),
    Column("help_cursor", BigInteger, nullable=False, default=0),
)

recordings = Table(  # one evidence log each: the computer's, and one for every phone that was bound
    "recordings",
    metadata,
    Column("id", String(64), primary_key=True),  # the computer's is called like its attempt
    Column("attempt_id", ForeignKey("attempts.id"), nullable=False, index=True),
    Column("source", String(16), nullable=False),
    Column("evidence_key", LargeBinary, nullable=False),
    Column(
        "device_key", String(64), nullable=False, default=""
    ),  # "": the candidate's enrolled one
    Column("begun_us", BigInteger),  # from when chunks are taken
    Column("committed", BigInteger, nullable=False, default=0),
    Column("seal", LargeBinary),
    Column("receipt", LargeBinary),
)

logins = Table(
    "logins",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("secret_hash", String(64), nullable=False),
    Column("ticket_id", ForeignKey("candidates.ticket_id"), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("take_over", Boolean, nullable=False),
    Column("opened_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("manual_us", BigInteger),
    Column("live_photo_sha256", String(64), nullable=False, default=""),
    Column("approved_by", String(64), nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("attempt_id", ForeignKey("attempts.id"), nullable=False, index=True),
    Column("login_id", ForeignKey("logins.id"), nullable=False, index=True),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("used", Boolean, nullable=False, default=False),
    Column("ended_us", BigInteger),
    Column("end_cause", String(32), nullable=False, default=""),
)

arrivals = Table(  # every try to get in, also the refused ones (R103)
    "arrivals",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("ticket_id", String(32), nullable=False, index=True),
    Column("door", String(16), nullable=False),  # enrolment | login | entry | reentry
    Column("at_us", BigInteger, nullable=False),
    Column("outcome", String(32), nullable=False),  # OPEN or the code of the refusal
)

acts = Table(
    "acts",
    metadata,
    Column("attempt_id", ForeignKey("attempts.id"), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("place", Integer, nullable=False),  # order of arrival
    Column("kind", String(32), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("error_us", BigInteger, nullable=False),
    Column("received_us", BigInteger, nullable=False),
    Column("subject", String(128), nullable=False),
    Column("stage", Integer),
    Column("version", String(64), nullable=False),
)

news = Table(
    "news",
    metadata,
    Column("attempt_id", ForeignKey("attempts.id"), primary_key=True),
    Column("cursor", BigInteger, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

help_lines = Table(
    "help_lines",
    metadata,
    Column("attempt_id", ForeignKey("attempts.id"), primary_key=True),
    Column("cursor", BigInteger, primary_key=True),
    Column("id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("from_staff", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("received_us", BigInteger, nullable=False),
    Column("read_us", BigInteger),
    UniqueConstraint("attempt_id", "id"),
)

data_requests = Table(  # a copy or deletion of what is kept (PIPL 44-50)
    "data_requests",
    metadata,
    Column("attempt_id", ForeignKey("attempts.id"), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("wish", String(16), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("received_us", BigInteger, nullable=False),
    Column("answer", String(16), nullable=False),
    Column("words", Text, nullable=False, default=""),
    Column("answered_by", String(64), nullable=False, default=""),
    Column("answered_us", BigInteger),
)

bindings = Table(
    "bindings",
    metadata,
    Column("attempt_id", ForeignKey("attempts.id"), primary_key=True),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("expires_us", BigInteger, nullable=False),
    Column("device_key", String(64), nullable=False, default=""),  # of the phone that used it
)

phones = Table(
    "phones",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("attempt_id", ForeignKey("attempts.id"), nullable=False, index=True),
    Column("recording_id", ForeignKey("recordings.id"), nullable=False, unique=True),
    Column("name", String(128), nullable=False),
    Column("bound_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),  # another phone was bound
    Column("battery_share", Float),
    Column("free_bytes", BigInteger),
    Column("seen_us", BigInteger),
    Column("silent_us", BigInteger),  # since when nothing was heard, once that was noticed
    Column("phase", String(16), nullable=False, default=""),
    Column("recorded_s", BigInteger, nullable=False, default=0),
    Column("log_bytes", BigInteger, nullable=False, default=0),
    Column("waiting_bytes", BigInteger, nullable=False, default=0),
    Column("troubles", Text, nullable=False, default="[]"),
    Column("interruptions", BigInteger, nullable=False, default=0),
    Column("interrupted_s", BigInteger, nullable=False, default=0),
    Column("last_cause", String(32), nullable=False, default=""),
    Column("wish", String(16), nullable=False, default=""),  # of the staff, until it is done
    Column("told", Text, nullable=False, default=""),  # what the candidate's computer knows
)

papers = Table(
    "papers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("exam_id", ForeignKey("exams.id"), nullable=False, index=True),
    Column("subject", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("sha256", String(64), nullable=False),  # of the envelope
    Column("key", LargeBinary, nullable=False),
    UniqueConstraint("exam_id", "subject", "language"),
)

chunks = Table(
    "chunks",
    metadata,
    Column("recording_id", ForeignKey("recordings.id"), primary_key=True),
    Column("first_byte", BigInteger, primary_key=True),
    Column("end_byte", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("received_us", BigInteger, nullable=False),
)

wanted = Table(  # ranges that staff ask for again (R188)
    "wanted",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("recording_id", ForeignKey("recordings.id"), nullable=False, index=True),
    Column("first_byte", BigInteger, nullable=False),
    Column("end_byte", BigInteger, nullable=False),
)

heads = Table(  # what the device committed to, and when
    "heads",
    metadata,
    Column("recording_id", ForeignKey("recordings.id"), primary_key=True),
    Column("records", BigInteger, primary_key=True),
    Column("length", BigInteger, nullable=False),
    Column("head", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
    Column("at_us", BigInteger, nullable=False),
)

contacts = Table(  # the newest heartbeat
    "contacts",
    metadata,
    Column("attempt_id", ForeignKey("attempts.id"), primary_key=True),
    Column("seen_us", BigInteger, nullable=False),
    Column("phase", String(32), nullable=False),
    Column("recording", Boolean, nullable=False),
    Column("held_bytes", BigInteger, nullable=False),
    Column("lag_bytes", BigInteger, nullable=False),
    Column("dropped", BigInteger, nullable=False),
    Column("notes", Text, nullable=False),
    Column("thumbnail", Text, nullable=False),
)

findings = Table(  # what the guard saw at the newest heartbeat; a row where it saw something
    "findings",
    metadata,
    Column("attempt_id", ForeignKey("attempts.id"), primary_key=True),
    Column("told", Text, nullable=False),
)

holds = Table(  # what must outlast its time (appeals, disputes, who was hired)
    "holds",
    metadata,
    Column("ticket_id", ForeignKey("candidates.ticket_id"), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("held_by", String(64), nullable=False),
    Column("at_us", BigInteger, nullable=False),
)

deletions = Table(  # whose time is over
    "deletions",
    metadata,
    Column("ticket_id", ForeignKey("candidates.ticket_id"), primary_key=True),
    Column("why", String(16), nullable=False),
    Column("begun_us", BigInteger, nullable=False),
    Column("photos", Text, nullable=False),  # digests, while their files may still be there
    Column("done_us", BigInteger),
    Column("certificate", Text, nullable=False, default=""),
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("attempt_id", String(32), nullable=False, index=True),
    Column("recording_id", String(64), nullable=False, default=""),
    Column("code", String(32), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("detail", Text, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("password_hash", LargeBinary, nullable=False),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("name", ForeignKey("staff.name"), nullable=False),
    Column("expires_s", BigInteger, nullable=False),  # real seconds since 1970
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at_us", BigInteger, nullable=False),
    Column("who", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("what", String(64), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)

Index("chunks_by_end", chunks.c.recording_id, chunks.c.end_byte)

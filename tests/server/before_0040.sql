CREATE TABLE alarms (
  id INTEGER NOT NULL,
  attempt_id VARCHAR(32) NOT NULL,
  code VARCHAR(32) NOT NULL,
  at_us BIGINT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX ix_alarms_attempt_id ON alarms (attempt_id);
CREATE TABLE arrivals (
  id INTEGER NOT NULL,
  ticket_id VARCHAR(32) NOT NULL,
  door VARCHAR(16) NOT NULL,
  at_us BIGINT NOT NULL,
  outcome VARCHAR(32) NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX ix_arrivals_ticket_id ON arrivals (ticket_id);
CREATE TABLE audit (
  id INTEGER NOT NULL,
  at_us BIGINT NOT NULL,
  who VARCHAR(64) NOT NULL,
  role VARCHAR(16) NOT NULL,
  what VARCHAR(64) NOT NULL,
  subject VARCHAR(128) NOT NULL,
  detail TEXT NOT NULL,
  previous VARCHAR(64) NOT NULL,
  digest VARCHAR(64) NOT NULL,
  PRIMARY KEY (id)
);
CREATE TABLE exams (
  id VARCHAR(64) NOT NULL,
  title TEXT NOT NULL,
  "plan" BLOB NOT NULL,
  plan_sha256 VARCHAR(64) NOT NULL,
  starts_us BIGINT NOT NULL,
  formal BOOLEAN NOT NULL,
  draw_seed BLOB NOT NULL,
  draw_commitment VARCHAR(64) NOT NULL,
  lots_assigned BOOLEAN NOT NULL,
  imported_us BIGINT NOT NULL,
  PRIMARY KEY (id)
);
CREATE TABLE meta (
  "key" VARCHAR(64) NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY ("key")
);
CREATE TABLE staff (
  name VARCHAR(64) NOT NULL,
  role VARCHAR(16) NOT NULL,
  salt BLOB NOT NULL,
  password_hash BLOB NOT NULL,
  PRIMARY KEY (name)
);
CREATE TABLE attachments (
  exam_id VARCHAR(64) NOT NULL,
  id VARCHAR(64) NOT NULL,
  sha256 VARCHAR(64) NOT NULL,
  bytes BIGINT NOT NULL,
  PRIMARY KEY (exam_id, id),
  FOREIGN KEY(exam_id) REFERENCES exams (id)
);
CREATE TABLE candidates (
  ticket_id VARCHAR(32) NOT NULL,
  exam_id VARCHAR(64) NOT NULL,
  ticket_number VARCHAR(64) NOT NULL,
  name TEXT NOT NULL,
  id_number VARCHAR(32) NOT NULL,
  post TEXT NOT NULL,
  subject TEXT NOT NULL,
  phone VARCHAR(64) NOT NULL,
  photo_sha256 VARCHAR(64) NOT NULL,
  id_photo_sha256 VARCHAR(64) NOT NULL,
  extra_share FLOAT NOT NULL,
  device_key VARCHAR(64) NOT NULL,
  device_bound_us BIGINT,
  client_version VARCHAR(32) NOT NULL,
  draw_number INTEGER,
  draw_assigned BOOLEAN NOT NULL,
  face_failures INTEGER NOT NULL,
  PRIMARY KEY (ticket_id),
  UNIQUE (exam_id, ticket_number),
  FOREIGN KEY(exam_id) REFERENCES exams (id)
);
CREATE INDEX ix_candidates_exam_id ON candidates (exam_id);
CREATE TABLE papers (
  id VARCHAR(32) NOT NULL,
  exam_id VARCHAR(64) NOT NULL,
  subject TEXT NOT NULL,
  language VARCHAR(16) NOT NULL,
  sha256 VARCHAR(64) NOT NULL,
  "key" BLOB NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (exam_id, subject, language),
  FOREIGN KEY(exam_id) REFERENCES exams (id)
);
CREATE INDEX ix_papers_exam_id ON papers (exam_id);
CREATE TABLE staff_sessions (
  token_hash VARCHAR(64) NOT NULL,
  name VARCHAR(64) NOT NULL,
  expires_s BIGINT NOT NULL,
  PRIMARY KEY (token_hash),
  FOREIGN KEY(name) REFERENCES staff (name)
);
CREATE TABLE attempts (
  id VARCHAR(32) NOT NULL,
  ticket_id VARCHAR(32) NOT NULL,
  exam_id VARCHAR(64) NOT NULL,
  evidence_key BLOB NOT NULL,
  verified_by VARCHAR(16) NOT NULL,
  created_us BIGINT NOT NULL,
  entered_us BIGINT,
  reentries INTEGER NOT NULL,
  news_cursor BIGINT NOT NULL,
  help_cursor BIGINT NOT NULL,
  committed BIGINT NOT NULL,
  seal BLOB,
  receipt BLOB,
  PRIMARY KEY (id),
  UNIQUE (ticket_id),
  FOREIGN KEY(ticket_id) REFERENCES candidates (ticket_id),
  FOREIGN KEY(exam_id) REFERENCES exams (id)
);
CREATE INDEX ix_attempts_exam_id ON attempts (exam_id);
CREATE TABLE deletions (
  ticket_id VARCHAR(32) NOT NULL,
  why VARCHAR(16) NOT NULL,
  begun_us BIGINT NOT NULL,
  photos TEXT NOT NULL,
  done_us BIGINT,
  certificate TEXT NOT NULL,
  PRIMARY KEY (ticket_id),
  FOREIGN KEY(ticket_id) REFERENCES candidates (ticket_id)
);
CREATE TABLE holds (
  ticket_id VARCHAR(32) NOT NULL,
  reason TEXT NOT NULL,
  held_by VARCHAR(64) NOT NULL,
  at_us BIGINT NOT NULL,
  PRIMARY KEY (ticket_id),
  FOREIGN KEY(ticket_id) REFERENCES candidates (ticket_id)
);
CREATE TABLE logins (
  id VARCHAR(32) NOT NULL,
  secret_hash VARCHAR(64) NOT NULL,
  ticket_id VARCHAR(32) NOT NULL,
  state VARCHAR(16) NOT NULL,
  take_over BOOLEAN NOT NULL,
  opened_us BIGINT NOT NULL,
  expires_us BIGINT NOT NULL,
  manual_us BIGINT,
  live_photo_sha256 VARCHAR(64) NOT NULL,
  approved_by VARCHAR(64) NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(ticket_id) REFERENCES candidates (ticket_id)
);
CREATE INDEX ix_logins_ticket_id ON logins (ticket_id);
CREATE TABLE acts (
  attempt_id VARCHAR(32) NOT NULL,
  id VARCHAR(64) NOT NULL,
  place INTEGER NOT NULL,
  kind VARCHAR(32) NOT NULL,
  at_us BIGINT NOT NULL,
  error_us BIGINT NOT NULL,
  received_us BIGINT NOT NULL,
  subject VARCHAR(128) NOT NULL,
  stage INTEGER,
  version VARCHAR(64) NOT NULL,
  PRIMARY KEY (attempt_id, id),
  FOREIGN KEY(attempt_id) REFERENCES attempts (id)
);
CREATE TABLE bindings (
  attempt_id VARCHAR(32) NOT NULL,
  secret_hash VARCHAR(64) NOT NULL,
  code_hash VARCHAR(64) NOT NULL,
  expires_us BIGINT NOT NULL,
  PRIMARY KEY (attempt_id),
  FOREIGN KEY(attempt_id) REFERENCES attempts (id),
  UNIQUE (secret_hash),
  UNIQUE (code_hash)
);
CREATE TABLE chunks (
  attempt_id VARCHAR(32) NOT NULL,
  first_byte BIGINT NOT NULL,
  end_byte BIGINT NOT NULL,
  sha256 VARCHAR(64) NOT NULL,
  received_us BIGINT NOT NULL,
  PRIMARY KEY (attempt_id, first_byte),
  FOREIGN KEY(attempt_id) REFERENCES attempts (id)
);
CREATE INDEX chunks_by_end ON chunks (attempt_id, end_byte);
CREATE TABLE contacts (
  attempt_id VARCHAR(32) NOT NULL,
  seen_us BIGINT NOT NULL,
  phase VARCHAR(32) NOT NULL,
  recording BOOLEAN NOT NULL,
  held_bytes BIGINT NOT NULL,
  lag_bytes BIGINT NOT NULL,
  dropped BIGINT NOT NULL,
  notes TEXT NOT NULL,
  thumbnail TEXT NOT NULL,
  PRIMARY KEY (attempt_id),
  FOREIGN KEY(attempt_id) REFERENCES attempts (id)
);
CREATE TABLE data_requests (
  attempt_id VARCHAR(32) NOT NULL,
  id VARCHAR(64) NOT NULL,
  wish VARCHAR(16) NOT NULL,
  at_us BIGINT NOT NULL,
  received_us BIGINT NOT NULL,
  answer VARCHAR(16) NOT NULL,
  words TEXT NOT NULL,
  answered_by VARCHAR(64) NOT NULL,
  answered_us BIGINT,
  PRIMARY KEY (attempt_id, id),
  FOREIGN KEY(attempt_id) REFERENCES attempts (id)
);
CREATE TABLE findings (
  attempt_id VARCHAR(32) NOT NULL,
  told TEXT NOT NULL,
  PRIMARY KEY (attempt_id),
  FOREIGN KEY(attempt_id) REFERENCES attempts (id)
);
CREATE TABLE heads (
  attempt_id VARCHAR(32) NOT NULL,
  records BIGINT NOT NULL,
  length BIGINT NOT NULL,
  head VARCHAR(64) NOT NULL,
  signature VARCHAR(128) NOT NULL,
  at_us BIGINT NOT NULL,
  PRIMARY KEY (attempt_id, records),
  FOREIGN KEY(attempt_id) REFERENCES attempts (id)
);
CREATE TABLE help_lines (
  attempt_id VARCHAR(32) NOT NULL,
  cursor BIGINT NOT NULL,
  id VARCHAR(64) NOT NULL,
  kind VARCHAR(16) NOT NULL,
  from_staff BOOLEAN NOT NULL,
  text TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  received_us BIGINT NOT NULL,
  read_us BIGINT,
  PRIMARY KEY (attempt_id, cursor),
  UNIQUE (attempt_id, id),
  FOREIGN KEY(attempt_id) REFERENCES attempts (id)
);
CREATE TABLE news (
  attempt_id VARCHAR(32) NOT NULL,
  cursor BIGINT NOT NULL,
  kind VARCHAR(16) NOT NULL,
  at_us BIGINT NOT NULL,
  text TEXT NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (attempt_id, cursor),
  FOREIGN KEY(attempt_id) REFERENCES attempts (id)
);
CREATE TABLE phones (
  token_hash VARCHAR(64) NOT NULL,
  attempt_id VARCHAR(32) NOT NULL,
  name VARCHAR(128) NOT NULL,
  bound_us BIGINT NOT NULL,
  ended_us BIGINT,
  battery_share FLOAT,
  free_bytes BIGINT,
  seen_us BIGINT,
  PRIMARY KEY (token_hash),
  FOREIGN KEY(attempt_id) REFERENCES attempts (id)
);
CREATE INDEX ix_phones_attempt_id ON phones (attempt_id);
CREATE TABLE sessions (
  token_hash VARCHAR(64) NOT NULL,
  attempt_id VARCHAR(32) NOT NULL,
  login_id VARCHAR(32) NOT NULL,
  created_us BIGINT NOT NULL,
  expires_us BIGINT NOT NULL,
  used BOOLEAN NOT NULL,
  ended_us BIGINT,
  end_cause VARCHAR(32) NOT NULL,
  PRIMARY KEY (token_hash),
  FOREIGN KEY(attempt_id) REFERENCES attempts (id),
  FOREIGN KEY(login_id) REFERENCES logins (id)
);
CREATE INDEX ix_sessions_login_id ON sessions (login_id);
CREATE INDEX ix_sessions_attempt_id ON sessions (attempt_id);
CREATE TABLE wanted (
  id INTEGER NOT NULL,
  attempt_id VARCHAR(32) NOT NULL,
  first_byte BIGINT NOT NULL,
  end_byte BIGINT NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(attempt_id) REFERENCES attempts (id)
);
CREATE INDEX ix_wanted_attempt_id ON wanted (attempt_id);

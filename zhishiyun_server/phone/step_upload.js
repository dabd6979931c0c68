// 上传 and 完成: honest numbers, the deadline as a clock, the server's word at the end.

import { by, press, show, write } from "./page.js";
import { duration, say, sayOf, size, timeOfDay } from "./words.js";

export function prepareUpload(phone) {
  press("upload-again", async () => phone.upload.askAnew());
  press("done-new", async () => { location.hash = ""; await phone.go("bind"); });
}

export function showUpload(phone) {
  const { upload, log } = phone;
  if (!upload) return;
  const [held, all] = [upload.heldBytes, log.head.length];
  by("upload-bar").max = all;
  by("upload-bar").value = held;
  write("upload-bytes", say("upload.bytes", { held: size(held), all: size(all) }));
  write("upload-left", upload.isChecking ? say("upload.checking") : left(upload));
  write("upload-trouble", trouble(upload));
  show("upload-again", upload.failures > 0);
  write("upload-help", upload.failures > 3 ? say("upload.help") : "");
  write("upload-replaced", phone.told && phone.told.ended ? say("film.replaced") : "");
  deadline(phone);
}

function left(upload) {
  if (!upload.waitingBytes || upload.failures || !upload.bytesPerS) return "";
  const minutes = upload.waitingBytes / upload.bytesPerS / 60;
  if (minutes < 0.7) return say("upload.soon");
  return say("upload.left", { low: Math.max(1, Math.floor(minutes)), high: Math.ceil(minutes * 1.6 + 0.2) });
}

function trouble(upload) {
  if (!upload.failures) return "";
  const why = upload.trouble === "OFFLINE" ? say("upload.offline")
    : say("upload.refused", { words: upload.lastError ? sayOf(upload.lastError) : "" });
  const seconds = Math.max(1, Math.ceil((upload.nextTryAt - Date.now()) / 1000));
  return say("upload.waiting", { why, seconds, tries: upload.failures });
}

function deadline(phone) {
  const closes = phone.told && phone.told.closes_us;
  if (!closes) return write("upload-deadline", "");
  const leftS = (closes - phone.clock.nowUs()) / 1e6;
  const time = timeOfDay(closes);
  const isLate = leftS <= 0;
  by("upload-deadline").dataset.state = isLate ? "bad" : "";
  return write("upload-deadline", isLate ? say("upload.late", { time }) : say("upload.deadline", { time, left: duration(leftS) }));
}

export function showDone(phone) {
  const { receipt } = phone.upload || {};
  if (!receipt) return;
  const { body } = receipt;
  write("done-lead", say(body.complete ? "done.lead" : "done.incomplete"));
  by("page-done").dataset.state = body.complete ? "good" : "bad";
  write("done-receipt", body.receipt_id);
  write("done-filmed", duration(phone.log.head.filmed_us / 1e6));
  write("done-bytes", size(body.length));
  write("done-cuts", String(phone.log.head.cuts));
  write("done-late", say(body.late ? "done.yes" : "done.no"));
  const others = (phone.told && phone.told.parts_missing) || 0;
  write("done-parts", others ? say("done.parts", { count: others }) : "");
  write("done-formal", body.formal ? "" : say("done.formal"));
}

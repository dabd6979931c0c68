"use strict";
// The small plain desk: who is where, help, and letting somebody in.
const LOOK_EVERY_MS = 2000;
const PHASES = {
  device_preparation: "设备准备", consent: "告知与同意", face_login: "人脸登录", home: "首页",
  reading_flow: "阅读考试流程", binding: "佐证绑定", lottery: "抽签", attachments: "考试附件",
  entry: "进入考试", device_confirmation: "设备确认", waiting: "待考倒计时", preparation: "备课",
  answering: "作答", skill_test: "技能测试", display_of_work: "展示", ending: "结束",
  uploading: "上传", receipt: "回执",
};
const ALARMS = {
  EVIDENCE_CONFLICT: "录像冲突", EVIDENCE_LOST: "录像缺失", SESSION_TAKEN_OVER: "曾在别处登录",
  HEAD_FORGED: "签名不符", LOG_FORKED: "录像链分叉", LOG_DAMAGED: "录像损坏",
  LOG_CHAIN_BROKEN: "录像链断开", LOG_SIGNATURE_WRONG: "录像签名不符", LOG_FOREIGN: "不是录像",
  LOG_OF_ANOTHER_ATTEMPT: "他人的录像", LOG_WRONG_KEY: "密钥不符", LOG_PAYLOAD_UNREADABLE: "录像内容不可读",
  LOG_GOES_ON_AFTER_END: "结束后仍有录像", SEAL_WRONG: "封存不符",
  LOG_CUT_SHORT: "录像缺尾",
};
const ASKED = {
  asked: "考生选择人工核验", no_consent: "不同意人脸核验", not_alike: "人脸比对未通过",
  photo_unusable: "报名照片无法比对", no_camera: "摄像头没有画面", engine: "人脸组件无法使用",
};
const NOTES = {
  PRESENCE_NOBODY: "画面中无人", PRESENCE_SOMEONE_ELSE: "疑似他人，请核对", PRESENCE_SEVERAL: "画面中有多人",
  PRESENCE_COVERED: "口鼻被遮挡", PRESENCE_OUT_OF_FRAME: "脸在画面边缘",
};
const FACES = { declined: "未同意人脸核验", withdrawn: "已撤回人脸同意" };
const WISHES = { copy: "申请副本", deletion: "申请删除" };
let role = "", exam = "", open = "", deciding = "", asked = "", timer = 0, drift = 0;

async function call(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("/v1/staff/" + path, {
    method, headers, body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.status === 204) return null;
  const told = await answer.json();
  if (answer.ok) return told;
  if (answer.status === 401 && path !== "sessions") leave();
  throw new Error(told.zh || "请求失败");
}

function say(error) { by("message").textContent = error ? error.message : ""; }
async function carefully(work) { try { await work(); say(null); } catch (error) { say(error); } }

function el(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}
function button(text, work, kind) {
  const made = el("button", text, kind || "plain");
  made.type = "button";
  made.addEventListener("click", () => carefully(work));
  return made;
}
function time(us) { return new Date(us / 1000).toLocaleTimeString("zh-CN", { hour12: false }); }
function size(bytes) { return (bytes / 1048576).toFixed(1) + " MB"; }
function ago(us, now) {
  if (us === null) return "—";
  const s = Math.max(0, Math.round((now - us) / 1e6));
  return s < 60 ? s + " 秒前" : Math.floor(s / 60) + " 分钟前";
}

async function begin() {
  const exams = await call("GET", "exams");
  by("login").hidden = true;
  by("work").hidden = false;
  by("leave").hidden = false;
  by("exam").replaceChildren(...exams.map((line) => {
    const option = el("option", line.title + "（" + new Date(line.starts_us / 1000).toLocaleString("zh-CN") + "）");
    option.value = line.exam_id;
    return option;
  }));
  exam = exams.length ? exams[exams.length - 1].exam_id : "";
  by("exam").value = exam;
  await look();
}

async function look() {
  clearTimeout(timer);
  try {
    const exams = await call("GET", "exams");
    if (exams.length) drift = exams[0].now_us;
    by("clock").textContent = exams.length ? "系统时间 " + time(drift) : "";
    if (exam) await showCandidates();
    await showWaiting();
    await showAsked();
    if (open) await showThread();
    if (aimed) await showPhone();
    say(null);
  } catch (error) {
    say(error);
  }
  if (!by("work").hidden) timer = setTimeout(look, LOOK_EVERY_MS);
}

async function showCandidates() {
  const lines = await call("GET", "exams/" + encodeURIComponent(exam) + "/candidates");
  const blocked = (line) => line.findings.some((each) => each.blocks && !each.allowed);
  const calls = (line) => (line.help_waiting_us || line.manual_waiting_us || line.alarms.length || line.overdue || blocked(line) ? 0 : 1);
  lines.sort((a, b) => calls(a) - calls(b));
  by("rows").replaceChildren(...lines.map(row));
  by("nobody").hidden = lines.length > 0;
  showFindings(lines);
}

function row(line) {
  const made = el("tr");
  const who = line.name ? line.name + "（" + line.ticket_number.slice(-4) + "）" : "席位 " + line.seat;
  let phase = PHASES[line.phase] || (line.enrolled ? "已启用" : "未启用");
  if (line.recording) phase += " · 录制中";
  const upload = line.sealed ? (line.complete ? "已完成" : "已封存（不完整）") + (line.late ? " · 逾时" : "")
    : size(line.held_bytes) + (line.lag_bytes ? "，待传 " + size(line.lag_bytes) : "");
  const notes = [];
  if (line.help_waiting_us) notes.push(["求助中", "calls"]);
  if (line.manual_waiting_us) notes.push(["等待核验", "calls"]);
  for (const code of line.notes) if (NOTES[code]) notes.push([NOTES[code], "calls"]);
  if (line.overdue) notes.push(["逾时未传完", "alarm"]);
  notes.push(...hintsOf(line), ...phoneHints(line));
  if (FACES[line.face]) notes.push([FACES[line.face], ""]);
  for (const code of line.alarms) notes.push([ALARMS[code] || code, "alarm"]);
  if (line.reentries) notes.push(["再次进入 " + line.reentries + " 次", ""]);
  if (line.verified_by === "manual") notes.push(["人工核验", ""]);
  const hints = el("td", undefined, "hints");
  notes.forEach(([text, kind]) => hints.append(el("span", text, kind), " "));
  const acts = el("td", undefined, "acts");
  if (line.attempt_id && role !== "officer") {
    acts.append(button("求助", async () => { open = line.attempt_id; await showThread(); by("thread").showModal(); }), " ");
  }
  if (line.attempt_id && (role === "supervisor" || role === "officer")) {
    acts.append(button("提醒", async () => {
      const text = prompt("提醒内容");
      if (text) await call("POST", "candidates/" + line.attempt_id + "/remind", { text });
    }));
  }
  if (line.findings.length) acts.append(" ", findingsButton(line, who));
  made.append(
    el("td", line.draw_number === null ? "—" : String(line.draw_number), "number"), el("td", line.post), el("td", who),
    el("td", phase), el("td", ago(line.seen_us, drift), "number"), el("td", String(line.committed), "number"),
    el("td", upload, line.complete ? "good" : "number"), phoneCell(line, who), hints, acts,
  );
  return made;
}

async function showWaiting() {
  if (role !== "technician") return;
  const waiting = await call("GET", "logins");
  by("waiting").hidden = waiting.length === 0;
  by("waiting-list").replaceChildren(...waiting.map((login) => {
    const line = el("p", login.name + "（" + login.ticket_number.slice(-4) + "），" + ago(login.waiting_us, drift) + "开始等待 ");
    if (ASKED[login.reason]) line.append(el("span", ASKED[login.reason] + " ", "calls"));
    if (login.approved_by) line.append(el("span", "已由 " + login.approved_by + " 同意，需第二人 ", "calls"));
    line.append(button("查看照片", () => showFaces(login.login_id)));
    return line;
  }));
}

async function showAsked() {
  if (role !== "officer") return;
  const waiting = (await call("GET", "data-requests")).filter((line) => line.answer === "waiting");
  by("asked").hidden = waiting.length === 0;
  by("asked-list").replaceChildren(...waiting.map((line) => {
    const made = el("p", line.name + "（" + line.ticket_number.slice(-4) + "）" + WISHES[line.wish] + "，" + ago(line.received_us, drift) + " ");
    made.append(button("答复", async () => {
      asked = line.attempt_id + "/" + line.id;
      by("request-title").textContent = "个人信息申请 · " + WISHES[line.wish];
      by("answer-words").value = "";
      by("request").showModal();
    }));
    return made;
  }));
}

async function showFaces(id) {
  const photos = await call("GET", "logins/" + id + "/photos");
  deciding = id;
  by("live").hidden = !photos.live;
  if (photos.live) by("live").src = photos.live;
  by("live-caption").textContent = photos.live ? "现场照片" : "考生摄像头没有画面，请电话联系或改约视频核对";
  by("reference").src = photos.reference;
  by("id-figure").hidden = !photos.id_photo;
  if (photos.id_photo) by("id-photo").src = photos.id_photo;
  by("reason").value = "";
  by("faces").showModal();
  follow(id);
}

// The picture of now, while the pictures are open: each question keeps the next one coming.
async function follow(id) {
  while (deciding === id && by("faces").open) {
    const seen = await call("GET", "logins/" + id + "/live").catch(() => null);
    if (seen && seen.picture && deciding === id && by("faces").open) {
      by("live").src = seen.picture;
      by("live").hidden = false;
      by("live-caption").textContent = "实时画面（" + Math.round(seen.age_s) + " 秒前，不保存）";
    }
    await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
  }
}

async function showThread() {
  const thread = await call("GET", "candidates/" + open + "/help");
  by("lines").replaceChildren(...thread.messages.map((line) =>
    el("p", time(line.at_us) + "　" + line.text + (line.from_staff && line.read_us ? "（已读）" : ""), line.from_staff ? "line ours" : "line")));
}

function leave() {
  clearTimeout(timer);
  role = open = deciding = asked = "";
  for (const id of ["thread", "faces", "request", "findings", "phone"]) by(id).close();
  by("rows").replaceChildren();
  by("work").hidden = by("leave").hidden = true;
  by("login").hidden = false;
  by("who").textContent = by("clock").textContent = "";
  sessionStorage.clear();
}

by("login-form").addEventListener("submit", (event) => {
  event.preventDefault();
  carefully(async () => {
    const session = await call("POST", "sessions", { name: by("name").value, password: by("password").value });
    by("password").value = "";
    remember(session.role, by("name").value);
    await begin();
  });
});
function remember(newRole, name) {
  role = newRole;
  by("who").textContent = name + "（" + ({ supervisor: "监督员", technician: "技术人员", officer: "考务人员" }[role] || role) + "）";
  sessionStorage.setItem("role", role);
  sessionStorage.setItem("name", name);
}
by("leave").addEventListener("click", () => carefully(async () => { await call("DELETE", "sessions", {}); leave(); }));
by("exam").addEventListener("change", () => { exam = by("exam").value; carefully(look); });
by("close").addEventListener("click", () => { open = ""; by("thread").close(); });
by("request-later").addEventListener("click", () => { asked = ""; by("request").close(); });
by("later").addEventListener("click", () => { deciding = ""; by("faces").close(); });
by("thread").addEventListener("close", () => { open = ""; });
by("faces").addEventListener("close", () => { by("live").removeAttribute("src"); by("reference").removeAttribute("src"); by("id-photo").removeAttribute("src"); });
by("reply").addEventListener("submit", (event) => {
  event.preventDefault();
  carefully(async () => {
    await call("POST", "candidates/" + open + "/help", { text: by("text").value });
    by("text").value = "";
    await showThread();
  });
});
by("decision").addEventListener("submit", (event) => {
  event.preventDefault();
  const admit = event.submitter.value === "admit";
  carefully(async () => {
    const decided = await call("POST", "logins/" + deciding + "/decision", { admit, reason: by("reason").value });
    by("faces").close();
    if (decided.second_person) alert("已记录，还需另一名技术人员确认。");
    await look();
  });
});
by("answer").addEventListener("submit", (event) => {
  event.preventDefault();
  const granted = event.submitter.value === "granted";
  carefully(async () => {
    await call("POST", "data-requests/" + asked + "/answer", { granted, words: by("answer-words").value });
    by("request").close();
    await look();
  });
});
if (sessionStorage.getItem("role")) {
  remember(sessionStorage.getItem("role"), sessionStorage.getItem("name"));
  carefully(begin);
}

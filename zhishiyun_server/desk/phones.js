"use strict";
// The phone that films from behind: state, picture, interruptions. desk.js gives el, button, call.
const PHONE_PHASES = {
  "": "已绑定", unbound: "未绑定", consent: "准备中", checking: "准备中", sweep: "环拍中", placing: "固定机位",
  recording: "录制中", interrupted: "录像中断", stopped: "已停止", uploading: "上传中", done: "已上传",
};
const PHONE_TROUBLES = {
  battery_low: "电量不足", battery_critical: "电量将尽", storage_low: "存储不足", dark: "画面过暗",
  wake_lock_refused: "屏幕会自动熄灭", not_kept: "手机存不下录像", moved: "位置变动", muted: "静音", no_sound: "没有声音", upload_stalled: "上传停滞",
};
const CAUSES = {
  call: "来电", background: "切到其他应用", screen_off: "锁屏", camera_taken: "摄像头被占用",
  page_closed: "页面被关闭", phone_off: "关机", power_lost: "关机", hot: "过热", replaced: "更换手机",
  device_lost: "摄像头断开", device_absent: "摄像头断开", device_changed: "更换摄像头", disk_full: "存储已满",
  start: "正在启动", stopped: "停止后重新开始", slept: "休眠", recorder_killed: "程序被结束",
};
const GAP_KINDS = {
  device: "设备启动或更换", camera_lost: "摄像头丢失", power: "断电", killed: "被结束", phone_call: "来电",
  put_away: "离开录像页面", stopped: "主动停止", machine: "性能或存储", unknown: "待查",
};
const MAY_WISH = ["supervisor", "officer"];
let aimed = "";

function phoneWords(phone) {
  if (!phone.bound) return phone.parts ? "已解除" : "—";
  return phone.silent ? "已断开" : PHONE_PHASES[phone.phase] || "已绑定";
}

// A line of the table: the state is a button that opens everything about the phone.
function phoneCell(line, who) {
  const cell = el("td"), phone = line.phone;
  if (!phone.bound && !phone.parts) return el("td", "—");
  cell.append(button(phoneWords(phone), () => openPhone(line, who)));
  if (phone.battery_share !== null && phone.bound) cell.append(" ", el("span", Math.round(phone.battery_share * 100) + "%", "number"));
  if (phone.missing_bytes) cell.append(" ", el("span", "待传 " + size(phone.missing_bytes), "number"));
  return cell;
}

function phoneHints(line) {
  const phone = line.phone, notes = [];
  if (phone.bound && phone.silent) notes.push(["手机失去联系", "alarm"]);
  else if (phone.bound && phone.phase === "interrupted") notes.push(["手机录像中断：" + (CAUSES[phone.last_cause] || "待查"), "alarm"]);
  else if (phone.bound && line.recording && phone.phase !== "recording") notes.push(["手机未录像", "calls"]);
  for (const code of phone.troubles) if (PHONE_TROUBLES[code]) notes.push(["手机" + PHONE_TROUBLES[code], "calls"]);
  if (phone.complete) notes.push(["手机录像已齐" + (phone.late ? " · 逾时" : ""), ""]);
  return notes;
}

async function openPhone(line, who) {
  aimed = line.attempt_id;
  by("phone-title").textContent = "手机佐证 · " + who;
  by("phone-figure").hidden = role !== "supervisor";
  by("phone-wishes").hidden = !MAY_WISH.includes(role) || !line.phone.bound;
  by("phone-picture").removeAttribute("src");
  by("phone-caption").textContent = "正在等待手机画面";
  await showPhone();
  by("phone").showModal();
  if (role === "supervisor") followPhone(aimed);
}

async function showPhone() {
  const told = await call("GET", "candidates/" + aimed + "/phone"), phone = told.state;
  const facts = [
    phone.name, phoneWords(phone), "已录 " + Math.floor(phone.recorded_s / 60) + " 分 " + (phone.recorded_s % 60) + " 秒",
    "待传 " + size(phone.missing_bytes), "中断 " + phone.interruptions + " 次",
  ];
  if (phone.free_bytes !== null) facts.push("存储 " + size(phone.free_bytes));
  by("phone-facts").textContent = facts.filter(Boolean).join("，");
  by("phone-parts").replaceChildren(...told.parts.map(partItem));
}

function partItem(part) {
  const item = el("li");
  const state = part.complete ? "已核对" + (part.late ? "（逾时）" : "") : part.sealed ? "已封存（不完整）" : "未封存";
  const covered = part.coverage.reduce((sum, track) => sum + track.covered, 0);
  item.append(el("strong", part.recording_id), " ", el("span", state, part.complete ? "good" : "calls"), " ",
    el("span", size(part.held_bytes) + "，" + covered + " 秒", "number"));
  for (const gap of part.gaps) {
    const seconds = Math.max(1, Math.round((gap.to_us - gap.from_us) / 1e6));
    const cause = CAUSES[gap.cause] ? "（" + CAUSES[gap.cause] + "）" : "";
    item.append(el("p", "第 " + Math.round(gap.from_us / 1e6) + " 秒起" + (gap.sound_only ? "无声 " : "中断 ") + seconds + " 秒：" + (GAP_KINDS[gap.kind] || gap.kind) + cause));
  }
  return item;
}

// While the dialog is open each question keeps the next picture coming; nothing of it is kept.
async function followPhone(attempt) {
  while (aimed === attempt && by("phone").open) {
    const seen = await call("GET", "candidates/" + attempt + "/phone/picture").catch(() => null);
    if (seen && seen.picture && aimed === attempt) {
      by("phone-picture").src = seen.picture;
      by("phone-caption").textContent = "实时画面（" + Math.round(seen.age_s) + " 秒前，不保存）";
    }
    await new Promise((wake) => setTimeout(wake, 2000));
  }
}

function wish(kind) {
  carefully(async () => {
    await call("POST", "candidates/" + aimed + "/phone/wish", { wish: kind });
    by("phone-asked").textContent = "已发送，手机页面会显示提示。";
  });
}
for (const kind of ["aim", "sweep"]) document.getElementById("phone-" + kind).addEventListener("click", () => wish(kind));
document.getElementById("phone-close").addEventListener("click", () => document.getElementById("phone").close());
document.getElementById("phone").addEventListener("close", () => {
  aimed = "";
  document.getElementById("phone-picture").removeAttribute("src");
  document.getElementById("phone-asked").textContent = "";
});

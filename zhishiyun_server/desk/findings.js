"use strict";
// What the guard on a candidate's computer sees now, and letting it pass. desk.js gives el, button, call.
const by = (id) => document.getElementById(id);
const RULES = {
  "display.extra": "多台显示器", "display.indirect": "无线或间接连接的显示器",
  "session.remote": "远程会话", "machine.virtual": "虚拟机", "camera.virtual": "虚拟摄像头",
  "device.shared": "屏幕正被其他程序录制", "window.hidden": "有窗口不在录屏中显示",
  "focus.lost": "切换到了其他窗口", "power.battery": "电量过低",
  "process.chat": "聊天软件", "process.meeting": "会议软件", "process.remote": "远程控制软件",
  "process.recorder": "录屏软件", "process.virtual_camera": "虚拟摄像头软件",
  "process.ai_assistant": "AI 助手", "process.translator": "翻译软件",
  "process.security_suite": "安全软件", "process.download": "下载软件",
  "process.vm_tool": "虚拟机软件", "process.browser": "浏览器",
};
const MAY_ALLOW = ["supervisor", "officer"];
let watched = "", chosen = null;

function words(finding) {
  const kind = RULES[finding.rule] || finding.rule;
  const which = finding.name || (finding.rule.startsWith("process.") ? finding.subject : shown(finding));
  return which ? kind + "：" + which : kind;
}
function shown(finding) {
  return finding.rule.startsWith("display.") || finding.rule.startsWith("camera.") ? finding.subject : "";
}

function hintsOf(line) {
  return line.findings.filter((finding) => !finding.allowed)
    .map((finding) => [words(finding), finding.blocks ? "alarm" : "calls"]);
}

function findingsButton(line, who) {
  return button("异常 " + line.findings.length, async () => {
    watched = line.attempt_id;
    by("findings-title").textContent = "守护提示 · " + who;
    choose(null);
    showFindings([line]);
    by("findings").showModal();
  });
}

function showFindings(lines) {
  if (!watched) return;
  const line = lines.find((each) => each.attempt_id === watched);
  const findings = line ? line.findings : [];
  by("findings-none").hidden = findings.length > 0;
  by("findings-list").replaceChildren(...findings.map((each) => findingItem(each, line)));
  if (chosen && !findings.some((each) => same(each, chosen) && !each.allowed)) choose(null);
}

function findingItem(finding, line) {
  const item = el("li");
  const shut = finding.blocks && !finding.allowed && !line.entered_us;
  const weight = shut ? "须处理后才能进入考试" : "已提示考生";
  item.append(el("strong", words(finding)), " ", el("span", weight, shut ? "alarm" : ""), " ");
  if (finding.since_us) item.append(el("span", "自 " + time(finding.since_us) + " 起", "number"), " ");
  if (finding.allowed) item.append(el("span", "已允许", "good"));
  else if (MAY_ALLOW.includes(role)) item.append(button("允许", async () => choose(finding)));
  return item;
}

function same(one, other) { return one.rule === other.rule && one.subject === other.subject; }

function choose(finding) {
  chosen = finding;
  by("allowing").hidden = !finding;
  by("allowing-what").textContent = finding ? "允许该考生：" + words(finding) : "";
  by("allowing-reason").value = "";
  if (finding) by("allowing-reason").focus();
}

by("allowing").addEventListener("submit", (event) => {
  event.preventDefault();
  carefully(async () => {
    const { rule, subject } = chosen;
    await call("POST", "candidates/" + watched + "/allowances", { rule, subject, reason: by("allowing-reason").value });
    choose(null);
    await look();
  });
});
by("allowing-not").addEventListener("click", () => choose(null));
by("findings-close").addEventListener("click", () => by("findings").close());
by("findings").addEventListener("close", () => { watched = ""; choose(null); });

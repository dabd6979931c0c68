"use strict";
// Binds this browser to the exam whose QR code was scanned; filming follows.
const REPORT_EVERY_MS = 20000;
const by = (id) => document.getElementById(id);
let token = sessionStorage.getItem("token") || "";

async function call(path, body) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = "Bearer " + token;
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.zh || "服务器拒绝了请求"), { status: answer.status });
  return told;
}

async function bind(word) {
  try {
    const bound = await call("/v1/phone/bind", { ...word, name: deviceName() });
    token = bound.token;
    sessionStorage.setItem("token", token);
    sessionStorage.setItem("exam", bound.exam_title);
    sessionStorage.setItem("product", bound.product);
    show();
  } catch (error) {
    by("message").textContent = error.status ? error.message : "网络不通，请检查网络后重试。";
  }
}

function show() {
  by("asking").hidden = true;
  by("bound").hidden = false;
  by("message").textContent = "";
  by("exam").textContent = sessionStorage.getItem("exam") || "";
  by("product").textContent = sessionStorage.getItem("product") || "智试通";
  report();
}

async function report() {
  let share = null;
  if (navigator.getBattery) share = (await navigator.getBattery()).level;
  by("battery").textContent = share === null ? "未知" : Math.round(share * 100) + "%";
  let free = null;
  if (navigator.storage && navigator.storage.estimate) {
    const told = await navigator.storage.estimate();
    free = Math.max(0, Math.round((told.quota || 0) - (told.usage || 0)));
  }
  try {
    await call("/v1/phone/status", { battery_share: share, free_bytes: free });
  } catch (error) {
    if (error.status === 401) return forget(error.message);
    by("message").textContent = "网络不通，正在重试。";
  }
  setTimeout(report, REPORT_EVERY_MS);
}

function forget(message) {
  token = "";
  sessionStorage.clear();
  by("asking").hidden = false;
  by("bound").hidden = true;
  by("message").textContent = message;
}

function deviceName() {
  const agent = navigator.userAgent;
  const android = agent.match(/Android [^;]*; ([^;)]+)/);
  if (android) return android[1].trim().slice(0, 40);
  if (/iPad/.test(agent)) return "iPad";
  return /iPhone/.test(agent) ? "iPhone" : "手机浏览器";
}

by("form").addEventListener("submit", (event) => {
  event.preventDefault();
  bind({ code: by("code").value });
});
const secret = location.hash.slice(1);
if (secret) {
  history.replaceState(null, "", location.pathname); // used once, not left lying in the address bar
  bind({ secret });
} else if (token) {
  show();
}

// What people read: Chinese first, English where the phone speaks neither.

import { TEXTS } from "./texts.js";

const ZONE = "Asia/Shanghai"; // the exam's times are China's, wherever the phone believes to be
const NOUNS_EN = { 考试: "exam", 面试: "interview" };
let language = (navigator.language || "zh").toLowerCase().startsWith("zh") ? "zh" : "en";
let common = { noun: "面试", product: "智试通", helpline: "", hours: "" };

export function languageNow() { return language; }

/** Words that the server told: noun, product, helpline, hours. */
export function know(more) { common = { ...common, ...more }; }

export function switchLanguage() {
  language = language === "zh" ? "en" : "zh";
  translate();
}

export function say(key, gaps = {}) {
  const all = { ...common, ...gaps };
  if (language === "en") all.noun = NOUNS_EN[all.noun] || all.noun;
  return TEXTS[key][language].replace(/\{(\w+)\}/g, (_whole, name) => all[name]);
}

/** What the server said, in the reader's language. */
export function sayOf(error) { return (error.words && error.words[language]) || ""; }

/** Fills everything that names a text by data-t (its words) or data-t-label (its accessible name). */
export function translate(root = document) {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = say("title");
  for (const each of root.querySelectorAll("[data-t]")) each.textContent = say(each.dataset.t);
  for (const each of root.querySelectorAll("[data-t-label]")) {
    each.setAttribute("aria-label", say(each.dataset.tLabel));
  }
}

/** 10:05, in the exam's zone. */
export function timeOfDay(us) {
  const how = { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: ZONE };
  return new Date(us / 1000).toLocaleTimeString("zh-CN", how);
}

/** 07:42, or 1:07:42. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, rest] = [Math.floor(whole / 3600), two(Math.floor(whole / 60) % 60) + ":" + two(whole % 60)];
  return hours ? hours + ":" + rest : rest;
}

export function size(bytes) {
  if (bytes >= 1e9) return (bytes / 1e9).toFixed(1) + " GB";
  return bytes >= 1e8 ? Math.round(bytes / 1e6) + " MB" : (bytes / 1e6).toFixed(1) + " MB";
}

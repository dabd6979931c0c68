// 录制中: big, dark and calm; what is wrong is said above everything else.

import { by, press, show, write } from "./page.js";
import { duration, say, size, timeOfDay } from "./words.js";

const SAID_FOR_US = 30e6; // how long the page still speaks of an interruption that is over

export function prepareFilm(phone, turn) {
  press("film-stop", async () => {
    if (!mayStop(phone)) return;
    show("confirm", true);
    by("confirm-no").focus();
  });
  press("confirm-no", async () => { show("confirm", false); by("film-stop").focus(); });
  press("confirm-yes", async () => {
    show("confirm", false);
    await phone.stop();
    return turn("upload");
  });
  press("film-asked-go", () => turn(wish(phone) === "sweep" ? "sweep" : "place"));
  press("cut-again", async () => { if (!phone.film.isBusy) await phone.film.one(() => phone.film.again()); });
}

function wish(phone) { return phone.told && phone.told.wanted.find((each) => each === "sweep" || each === "aim"); }

/** By the server's word; without the network by its last word on when the exam ends. */
function mayStop(phone) {
  const { told } = phone;
  if (!told) return phone.log.head.filmed_us / 1e6 > phone.recording.most_recording_s; // no line since the start
  return told.may_stop || (!phone.isOnline && phone.clock.nowUs() > told.ends_us);
}

export function showFilm(phone) {
  const { head } = phone.log;
  if (!head) return;
  const time = duration(head.filmed_us / 1e6);
  write("film-time", time);
  by("film-time").setAttribute("aria-label", say("film.for", { time }));
  const { share, charging } = phone.battery;
  write("film-battery", share === null ? "—" : Math.round(share * 100) + "%" + (charging ? " ⚡" : ""));
  write("film-sent", size(phone.upload.heldBytes));
  write("film-waiting", size(phone.upload.waitingBytes));
  by("film-waiting").dataset.tries = String(phone.upload.failures);
  const isAllowed = mayStop(phone);
  by("film-stop").classList.toggle("off", !isAllowed);
  by("film-stop").setAttribute("aria-describedby", "film-stop-why");
  write("film-stop-why", isAllowed ? say("film.over") : whyNot(phone));
  const asked = wish(phone);
  show("film-asked", Boolean(asked));
  if (asked) write("film-asked-what", say("film.asked_" + asked));
  warn(warnings(phone));
}

function whyNot({ told }) {
  return told && told.ends_us ? say("film.stop.off_at", { time: timeOfDay(told.ends_us) }) : say("film.stop.off");
}

const WARNINGS = [ // worst first; two are shown at most
  ["disk_full", "warn.not_kept"], ["battery_critical", "warn.battery_critical"],
  ["no_sound", "warn.sound"], ["log_shorter", "warn.shorter"], ["battery_low", "warn.battery_low"],
  ["storage_low", "warn.storage"], ["wake_lock_refused", "warn.screen"],
];

/** What is worth saying now; nothing when all is well. */
function warnings(phone) {
  const percent = Math.round((phone.battery.share || 0) * 100);
  const troubles = phone.troubles();
  const said = WARNINGS.filter(([trouble]) => troubles.includes(trouble)).map(([, key]) => say(key, { percent }));
  const first = [phone.isUnbound ? say("warn.unbound") : "", before(phone), phone.isOnline ? "" : say("film.offline")];
  return [...first, ...said].filter(Boolean).slice(0, 2);
}

function warn(lines) {
  const place = by("film-warning");
  place.hidden = lines.length === 0;
  if (Array.from(place.children, (each) => each.textContent).join() === lines.join()) return;
  place.replaceChildren(...lines.map((words) => Object.assign(document.createElement("p"), { textContent: words })));
}

function before({ film }) {
  const last = film.interruptions[film.interruptions.length - 1];
  if (!last || performance.now() * 1000 - last.until_us > SAID_FOR_US) return "";
  return say("cut.before", { seconds: Math.ceil(last.lasted_us / 1e6), cause: say(causeKey(last.cause)) });
}

const KNOWN = ["background", "call", "camera_taken", "page_closed", "recorder_killed", "disk_full", "slept", "device_lost"];
function causeKey(cause) { return "cut." + (KNOWN.includes(cause) ? cause : "unknown"); }

/** Over every page that films: nothing is being filmed, big and with its cause. */
export function showCut(phone) {
  const { film } = phone;
  const isCut = phone.phase === "interrupted" && film.picture.lastedUs > 1.5e6;
  show("cut", isCut);
  if (!isCut) return;
  write("cut-seconds", say("cut.seconds", { seconds: Math.floor(film.picture.lastedUs / 1e6) }));
  write("cut-cause", say(causeKey(film.picture.cause)));
  const what = { CAMERA_DENIED: "cut.denied", CAMERA_TAKEN: "cut.taken", CAMERA_NONE: "cut.none" }[film.trouble];
  write("cut-what", say(what || "cut.working"));
}

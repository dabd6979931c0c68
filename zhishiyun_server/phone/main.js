// The page: which of its pages is shown, and the second hand that moves everything.

import { lacking } from "./camera.js";
import { isTheOnlyPage } from "./lock.js";
import { by, press, show, turnTo, write } from "./page.js";
import { Phone } from "./phone.js";
import { logOf, Shelf } from "./shelf.js";
import { bind, prepareBind } from "./step_bind.js";
import { check, prepareCheck, stopChecking } from "./step_check.js";
import { prepareConsent } from "./step_consent.js";
import { prepareFilm, showCut, showFilm } from "./step_film.js";
import { enterPlace, preparePlace, showPlace } from "./step_place.js";
import { prepareSweep, showSweep } from "./step_sweep.js";
import { prepareUpload, showDone, showUpload } from "./step_upload.js";
import { Server } from "./server.js";
import { Upload } from "./upload.js";
import { say, switchLanguage, translate } from "./words.js";

const STEPS = ["bind", "consent", "check", "sweep", "place", "film"];
const SHOWS = { sweep: showSweep, place: showPlace, film: showFilm, upload: showUpload, done: showDone };
const ENTERS = { check, place: enterPlace };
const INSIDE = /MicroMessenger|DingTalk|AlipayClient|Weibo|QQ\/\d/i; // apps that show pages themselves
const LACKS = { INSIDE: "inside", INSECURE: "insecure", NO_CAMERA_API: "camera", NO_RECORDER: "recorder" };
const SECOND_MS = 1000;
const BETWEEN_PAGES = "zhishiyun-phone";

let phone = null;

function unfit(code) {
  write("unfit-what", say("unfit." + code));
  write("unfit-do", say("unfit." + code + ".do"));
  show("unfit-anyway", code === "inside");
  write("unfit-safe", location.hash.length > 1 ? say("unfit.code_kept") : "");
  document.body.dataset.alive = "yes";
  turnTo("unfit");
}

async function turn(step) {
  if (step !== "check") stopChecking();
  if (phone.step !== step) await phone.go(step);
  turnTo(step);
  const steps = phone.recording && !phone.recording.sweep ? STEPS.filter((each) => each !== "sweep") : STEPS;
  const at = steps.indexOf(step);
  write("step", at < 0 || step === "film" ? "" : say("step", { at: at + 1, of: steps.length }));
  refresh();
  if (ENTERS[step]) await ENTERS[step](phone);
}

function refresh() {
  if (!phone || !phone.recording) return;
  if (document.body.dataset.page !== phone.step) turnTo(phone.step);
  const stream = phone.film && phone.film.stream;
  const video = by("video");
  if (stream && video.srcObject !== stream) video.srcObject = stream;
  show("stage", ["check", "sweep", "place", "film"].includes(phone.step));
  video.classList.toggle("mirrored", Boolean(phone.film && phone.film.isFilming ? phone.film.facing === "user" : phone.recording.sweep));
  write("exam", phone.recording.exam_title);
  const head = phone.log && phone.log.head; // what is stored, not what is hoped
  if (head) document.body.dataset.filmedS = (head.filmed_us / 1e6).toFixed(1);
  const page = SHOWS[phone.step];
  if (page && phone.log && phone.log.head) page(phone);
  else if (phone.step === "sweep") showSweep(phone);
  if (phone.film) showCut(phone);
  showBinding();
  const isSaidElsewhere = phone.isOnline || phone.step === "film" || phone.step === "upload";
  write("strip", phone.step === "bind" ? "" : phone.bindTrouble || (isSaidElsewhere ? "" : say("film.offline")));
}

/** The server does not know this phone any more: what is filmed stays, a new code is needed. */
function showBinding() {
  const isLost = phone.isUnbound && phone.step !== "done";
  show("rebind", isLost && phone.step !== "bind");
  if (isLost && ["consent", "check"].includes(phone.step)) turn("bind");
  if (isLost && phone.step === "bind" && by("bind-message").hidden) write("bind-message", say("bind.replaced"));
}

async function sendOlder(shelf) {
  for (const { number, spool } of await shelf.unsent()) {
    if (await spool.fact("receipt")) { // its page was closed before that was tidied away
      await shelf.drop(number, spool);
      continue;
    }
    const recording = await spool.fact("recording");
    const log = await (await logOf(spool, phone.clock)).open();
    if (!log.head.ended) {
      await log.beginRun("page_closed");
      await log.end("replaced");
    }
    const upload = new Upload(new Server(recording.token), spool, log, () => {
      if (upload.receipt) shelf.drop(number, spool).catch(() => {});
    }, () => 64000); // the recording that runs now comes first
    upload.run();
  }
}

function watchThePage() {
  document.addEventListener("visibilitychange", async () => {
    if (!phone.isFilming) return;
    await (document.hidden ? phone.hidden() : phone.shown());
  });
  addEventListener("orientationchange", () => { // the picture's sides change: another part
    if (phone.isFilming && phone.film.isFilming) phone.film.renew();
  });
  addEventListener("pagehide", () => phone.leave());
  addEventListener("pageshow", (event) => { if (event.persisted) phone.comeBack(); });
  addEventListener("hashchange", () => { // scanned again, and opened in this very tab
    const secret = takeSecret();
    if (secret) bind(phone, { secret }, turn);
  });
  addEventListener("online", () => { if (phone.upload) phone.upload.hurry(); phone.tell(); });
  addEventListener("beforeunload", (event) => {
    if (phone.mayLeave || (!phone.isFilming && !(phone.upload && !phone.upload.receipt))) return;
    event.preventDefault(); // the browser asks whether to leave; the words are its own
    event.returnValue = "";
  });
}

/** The QR code's secret; used once, not left in the address bar. */
function takeSecret() {
  const secret = location.hash.slice(1);
  if (secret) history.replaceState(null, "", location.pathname);
  return secret;
}

/** A code that was scanned into a second page is used by the one that films. */
function handOver(secret) {
  if (!secret || !self.BroadcastChannel) return;
  new BroadcastChannel(BETWEEN_PAGES).postMessage({ secret });
}

function listenToOtherPages() {
  if (!self.BroadcastChannel) return;
  new BroadcastChannel(BETWEEN_PAGES).onmessage = ({ data }) => bind(phone, { secret: data.secret }, turn);
}

async function open(anyway = false) {
  translate();
  press("language", async () => { switchLanguage(); if (phone && phone.recording) turnTo(phone.step); refresh(); });
  press("unfit-again", async () => location.reload());
  press("unfit-anyway", () => open(true));
  const lacks = INSIDE.test(navigator.userAgent) && !anyway ? "INSIDE" : lacking();
  if (lacks) return unfit(LACKS[lacks]);
  if (!(await isTheOnlyPage())) {
    handOver(takeSecret());
    return unfit("second");
  }
  let shelf = null;
  try {
    shelf = await Shelf.open();
  } catch (_refused) {
    return unfit("storage");
  }
  phone = new Phone(shelf, refresh);
  for (const prepare of [prepareBind, prepareConsent, prepareCheck, prepareSweep, preparePlace, prepareFilm, prepareUpload]) {
    prepare(phone, turn);
  }
  press("rebind", () => turn("bind"));
  watchThePage();
  listenToOtherPages();
  const secret = takeSecret();
  const step = await phone.takeUp();
  document.body.dataset.alive = "yes";
  await turn(step);
  if (secret) await bind(phone, { secret }, turn);
  sendOlder(shelf);
  if (navigator.serviceWorker) navigator.serviceWorker.register("sw.js").catch(() => {}); // private windows have none
  setInterval(() => phone.tick(), SECOND_MS);
  return undefined;
}

open();

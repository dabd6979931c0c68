// The phone through one exam: what it holds, what it does every second, what it tells.

import { ExamClock, monotonicUs } from "./clock.js";
import { Film } from "./film.js";
import { KIND, TRACK } from "./records.js";
import { battery, batteryTrouble, freeBytes, isStorageLow, WakeLock } from "./phone_state.js";
import { logOf } from "./shelf.js";
import { Server } from "./server.js";
import { Status } from "./status.js";
import { Upload } from "./upload.js";
import { pause } from "./waiting.js";
import { know } from "./words.js";

const LEFT = "zhishiyun-left"; // the page said goodbye: written at once, unlike IndexedDB
const CHECKPOINT_S = 5;
const CLOCK_S = 60;
const STATE_S = 10;
const JUMP_MS = 3000; // wall and monotonic clock part by so much: the phone slept, or was set
const SETTLES_MS = 500;
const TIME_WITHIN_MS = 1500;
const STALLED = 4; // tries in a row: about eight seconds
const ROOM_BYTES = 32e6;
const BEHIND_BYTES = 40e6; // twelve minutes of film: the line carries less than is filmed
const CAUGHT_UP_BYTES = 4e6;

export class Phone {
  /** `changed()`: the page shows what has changed; `lost()`: nothing is bound any more. */
  constructor(shelf, changed) {
    Object.assign(this, { shelf, changed, recording: null, log: null, film: null, upload: null });
    this.clock = new ExamClock();
    this.server = new Server();
    this.wake = new WakeLock();
    this.step = "bind";
    this.battery = { share: null, charging: null };
    this.free = null;
    this.bindTrouble = "";
    this.isUnbound = this.mayLeave = false;
    this.isDark = false;
    this.seconds = 0;
    this.setClocks();
  }

  get told() { return this.status ? this.status.told : null; }
  get isFilming() { return this.film !== null && this.film.wanted; }
  get isOnline() { return !this.status || this.status.isOnline; }

  setClocks() { Object.assign(this, { wallMs: Date.now(), pageMs: performance.now() }); }

  /** Takes up the recording that this browser holds, if any; returns the step to show. */
  async takeUp() {
    const spool = this.shelf.spool;
    this.recording = spool ? (await spool.fact("recording")) || null : null;
    if (!this.recording) return "bind";
    const { noun, product, helpline, helpline_hours: hours } = this.recording;
    know({ noun, product, helpline, hours });
    this.server.token = this.recording.token;
    this.log = await logOf(spool, this.clock);
    this.log.onRefused = () => this.makeRoom();
    this.film = new Film(this.log, () => this.tell());
    this.step = (await spool.fact("step")) || "consent";
    await Promise.race([this.learnTime(), pause(TIME_WITHIN_MS)]); // filming does not wait for a line
    await pause(SETTLES_MS); // what the page before wrote last may still be on its way to the disk
    if (await spool.fact("head")) await this.goOn();
    this.startStatus();
    return this.step;
  }

  /** The log is there: filming goes on by itself, unless it had ended. */
  async goOn() {
    await this.openLog();
    if (this.log.head.ended) return;
    const cause = localStorage.getItem(LEFT) ? "page_closed" : "recorder_killed";
    localStorage.removeItem(LEFT);
    await this.log.beginRun(cause);
    const facing = (await this.shelf.spool.fact("facing")) || "user";
    this.film.start(facing, cause);
  }

  async openLog() {
    await this.log.open();
    const pace = () => (this.told && this.told.most_bytes_per_s) || null;
    this.upload = new Upload(this.server, this.shelf.spool, this.log, () => this.changed(), pace);
    this.upload.run();
  }

  startStatus() {
    if (this.status) return;
    this.status = new Status(
      this.server, () => this.say(), (told) => this.heard(told), (error) => this.refused(error),
    );
    const mood = () => (this.step === "place" ? "aimed" : this.upload || this.isFilming ? "filming" : "");
    this.status.run(mood, document.getElementById("video"));
  }

  /** Filming begins, with the consent as its first mark. */
  async beginFilming(facing) {
    if (!this.upload) {
      await this.openLog();
      await this.log.beginRun("start");
      const consent = await this.shelf.spool.fact("consent");
      if (consent) await this.log.mark("consent_given", consent);
    }
    await this.shelf.spool.keep("facing", facing);
    await (this.film.wanted ? this.film.turn(facing) : this.film.start(facing, "start"));
  }

  async stop(why = "candidate") {
    await this.film.stop();
    if (why === "candidate") await this.log.mark("stopped_by_hand");
    await this.log.end(why);
    this.wake.letGo();
    this.upload.hurry();
    await this.go("upload");
    this.tell();
  }

  async go(step) {
    this.step = step;
    if (this.shelf.spool && step !== "bind") await this.shelf.spool.keep("step", step);
    this.tell();
  }

  /** Something changed that the computer should see at once. */
  tell() {
    if (this.status) this.status.hurry();
    this.changed();
  }

  /** Called every second. */
  async tick() {
    this.seconds += 1;
    if (this.film) this.film.tick();
    if (this.isFilming) {
      this.wake.take();
      this.chooseRung();
      if (this.seconds % CHECKPOINT_S === 0) this.log.checkpoint();
      await this.noticeSleep();
    }
    if (this.seconds % STATE_S === 1) await this.look();
    if (this.seconds % CLOCK_S === 0) await this.learnTime();
    if (this.upload && this.upload.receipt && this.step === "upload") await this.go("done");
    this.changed();
  }

  async look() {
    this.battery = await battery();
    this.free = await freeBytes();
    if (this.upload && isStorageLow(this.free)) await this.upload.makeRoom(ROOM_BYTES);
  }

  async makeRoom() {
    if (this.upload) await this.upload.makeRoom(ROOM_BYTES).catch(() => {});
    this.tell();
  }

  async learnTime() {
    try {
      await this.server.askTime(this.clock);
    } catch (error) {
      return error.code; // the next minute asks again
    }
    return "";
  }

  /** The monotonic clock stood still while the phone slept: a new run is placed by the exam's. */
  async noticeSleep() {
    const jumpMs = Date.now() - this.wallMs - (performance.now() - this.pageMs);
    if (Math.abs(jumpMs) < JUMP_MS) return;
    this.setClocks();
    await this.learnTime();
    const [server] = this.clock.at(monotonicUs());
    const { head } = this.log;
    const place = server && head.zero_us ? (server - head.zero_us) / this.clock.speed : 0;
    if (place - this.log.placeUs(monotonicUs()) < (JUMP_MS * 1000) / 2) return; // only the wall clock was set
    await this.film.slept();
  }

  chooseRung() {
    const behind = this.upload.waitingBytes;
    const rung = behind > BEHIND_BYTES ? "L" : behind < CAUGHT_UP_BYTES ? "P" : this.film.nextRung;
    if (rung === this.film.nextRung) return;
    this.film.nextRung = rung;
    this.log.add(KIND.QUALITY, TRACK.NONE, { rung, why: rung === "L" ? "line" : "line_over", counts: [] });
  }

  heard(told) {
    if (this.isUnbound) this.upload && this.upload.hurry();
    this.isUnbound = false;
    if (told.wanted.includes("evidence") && this.upload) this.upload.askAnew();
    if (told.ended && this.isFilming) this.stop("replaced");
    this.changed();
  }

  refused(error) {
    this.isUnbound = error.status === 401;
    this.changed();
  }

  /** What stands in the way now: stable words, worst first. */
  troubles() {
    const found = [];
    if (this.film && this.film.picture.isOpen && this.isFilming) found.push(this.film.picture.cause);
    if (this.film && this.film.sound.isOpen) found.push("no_sound");
    if (this.log && this.log.refused) found.push("disk_full");
    if (batteryTrouble(this.battery.share)) found.push(batteryTrouble(this.battery.share));
    if (isStorageLow(this.free)) found.push("storage_low");
    if (this.wake.isRefused && this.isFilming) found.push("wake_lock_refused");
    if (this.isDark) found.push("dark");
    if (this.upload && this.upload.failures >= STALLED) found.push("upload_stalled");
    if (this.upload && this.upload.trouble === "LOG_SHORTER") found.push("log_shorter");
    return found;
  }

  get phase() {
    const phases = { bind: "unbound", check: "checking", place: "placing", film: "recording", upload: "uploading" };
    if (this.isFilming && this.film.picture.isOpen && this.log.head.packets) return "interrupted";
    if (this.isFilming && this.step === "bind") return "recording"; // only a new code is typed
    return phases[this.step] || this.step;
  }

  say() {
    const head = this.log && this.log.head;
    const { interruptions, picture } = this.film || { interruptions: [] };
    const last = interruptions[interruptions.length - 1];
    const isCut = this.phase === "interrupted";
    return {
      battery_share: this.battery.share, free_bytes: this.free, phase: this.phase,
      recorded_s: head ? Math.round(head.filmed_us / 1e6) : 0,
      log_bytes: head ? head.length : 0, waiting_bytes: this.upload ? this.upload.waitingBytes : 0,
      troubles: this.troubles(), interruptions: (head ? head.cuts : 0) + (isCut ? 1 : 0),
      interrupted_s: Math.round((isCut ? picture.lastedUs : last ? last.lasted_us : 0) / 1e6),
      last_cause: isCut ? picture.cause : last ? last.cause : "",
      head: (this.log && this.log.signed) || null,
    };
  }

  async hidden() {
    this.film.hidden();
    await this.log.mark("hidden");
    this.tell();
  }

  async shown() {
    await this.noticeSleep();
    await this.film.shown();
    await this.log.mark("shown");
    this.wake.take();
    this.upload.hurry();
    this.tell();
  }

  /** The page goes: its last word, and a note for the page that follows it. */
  leave() {
    if (!this.isFilming) return;
    localStorage.setItem(LEFT, String(Date.now()));
    const status = { ...this.say(), phase: "interrupted", troubles: ["page_closed"], last_cause: "page_closed" };
    this.server.farewell("/v1/phone/status", status);
  }

  /** Back from the browser's memory, as if nothing had been. */
  comeBack() { localStorage.removeItem(LEFT); }
}

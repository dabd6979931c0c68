// Filming: parts of a few minutes, each a file of its own, cut into pieces of about a second that
// go into the log as they come. What interrupts it becomes a gap with its cause.

import { closeCamera, openCamera, recorderType, RUNGS, SOUND_BPS } from "./camera.js";
import { monotonicUs } from "./clock.js";
import { Gap } from "./gaps.js";
import { KIND, TRACK } from "./records.js";

const PIECE_MS = 1000;
const PART_US = 180e6; // a part that is damaged costs three minutes at most
const SILENT_US = 12e6; // nothing from the recorder for so long: the camera is gone
const STALL_MS = 1500;
const AGAIN_US = 2e6; // between two tries to get the camera back
const SOUND_AGAIN_US = 10e6;
const MOST_WAITING_BYTES = 24 * 1024 * 1024; // about seven minutes in memory while storage refuses
const MOST_PAYLOAD_BYTES = 4 * 1024 * 1024;

export class Film {
  /** `changed()` is called whenever what people see of it may have changed. */
  constructor(log, changed) {
    Object.assign(this, { log, changed, stream: null, recorder: null, facing: "user" });
    this.picture = new Gap(log, [TRACK.PHONE]);
    this.sound = new Gap(log, [TRACK.SOUND]);
    this.rung = this.nextRung = "P";
    this.wanted = false;
    this.work = Promise.resolve();
    this.busy = 0;
    this.trouble = ""; // why the camera does not open: a code of camera.js
    this.interruptions = [];
    this.triedUs = this.soundTriedUs = 0;
  }

  get isFilming() { return this.recorder !== null; }

  /** Films from now on with this camera; `cause`: why nothing was filmed until now. */
  start(facing, cause) {
    this.wanted = true;
    this.facing = facing;
    this.picture.open(cause, this.log.head.filmed_to_us);
    return this.one(() => this.again());
  }

  /** Another camera: the part ends, the next begins. */
  turn(facing) {
    if (facing === this.facing && this.isFilming) return this.work;
    return this.one(async () => {
      this.facing = facing;
      await this.letGo();
      this.picture.open("device_changed");
      await this.again();
    });
  }

  /** Stopped by hand: the last piece is in the log when this resolves. */
  async stop() {
    this.wanted = false;
    await this.one(() => this.letGo());
    this.picture.close();
    this.sound.close();
    await this.log.queue;
  }

  /** Called every second: parts end, gaps are written, the camera is asked for again. */
  tick() {
    this.picture.tick();
    this.sound.tick();
    const now = monotonicUs();
    if (!this.wanted || this.isBusy) return;
    if (!this.isFilming) {
      if (now - this.triedUs > AGAIN_US && !document.hidden) this.one(() => this.again());
    } else if (this.log.waitingBytes > MOST_WAITING_BYTES) this.interrupted("disk_full");
    else if (now - this.heardUs > SILENT_US && !document.hidden) this.interrupted("camera_taken");
    else if (now - this.partUs > PART_US) this.renew();
    else if (now - this.heardUs > SILENT_US / 2) this.recorder.requestData(); // some forget the pace
    else if (this.sound.isOpen && !document.hidden && now - this.soundTriedUs > SOUND_AGAIN_US) {
      this.one(() => this.findSound());
    }
  }

  /** The page is not looked at any more: what still comes claims nothing. */
  hidden() { if (this.wanted) this.picture.open("background"); }

  /** It is looked at again: a new part, with a new camera where the old one is gone. */
  shown() {
    return this.one(async () => {
      const video = this.stream && this.stream.getVideoTracks()[0];
      const lives = video && video.readyState === "live" && !video.muted && this.isFilming;
      await (lives ? this.endPart() : this.letGo());
      await this.again();
    });
  }

  /** Filming is interrupted; it goes on by itself as soon as it can. */
  async interrupted(cause) {
    if (!this.wanted) return;
    this.picture.open(cause);
    await this.one(() => this.letGo());
    this.changed();
  }

  renew() {
    return this.one(async () => {
      await (this.nextRung === this.rung ? this.endPart() : this.letGo()); // another size: open anew
      this.rung = this.nextRung;
      await this.again();
    });
  }

  /** The phone slept and its clock stood still: the log's next run is placed by the exam's. */
  slept() {
    return this.one(async () => {
      await this.letGo();
      await this.log.beginRun("slept");
      this.picture.open("slept", this.log.head.filmed_to_us);
      await this.again();
    });
  }

  /** One thing at a time: a part has ended before the next begins. */
  one(job) {
    this.busy += 1;
    this.work = this.work.then(job).catch(() => {}).then(() => { this.busy -= 1; });
    return this.work;
  }

  get isBusy() { return this.busy > 0; }

  /** The next part: with the camera that is there, or with another try to open it. */
  async again() {
    if (!this.wanted || this.log.waitingBytes > MOST_WAITING_BYTES / 2) return;
    this.triedUs = monotonicUs();
    try {
      if (!this.stream) await this.open();
      this.beginPart();
      this.trouble = "";
    } catch (error) {
      this.trouble = error.code || "CAMERA_TAKEN";
      this.recorder = null;
      this.drop();
    }
    this.changed();
  }

  async open() {
    const stream = await openCamera(this.facing, RUNGS[this.rung]);
    if (!this.wanted) {
      closeCamera(stream);
      throw new Error("not wanted any more");
    }
    this.stream = stream;
    const [video] = stream.getVideoTracks();
    const seen = video.getSettings ? video.getSettings() : {};
    video.addEventListener("ended", () => this.lost(stream, "camera_taken"));
    video.addEventListener("mute", () => setTimeout(() => {
      if (video.muted) this.lost(stream, "camera_taken"); // a short stall is none
    }, STALL_MS));
    for (const audio of stream.getAudioTracks()) {
      audio.addEventListener("ended", () => this.soundLost(stream));
      audio.addEventListener("mute", () => this.soundLost(stream));
      audio.addEventListener("unmute", () => this.soundBack(stream));
    }
    this.log.add(KIND.DEVICE, TRACK.PHONE, {
      what: "chosen", name: video.label || "", cause: "", width_px: seen.width || 0,
      height_px: seen.height || 0, fps: seen.frameRate || 0, format: this.facing, demonstration: false,
    });
  }

  lost(stream, cause) { if (stream === this.stream && !document.hidden) this.interrupted(cause); }

  soundLost(stream) {
    if (stream !== this.stream || !this.wanted) return;
    if (this.picture.isOpen && !document.hidden) this.picture.becauseOf("call");
    this.sound.open("call");
    this.soundTriedUs = monotonicUs();
    this.changed();
  }

  soundBack(stream) {
    if (stream !== this.stream || !this.sound.isOpen) return;
    this.note("call", this.sound.close());
    this.changed();
  }

  /** The microphone may be free again: a new part with both, as soon as it is. */
  async findSound() {
    this.soundTriedUs = monotonicUs();
    const audio = this.stream.getAudioTracks()[0];
    if (audio && audio.readyState === "live") return; // muted: `unmute` will tell
    try {
      closeCamera(await navigator.mediaDevices.getUserMedia({ audio: true }));
    } catch (_taken) {
      return;
    }
    await this.letGo();
    this.picture.open("device_changed");
    await this.again();
  }

  beginPart() {
    const mimeType = recorderType();
    const recorder = new MediaRecorder(this.stream, {
      mimeType, videoBitsPerSecond: this.videoBps(), audioBitsPerSecond: SOUND_BPS,
      videoKeyFrameIntervalDuration: mimeType.startsWith("video/mp4") ? PIECE_MS : 2 * PIECE_MS,
    });
    const audio = this.stream.getAudioTracks()[0];
    let from = monotonicUs();
    recorder.ondataavailable = (event) => { if (event.data.size) from = this.take(event.data, from); };
    recorder.onerror = () => { if (recorder === this.recorder) this.interrupted("unknown"); };
    recorder.start(PIECE_MS);
    this.describe(recorder, audio);
    Object.assign(this, { recorder, partUs: from, heardUs: from, isFirst: true });
    if (this.picture.isOpen) this.note(this.picture.cause, this.picture.close());
    if (!audio) this.sound.open("camera_taken");
    else if (audio.muted) this.sound.open("call");
    else if (this.sound.isOpen) this.note(this.sound.cause, this.sound.close());
  }

  /** What the plan counts with, less the sound; on a line that cannot carry it, the ladder's foot. */
  videoBps() {
    const most = this.log.recording.most_kbps * 1000 - SOUND_BPS;
    return this.rung === "P" ? most : Math.min(most, RUNGS.L.video_bps);
  }

  describe(recorder, audio) {
    const seen = this.stream.getVideoTracks()[0].getSettings();
    const type = recorder.mimeType || recorderType();
    this.log.add(KIND.STREAM, TRACK.PHONE, {
      container: type.startsWith("video/mp4") ? "mp4" : "webm", codec: type, encoder: "MediaRecorder",
      width_px: seen.width || 0, height_px: seen.height || 0, fps: seen.frameRate || 0,
      sample_rate_hz: (audio && audio.getSettings().sampleRate) || 0, demonstration: false,
      why: "rung " + this.rung + ", camera " + this.facing,
    });
  }

  take(data, from) {
    const now = monotonicUs();
    this.heardUs = now;
    const to = this.picture.isOpen ? Math.min(now, this.picture.openedUs) : now;
    const claimed = Math.max(0, to - from);
    for (let at = 0; at < data.size; at += MOST_PAYLOAD_BYTES) {
      this.log.packet(data.slice(at, at + MOST_PAYLOAD_BYTES), from, at === 0 ? claimed : 0, this.isFirst);
      this.isFirst = false; // only the first piece of a part stands alone
    }
    return now;
  }

  note(cause, lastedUs) {
    if (cause === "start" || cause === "device_changed" || cause === "stopped") return;
    this.interruptions.push({ cause, lasted_us: lastedUs, until_us: monotonicUs() });
    this.log.queued(async () => { this.log.head.cuts += 1; });
    this.log.checkpoint();
  }

  /** Ends the part; its last piece is handed to the log before this resolves. */
  async endPart() {
    const { recorder } = this;
    this.recorder = null;
    if (!recorder || recorder.state === "inactive") return;
    await new Promise((resolve) => {
      recorder.onstop = resolve;
      setTimeout(resolve, 3000); // a recorder whose tracks are gone may never say so
      recorder.stop();
    });
    recorder.ondataavailable = null;
  }

  async letGo() {
    await this.endPart();
    this.drop();
  }

  drop() {
    closeCamera(this.stream);
    this.stream = null;
  }
}

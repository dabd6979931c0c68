// 手机检查: each line says a number and, where something is wrong, what to do (R030, R032).

import { closeCamera, openCamera, RUNGS } from "./camera.js";
import { askToKeep, battery, freeBytes } from "./phone_state.js";
import { by, press, show, write } from "./page.js";
import { say, size } from "./words.js";

const QUIET = 0.004; // peak of the loudest instant; a whisper at arm's length is about 0.02
let stream = null, isHeard = false, listening = null;

export function prepareCheck(phone, turn) {
  press("check-again", () => check(phone));
  press("check-go", async () => {
    if (!stream) return write("check-message", say("check.wait"));
    stopChecking();
    return turn(phone.recording.sweep ? "sweep" : "place");
  });
}

export async function check(phone) {
  stopChecking();
  write("check-message", "");
  for (const name of ["camera", "sound", "battery", "storage", "network", "screen"]) {
    line(name, "wait", say("check.working"));
  }
  await Promise.all([camera(phone), power(phone), storage(phone), network(phone), screen(phone)]);
  const doubts = document.querySelectorAll("#page-check .line[data-state=bad]").length;
  by("check-go").textContent = say(doubts ? "check.anyway" : "check.go");
  show("check-go", Boolean(stream));
}

export function stopChecking() {
  closeCamera(stream);
  if (listening) listening.close();
  stream = listening = null;
}

function line(name, state, words) {
  const place = by("check-" + name);
  place.dataset.state = state;
  place.querySelector(".said").textContent = words;
}

async function camera(phone) {
  const facing = phone.recording.sweep ? "user" : phone.recording.facing;
  try {
    stream = await openCamera(facing, RUNGS.P);
  } catch (error) {
    line("sound", "bad", "—");
    return line("camera", "bad", say("camera." + error.code));
  }
  by("video").srcObject = stream;
  const { width, height } = stream.getVideoTracks()[0].getSettings();
  line("camera", "good", say("check.camera.ok", { width, height }));
  return sound();
}

function sound() {
  const track = stream.getAudioTracks()[0];
  if (!track) return line("sound", "bad", say("check.sound.none"));
  line("sound", "wait", say("check.sound.quiet"));
  isHeard = false;
  const Context = self.AudioContext || self.webkitAudioContext;
  listening = new Context();
  const ear = listening.createAnalyser();
  listening.createMediaStreamSource(new MediaStream([track])).connect(ear);
  if (listening.state === "suspended") listening.resume();
  const samples = new Uint8Array(ear.fftSize);
  const context = listening;
  const listen = () => {
    if (context !== listening) return;
    ear.getByteTimeDomainData(samples);
    const peak = Math.max(...samples.map((each) => Math.abs(each - 128))) / 128;
    by("level").value = Math.min(1, peak * 2);
    if (peak > QUIET && !isHeard) {
      isHeard = true;
      line("sound", "good", say("check.sound.ok"));
    }
    setTimeout(listen, 100);
  };
  return listen();
}

async function power(phone) {
  const { share, charging } = await battery();
  const needed = Math.round(phone.recording.min_battery_share * 100);
  if (share === null) return line("battery", "ask", say("check.battery.untold", { needed }));
  const percent = Math.round(share * 100);
  if (charging) return line("battery", "good", say("check.battery.charging", { percent }));
  if (percent < needed) return line("battery", "bad", say("check.battery.low", { percent, needed }));
  return line("battery", "good", say("check.battery.ok", { percent }));
}

async function storage(phone) {
  await askToKeep();
  const free = await freeBytes();
  const needed = size(phone.recording.needed_bytes);
  if (free === null) return line("storage", "ask", say("check.storage.untold", { needed }));
  const isEnough = free >= phone.recording.needed_bytes;
  return line("storage", isEnough ? "good" : "bad", say(isEnough ? "check.storage.ok" : "check.storage.low", { free: size(free), needed }));
}

async function network(phone) {
  try {
    const ms = Math.round(await phone.server.askTime(phone.clock));
    line("network", "good", say("check.network.ok", { ms }));
  } catch (_unreached) {
    line("network", "bad", say("check.network.bad"));
  }
}

async function screen(phone) {
  await phone.wake.take();
  const isRefused = phone.wake.isRefused;
  line("screen", isRefused ? "ask" : "good", say(isRefused ? "check.screen.refused" : "check.screen.ok"));
}


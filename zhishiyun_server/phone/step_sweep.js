// 360° 环拍: begins the filming, shows how much of the circle was seen (R064).

import { brightness } from "./camera.js";
import { by, press, show, write } from "./page.js";
import { Sweep } from "./sweep.js";
import { say } from "./words.js";

let sweep = null;

export function prepareSweep(phone, turn) {
  press("sweep-begin", async () => {
    await Sweep.askForSense();
    await phone.beginFilming("user");
    await begin(phone);
  });
  press("sweep-next", async () => {
    const seconds = String(Math.round(sweep.seconds()));
    await phone.log.mark("sweep_done", { measured: sweep.isMeasured ? "yes" : "no", seconds });
    sweep.end();
    sweep = null;
    return turn("place");
  });
}

async function begin(phone) {
  if (sweep) sweep.end();
  await phone.log.mark("sweep_begun");
  sweep = new Sweep();
  sweep.begin();
  showSweep(phone);
}

/** Called every second and oftener. */
export function showSweep(phone) {
  const isOn = sweep !== null;
  show("sweep-begin", !isOn);
  show("sweep-ring", isOn);
  by("sweep-begin").textContent = say(phone.isFilming ? "sweep.again" : "sweep.begin");
  if (!isOn) {
    write("sweep-hint", phone.film.trouble ? say("camera." + phone.film.trouble) : "");
    return show("sweep-next", false);
  }
  sweep.lit(brightness(by("video")));
  phone.isDark = sweep.isDark;
  const progress = sweep.progress();
  const gaps = { percent: Math.round(progress * 100), seconds: Math.round(sweep.seconds()) };
  write("sweep-progress", say("sweep.progress", gaps));
  const hint = sweep.isDark ? "dark" : sweep.isFast ? "fast" : sweep.isDone() ? "done" : sweep.isMeasured ? "going" : "timed";
  write("sweep-hint", say("sweep." + hint));
  by("sweep-hint").dataset.state = sweep.isDark || sweep.isFast ? "bad" : "good";
  sweep.sectors().forEach((isSeen, index) => by("sweep-ring").children[index].classList.toggle("seen", isSeen));
  return show("sweep-next", sweep.isDone());
}

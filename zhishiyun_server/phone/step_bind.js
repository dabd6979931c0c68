// 绑定: by the QR code's secret or by the typed code (F08).

import { sign, newKey } from "./signing.js";
import { deviceName } from "./phone_state.js";
import { utf8 } from "./bytes.js";
import { Server } from "./server.js";
import { by, press, write } from "./page.js";
import { say, sayOf } from "./words.js";

const DIGITS = 10;
const SAID_FOR_MS = 20000;

export function prepareBind(phone, turn) {
  by("bind-form").addEventListener("submit", (event) => event.preventDefault());
  press("bind-go", async () => {
    const code = by("code").value.replace(/\D/g, "");
    if (code.length !== DIGITS) return write("bind-message", say("bind.short", { count: code.length }));
    return bind(phone, { code }, turn);
  });
}

/** Binds this browser; `turn(step)` shows what follows. */
export async function bind(phone, word, turn) {
  write("bind-message", say("bind.working"));
  try {
    const device = await phone.shelf.deviceKey(newKey);
    const proof = await sign(device, "phone", utf8(word.secret || word.code));
    const wish = { ...word, name: deviceName(), device_key: device.public, proof };
    const bound = await new Server().post("/v1/phone/bind", wish);
    write("bind-message", "");
    await taken(phone, bound, device, turn);
  } catch (error) {
    const words = error.status ? sayOf(error) : error.code === "OFFLINE" ? say("bind.offline") : String(error);
    write("bind-message", words);
    phone.bindTrouble = words; // while something else is shown, it stands above that
    setTimeout(() => { phone.bindTrouble = ""; }, SAID_FOR_MS);
  }
}

async function taken(phone, bound, device, turn) {
  const goesOn = await phone.shelf.take(bound, device);
  if (goesOn && phone.recording) { // this page knew the recording already: only the token is new
    phone.recording = await phone.shelf.spool.fact("recording");
    phone.server.token = phone.recording.token;
    phone.isUnbound = false;
    return turn(phone.step === "bind" ? await phone.shelf.spool.fact("step") : phone.step);
  }
  if (phone.recording) { // the other recording is laid aside and sent
    phone.mayLeave = true;
    if (phone.film) await phone.film.stop(); // nothing is written any more when the next page reads
    return location.reload();
  }
  return turn(await phone.takeUp());
}

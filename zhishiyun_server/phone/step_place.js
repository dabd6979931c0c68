// 固定机位: where the phone has to stand, with outlines over the picture (R065, R074).

import { brightness } from "./camera.js";
import { by, press, show, write } from "./page.js";
import { say } from "./words.js";

let hasShown = false;

export function preparePlace(phone, turn) {
  press("place-turn", async () => {
    const other = phone.film.facing === "user" ? "environment" : "user";
    await phone.beginFilming(other);
  });
  press("place-shown", async () => {
    await phone.log.mark("paper_shown", { wanted: phone.recording.show_materials });
    hasShown = true;
    await phone.shelf.spool.keep("paper_shown", true);
    showPlace(phone);
  });
  press("place-done", async () => {
    if (phone.recording.show_materials && !hasShown) return write("place-message", say("place.show_first"));
    if (!phone.film.isFilming) return showPlace(phone);
    await phone.log.mark("placed", { placement: phone.recording.placement, facing: phone.film.facing });
    return turn("film");
  });
}

/** Filming goes on, now with the camera of the fixed place. */
export async function enterPlace(phone) {
  hasShown = Boolean(await phone.shelf.spool.fact("paper_shown"));
  await phone.beginFilming(phone.recording.facing);
}

export function showPlace(phone) {
  const { placement, show_materials: wanted } = phone.recording;
  write("place-how", say("place." + (placement.startsWith("rear_side") ? placement : "desk_screen_surroundings")));
  show("outline-rear", placement.startsWith("rear_side"));
  show("outline-wide", !placement.startsWith("rear_side"));
  by("place-turn").textContent = say(phone.film.facing === "user" ? "place.turn_back" : "place.turn");
  show("place-show", Boolean(wanted));
  write("place-wanted", wanted || "");
  show("place-shown", !hasShown);
  write("place-shown-done", hasShown ? say("place.shown.done") : "");
  phone.isDark = (brightness(by("video")) ?? 1) < 0.16;
  const trouble = phone.film.trouble ? say("camera." + phone.film.trouble) : phone.isDark ? say("place.dark") : "";
  if (trouble || by("place-message").dataset.from !== "press") write("place-message", trouble);
}

// 单独同意: what is filmed, by whom seen, how long kept; the box is not ticked beforehand.

import { hex, sha256, utf8 } from "./bytes.js";
import { by, press, write } from "./page.js";
import { languageNow, say } from "./words.js";

export function prepareConsent(phone, turn) {
  by("consent-tick").addEventListener("change", () => write("consent-message", ""));
  press("consent-agree", async () => {
    if (!by("consent-tick").checked) return write("consent-message", say("consent.off"));
    const notice = by("consent-notice").innerText;
    await phone.shelf.spool.keep("consent", {
      notice_sha256: hex(await sha256(utf8(notice))), language: languageNow(),
      at_us: String(phone.clock.nowUs()),
    });
    return turn("check");
  });
  press("consent-decline", async () => write("consent-message", say("consent.declined")));
}

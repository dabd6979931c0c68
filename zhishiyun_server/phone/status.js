// Telling the server how the phone is, and hearing the clocks, the pace and the wishes.

import { Bell } from "./waiting.js";
import { photograph } from "./camera.js";

const EVERY_MS = 5000;
const QUIET_EVERY_MS = 20000; // before anything is filmed
const PICTURE_EVERY_MS = 2000; // while somebody looks where it points, or is about to

export class Status {
  /** `say()` makes a PhoneStatus; `heard(told)` and `refused(error)` take what comes back. */
  constructor(server, say, heard, refused) {
    Object.assign(this, { server, say, heard, refused });
    this.bell = new Bell();
    this.told = null;
    this.isOnline = true;
    this.picturedAt = 0;
  }

  /** Something changed that others should know at once. */
  hurry() { this.bell.ring(); }

  /** `mood()`: "aimed" while it is being placed, "filming", or "". */
  async run(mood, video) {
    for (;;) {
      await this.report();
      if (this.told && this.told.wanted.includes("picture")) await this.show(video);
      const isAimed = mood() === "aimed" || (this.told && this.told.wanted.includes("picture"));
      await this.bell.wait(isAimed ? PICTURE_EVERY_MS : mood() ? EVERY_MS : QUIET_EVERY_MS);
    }
  }

  async report() {
    try {
      this.told = await this.server.post("/v1/phone/status", await this.say());
      this.isOnline = true;
      this.heard(this.told);
    } catch (error) {
      this.isOnline = error.status > 0;
      this.refused(error);
    }
  }

  async show(video) {
    const picture = await photograph(video);
    if (!picture) return;
    try {
      await this.server.picture(picture);
    } catch (_passing) {
      this.picturedAt = 0; // the next status asks again, should it still be wanted
      return;
    }
    this.picturedAt = Date.now();
  }
}

// Which recordings this browser holds: the current one, and older ones that are not sent yet.

import { fromText } from "./bytes.js";
import { evidenceKeyOf, Log } from "./log.js";
import { openSpool } from "./spool.js";

const NAME = "zhishiyun-phone";

export class Shelf {
  static async open() {
    const shelf = new Shelf();
    shelf.list = await openSpool(NAME);
    const names = await shelf.list.fact("names");
    Object.assign(shelf, names || { current: 0, older: [], last: 0 });
    shelf.spool = shelf.current ? await openSpool(NAME + "-" + shelf.current) : null;
    return shelf;
  }

  /** The device key to bind with: that of the recording that goes on, or one for the next. */
  async deviceKey(make) {
    const head = this.spool && (await this.spool.fact("head"));
    if (this.spool && !(head && head.ended)) return this.spool.fact("device");
    const kept = await this.list.fact("next_device");
    if (kept) return kept; // an answer was lost: the same word from the same key is answered again
    const made = await make();
    await this.list.keep("next_device", made);
    return made;
  }

  /** Takes what the server told at the binding; returns whether an earlier recording goes on. */
  async take(bound, device) {
    const { key, key_check } = await evidenceKeyOf(fromText(bound.evidence_key));
    const recording = { ...bound, key_check };
    delete recording.evidence_key; // from here on only as a key that cannot be read out
    const before = this.spool && (await this.spool.fact("recording"));
    if (before && before.recording_id === bound.recording_id) {
      await this.spool.keep("recording", recording);
      return true;
    }
    await this.layAside();
    this.current = this.last = this.last + 1;
    this.spool = await openSpool(NAME + "-" + this.current);
    await this.spool.write(["facts"], (facts) => {
      facts.put(recording, "recording");
      facts.put(device, "device");
      facts.put(key, "evidence");
    });
    await this.list.write(["facts"], (facts) => facts.delete("next_device"));
    await this.remember();
    return false;
  }

  async layAside() {
    if (!this.spool) return;
    const [head, receipt] = [await this.spool.fact("head"), await this.spool.fact("receipt")];
    if (head && !receipt) this.older.push(this.current);
    else this.spool.remove();
  }

  remember() {
    const { current, older, last } = this;
    return this.list.keep("names", { current, older, last });
  }

  /** Older recordings that still have to be sent: [{number, spool}…]. */
  async unsent() {
    const found = [];
    for (const number of this.older) found.push({ number, spool: await openSpool(NAME + "-" + number) });
    return found;
  }

  async drop(number, spool) {
    this.older = this.older.filter((each) => each !== number);
    await this.remember();
    spool.remove();
  }
}

/** The log of a spool, where it stands; `clock` is the exam's. */
export async function logOf(spool, clock) {
  const [recording, device, evidence] = await Promise.all(
    ["recording", "device", "evidence"].map((name) => spool.fact(name)),
  );
  return new Log(spool, recording, { device, evidence }, clock);
}

// The writer of the evidence log (docs/evidence-log.md): one record after another, each of them
// stored in one transaction with the head that names it, so that a killed page leaves no torn tail.

import { canonical, hex, sha256, utf8 } from "./bytes.js";
import { monotonicUs } from "./clock.js";
import { encodeHeader, encodeRecord, KEY_FRAME, keyCheck, KIND, TRACK } from "./records.js";
import { sign } from "./signing.js";
import { pause } from "./waiting.js";

const GAP_PIECE_US = 5000000;
const REFUSED_PAUSE_MS = 1000;

const NEVER = new Promise(() => {}); // whoever waits in a page that was overtaken waits for good

export class Log {
  /** `recording`: what the server told at the binding; `keys`: {device, evidence}. */
  constructor(spool, recording, keys, clock) {
    Object.assign(this, { spool, recording, keys, clock });
    this.bootId = crypto.getRandomValues(new Uint32Array(2)).join("-");
    this.queue = Promise.resolve();
    this.waitingBytes = 0; // handed over and not stored yet
    this.head = null;
    this.signed = null; // the newest checkpoint's statement, for the status
    this.refused = 0; // times in a row that the browser would not store a record
    this.onRefused = async () => {};
    this.isOvertaken = false; // another page goes on with this log: nothing more is written here
  }

  /** Goes on where the log stands, or begins it. */
  async open() {
    this.head = (await this.spool.fact("head")) || (await this.begin());
    return this;
  }

  async begin() {
    const { recording, keys, clock } = this;
    const header = encodeHeader({
      attempt_id: recording.recording_id, exam_id: recording.exam_id,
      plan_sha256: recording.plan_sha256, device_key: keys.device.public,
      server_key: recording.server_key, key_check: recording.key_check,
      created_us: clock.nowUs(), formal: recording.formal, speed: recording.speed, source: "phone",
    });
    const head = {
      length: header.length, records: 0, digest: await sha256(header), run: 0, packets: 0, cuts: 0,
      zero_us: 0, placed_us: 0, filmed_to_us: 0, filmed_us: 0, wall_ms: Date.now(), ended: false,
      run_monotonic_us: 0, run_timeline_us: 0,
    };
    await this.spool.write(["log", "facts"], (log, facts) => {
      log.put(header.buffer, 0);
      facts.put(head, "head");
    });
    return head;
  }

  /** A life of the recorder begins: this page was opened, or its clock stood still. */
  beginRun(cause) {
    return this.queued(async () => {
      const monotonic = monotonicUs();
      const timeline = this.resumedAtUs(monotonic);
      Object.assign(this.head, {
        run: this.head.run + 1, run_monotonic_us: monotonic, run_timeline_us: timeline,
      });
      await this.store(KIND.RUN, TRACK.NONE, {
        run: this.head.run, cause, boot_id: this.bootId, monotonic_us: monotonic,
        timeline_us: timeline, client_version: "phone-page 1",
      });
    });
  }

  resumedAtUs(monotonic) {
    const { head } = this;
    if (head.records === 0) return 0;
    const [server] = this.clock.at(monotonic);
    const byServer = server && head.zero_us ? (server - head.zero_us) / this.clock.speed : 0;
    const byWall = head.placed_us + (Date.now() - head.wall_ms) * 1000;
    return Math.round(Math.max(head.placed_us, byServer || byWall));
  }

  /** Where on the timeline an instant of this page lies, µs. */
  placeUs(monotonic) { return this.head.run_timeline_us + monotonic - this.head.run_monotonic_us; }

  mark(what, detail = {}) {
    return this.add(KIND.MARK, TRACK.NONE, { what, subject: "", index: null, detail });
  }

  add(kind, track, value) { return this.queued(() => this.store(kind, track, value)); }

  /** Media bytes that were taken from `fromUs` on and stand for `durationUs`; 0 claims nothing. */
  packet(blob, fromUs, durationUs, isFirst = false) {
    this.waitingBytes += blob.size;
    return this.queued(async () => {
      const bytes = new Uint8Array(await blob.arrayBuffer());
      await this.store(KIND.PACKET, TRACK.PHONE, bytes, fromUs, durationUs, isFirst ? KEY_FRAME : 0);
      this.waitingBytes -= blob.size;
    });
  }

  /** Nothing of these tracks between two instants of the timeline. */
  gap(tracks, fromUs, toUs, cause) {
    return this.queued(async () => {
      for (let at = fromUs; at < toUs; at += GAP_PIECE_US) {
        const to = Math.min(at + GAP_PIECE_US, toUs);
        if (tracks.includes(TRACK.PHONE)) this.head.filmed_to_us = Math.max(this.head.filmed_to_us, to);
        await this.store(KIND.GAP, TRACK.NONE, { tracks, from_us: at, to_us: to, cause, torn_bytes: 0 });
      }
    });
  }

  /** The chain so far, signed by this phone. */
  checkpoint() {
    return this.queued(async () => {
      const { head } = this;
      const statement = { head: hex(head.digest), length: head.length, records: head.records };
      const whole = { attempt: this.recording.recording_id, ...statement };
      const signature = await sign(this.keys.device, "head", utf8(canonical(whole)));
      await this.store(KIND.CHECKPOINT, TRACK.NONE, { ...statement, signature });
      this.signed = { ...statement, signature };
    });
  }

  /** The recording is complete; nothing can follow. */
  async end(why) {
    await this.queued(async () => {
      if (this.head.ended) return;
      const counts = [{ track: TRACK.PHONE, frames: this.head.packets, dropped: 0, late: 0, overflows: 0 }];
      this.head.ended = true;
      await this.store(KIND.END, TRACK.NONE, { why, counts });
    });
    await this.checkpoint();
  }

  queued(job) {
    const done = this.queue.then(job);
    this.queue = done.catch(() => {});
    return done;
  }

  async store(kind, track, value, monotonic = monotonicUs(), durationUs = 0, flags = 0) {
    const { head } = this;
    const [server, error] = this.clock.at(monotonic);
    const record = await encodeRecord({
      sequence: head.records, run: head.run, kind, track, flags, monotonic_us: monotonic,
      server_us: server, error_us: error, duration_us: durationUs, previous: head.digest,
    }, value instanceof Uint8Array ? value : utf8(canonical(value)), this.keys.evidence);
    const next = this.advanced(record, kind, monotonic, durationUs, server);
    await this.insist((log, facts) => {
      const wish = facts.get("head");
      wish.onsuccess = () => {
        const kept = wish.result;
        if (isSame(kept, next)) return; // the browser had stored it when it said that it would not
        this.isOvertaken = !isSame(kept, head);
        if (this.isOvertaken) return;
        log.put(record.bytes.buffer, head.length);
        facts.put(next, "head");
      };
    });
    if (this.isOvertaken) await NEVER;
    this.head = next;
  }

  advanced(record, kind, monotonic, durationUs, server) {
    const { head } = this;
    const place = Math.max(this.placeUs(monotonic), 0);
    const next = {
      ...head, length: head.length + record.bytes.length, records: head.records + 1,
      digest: record.digest, wall_ms: Date.now(),
      placed_us: Math.max(head.placed_us, place + durationUs),
    };
    if (!head.zero_us && server) next.zero_us = server - place * this.clock.speed;
    if (kind !== KIND.PACKET) return next;
    next.packets += 1;
    next.filmed_us += durationUs;
    next.filmed_to_us = Math.max(head.filmed_to_us, place + durationUs);
    return next;
  }

  /** The very same bytes until the browser stores them: no nonce seals two different records. */
  async insist(job) {
    for (;;) {
      try {
        await this.spool.write(["log", "facts"], job);
        this.refused = 0;
        return;
      } catch (error) {
        this.refused += 1;
        await this.onRefused(error);
        await pause(REFUSED_PAUSE_MS);
      }
    }
  }
}

/** Whether two heads stand at the same place of the same chain. */
function isSame(one, other) {
  return one.length === other.length && hex(one.digest) === hex(other.digest);
}

/** What of the binding the log needs, and the key that seals it; the raw key is not kept. */
export async function evidenceKeyOf(raw) {
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt"]);
  return { key, key_check: await keyCheck(raw) };
}


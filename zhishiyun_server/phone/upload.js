// Sending the log: pieces that end where records end, written down before they are offered,
// believed to be there only when the server has said so.

import { base64, canonical, concatenated, fromHex, hex, sha256, utf8 } from "./bytes.js";
import { isSigned } from "./signing.js";
import { backOffMs, Bell } from "./waiting.js";

const LEAST_BYTES = 64 * 1024;
const MOST_BYTES = 1024 * 1024;
const LINE_S = 1.5; // a piece is what the line carries in so long
const AGE_MS = 2000; // a tail shorter than a piece is sent after so long
const ASK_EVERY_MS = 120000;
const AT_ONCE = 4; // grants asked for together
const LEAST_DEADLINE_MS = 10000;

class Problem extends Error {
  constructor(code) { super(code); this.code = code; }
}

export class Upload {
  /** `changed()`: progress to show; `wished()`: the server's pace, bytes a second or null. */
  constructor(server, spool, log, changed, pace) {
    Object.assign(this, { server, spool, log, changed, pace });
    this.cuts = [];
    this.bell = new Bell();
    this.failures = 0;
    this.trouble = ""; // why nothing moves: OFFLINE, LOG_SHORTER, a code of the server
    this.nextTryAt = 0;
    this.bytesPerS = 0;
    this.aim = LEAST_BYTES;
    this.askedAt = 0;
    this.cutAt = Date.now();
    this.receipt = this.lastError = null;
    this.isChecking = false;
    this.isEnded = false; // the line to the server says it does not know this phone
  }

  get heldBytes() { return this.cuts.reduce((sum, cut) => sum + (cut.held ? cut.length : 0), 0); }
  get waitingBytes() { return Math.max(0, this.log.head.length - this.heldBytes); }
  get cutTo() {
    const last = this.cuts[this.cuts.length - 1];
    return last ? last.first + last.length : 0;
  }

  /** Something changed for the better: 【立即重试】, online again, shown again, stopped. */
  hurry() {
    this.nextTryAt = 0;
    this.bell.ring();
  }

  /** Asks the server anew what it holds and wants: 【重新上传】. */
  askAnew() {
    this.askedAt = 0;
    this.hurry();
  }

  /** Goes on until the receipt is here. */
  async run() {
    this.cuts = (await this.spool.cuts()).sort((one, other) => one.first - other.first);
    this.receipt = (await this.spool.fact("receipt")) || null;
    for (;;) {
      try {
        const waitMs = await this.step();
        this.failures = 0;
        this.trouble = this.trouble === "LOG_SHORTER" ? this.trouble : "";
        if (waitMs) await this.bell.wait(waitMs);
      } catch (error) {
        await this.failed(error);
      }
      this.changed();
    }
  }

  /** One step; returns how long to wait before the next, ms. */
  async step() {
    if (this.receipt && Date.now() - this.askedAt < ASK_EVERY_MS) return ASK_EVERY_MS;
    if (Date.now() - this.askedAt >= ASK_EVERY_MS) await this.reconcile();
    await this.cutMore();
    const open = this.cuts.filter((cut) => !cut.held && !cut.refused);
    const next = open.filter((cut) => !cut.gone).slice(0, AT_ONCE);
    if (next.length) return this.send(next);
    if (open.length) throw new Problem("EVIDENCE_GONE"); // asked for again, and freed here before
    if (this.receipt) return ASK_EVERY_MS;
    if (this.log.head.ended && this.cutTo === this.log.head.length) return this.finish();
    return AGE_MS / 2;
  }

  /** The server's word on what it holds is believed, whatever was remembered here. */
  async reconcile() {
    const held = await this.server.get("/v1/phone/evidence");
    const last = held.ranges[held.ranges.length - 1];
    if (last && last[1] > this.log.head.length) this.trouble = "LOG_SHORTER";
    const within = (cut, ranges) =>
      ranges.some(([from, to]) => from <= cut.first && cut.first + cut.length <= to);
    const touches = (cut, ranges) =>
      ranges.some(([from, to]) => from < cut.first + cut.length && cut.first < to);
    for (const cut of this.cuts) {
      const isHeld = within(cut, held.ranges) && !touches(cut, held.wanted || []);
      if (isHeld !== cut.held) await this.settle(cut, isHeld);
    }
    this.askedAt = Date.now();
  }

  async settle(cut, isHeld) {
    cut.held = isHeld;
    await this.spool.keepCut(cut);
  }

  /** Writes down how the next stretch is cut; from then on it is always offered like this. */
  async cutMore() {
    const { head } = this.log;
    while (this.cuts.filter((cut) => !cut.held).length < AT_ONCE && this.cutTo < head.length) {
      const aim = this.aimBytes();
      const isOld = Date.now() - this.cutAt > AGE_MS || head.ended;
      if (head.length - this.cutTo < aim && !isOld) return;
      const found = await this.spool.records(this.cutTo, this.cutTo + aim);
      if (!found.length) return;
      const bytes = concatenated(found.map((record) => record.bytes));
      const cut = { first: this.cutTo, length: bytes.length, sha256: hex(await sha256(bytes)), held: false };
      await this.spool.keepCut(cut);
      this.cuts.push(cut);
      this.cutAt = Date.now();
    }
  }

  aimBytes() {
    const pace = this.pace();
    return pace ? Math.max(LEAST_BYTES / 2, Math.min(this.aim, pace * 2)) : this.aim;
  }

  async send(cuts) {
    const chunks = cuts.map(({ first, length, sha256: digest }) => ({ first_byte: first, length, sha256: digest }));
    const { grants } = await this.server.post("/v1/phone/evidence/grants", { chunks });
    for (const cut of cuts) {
      const grant = grants.find((each) => each.first_byte === cut.first);
      try {
        if (grant) await this.put(cut, grant);
      } catch (error) {
        cut.refused = error.code === "EVIDENCE_CONFLICT"; // this one is given up, the others go on
        throw error;
      }
      await this.settle(cut, true);
      this.changed();
    }
    return 0;
  }

  async put(cut, grant) {
    const found = await this.spool.records(cut.first, cut.first + cut.length);
    const bytes = concatenated(found.map((record) => record.bytes));
    const digest = "sha-256=:" + base64(fromHex(cut.sha256)) + ":";
    const isHere = grant.url.startsWith("/"); // a store gets nothing but what the grant says
    const own = isHere
      ? { "Content-Digest": digest, "If-None-Match": "*", "Content-Type": "application/octet-stream" } : {};
    const expectedMs = this.bytesPerS ? (cut.length / this.bytesPerS) * 4000 : 0;
    const deadlineMs = Math.max(LEAST_DEADLINE_MS, expectedMs) * 2 ** Math.min(this.failures, 3);
    const begun = performance.now();
    await this.server.put(grant.url, bytes, { ...own, ...grant.headers }, deadlineMs);
    await this.carried(cut.length, performance.now() - begun);
  }

  async carried(bytes, tookMs) {
    const seen = bytes / Math.max(tookMs / 1000, 0.005);
    this.bytesPerS = this.bytesPerS ? 0.7 * this.bytesPerS + 0.3 * seen : seen;
    this.aim = Math.min(MOST_BYTES, Math.max(LEAST_BYTES, Math.round(this.bytesPerS * LINE_S)));
    const pace = this.pace();
    const restMs = pace ? (bytes / pace) * 1000 - tookMs : 0;
    if (restMs > 0) await this.bell.wait(Math.min(restMs, 30000)); // the computer's recording first
  }

  /** Everything is there: the server compares the chain, and its receipt is the proof. */
  async finish() {
    const { head } = this.log;
    this.isChecking = true;
    this.changed();
    try {
      const seal = { length: head.length, records: head.records, head: hex(head.digest), last_run: head.run };
      const receipt = await this.server.post("/v1/phone/evidence/seal", seal);
      await this.believe(receipt);
    } catch (error) {
      if (error.code !== "RANGES_MISSING") throw error;
      await this.missing(error.missing);
    } finally {
      this.isChecking = false;
    }
    return 0;
  }

  async believe(receipt) {
    const { recording, head } = this.log;
    const { body } = receipt;
    const fits = body.attempt_id === recording.recording_id && body.length === head.length
      && body.head === hex(head.digest)
      && await isSigned(recording.server_key, "receipt", utf8(canonical(body)), receipt.signature);
    if (!fits) throw new Problem("RECEIPT_FORGED");
    await this.spool.keep("receipt", receipt);
    this.receipt = receipt;
    this.askedAt = Date.now();
  }

  async missing(ranges) {
    for (const cut of this.cuts) {
      const lacks = ranges.some(([from, to]) => from < cut.first + cut.length && cut.first < to);
      if (lacks && cut.held) await this.settle(cut, false);
    }
  }

  /** Frees room: the oldest that the server holds. Returns whether there was any. */
  async makeRoom(bytes) {
    let freed = 0;
    for (const cut of this.cuts) {
      if (freed >= bytes) break;
      if (!cut.held || cut.gone) continue;
      await this.spool.forget(cut);
      cut.gone = true;
      freed += cut.length;
    }
    return freed > 0;
  }

  async failed(error) {
    this.failures += 1;
    this.lastError = error;
    this.trouble = error.code || error.name || "INTERNAL";
    if (error.status === 401) this.isEnded = true;
    if (error.code === "EVIDENCE_CONFLICT") this.askedAt = 0;
    if (!error.status) this.bytesPerS /= 2;
    if (this.failures > 1) this.aim = LEAST_BYTES;
    const waitMs = backOffMs(this.failures, error.retryAfterS || 0);
    this.nextTryAt = Date.now() + waitMs;
    this.changed();
    await this.bell.wait(waitMs);
    this.nextTryAt = 0;
  }
}

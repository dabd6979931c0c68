// What is missing while it is missing: pieces of five seconds, and the sum for the status.

import { monotonicUs } from "./clock.js";

const PIECE_US = 5000000;

export class Gap {
  /** `tracks`: what is missing; nothing is until `open`. */
  constructor(log, tracks) {
    Object.assign(this, { log, tracks, cause: "", from: 0, written: 0, isOpen: false, openedUs: 0 });
  }

  /** It begins at an instant of the timeline; an open gap keeps its first cause. */
  open(cause, fromUs = this.now()) {
    if (this.isOpen) return;
    Object.assign(this, { cause, from: fromUs, written: fromUs, isOpen: true, openedUs: monotonicUs() });
  }

  /** A worse word for the cause of an open gap: what is written already stays. */
  becauseOf(cause) { this.cause = cause; }

  get lastedUs() { return this.isOpen ? this.now() - this.from : 0; }

  /** Called every second. */
  tick() { if (this.isOpen && this.now() - this.written >= PIECE_US) this.write(); }

  /** It is over; returns how long it was, µs. */
  close() {
    if (!this.isOpen) return 0;
    this.write();
    this.isOpen = false;
    return this.written - this.from;
  }

  write() {
    const to = this.now();
    this.log.gap(this.tracks, this.written, to, this.cause);
    this.written = to;
  }

  now() { return Math.max(0, Math.round(this.log.placeUs(monotonicUs()))); }
}

// Waiting that can be cut short, and how long after a failure.

const FIRST_MS = 500;
const LONGEST_MS = 30000;

export function pause(ms) { return new Promise((resolve) => setTimeout(resolve, ms)); }

/** Doubles from half a second to thirty, half of each left to chance; `told` is never undercut. */
export function backOffMs(failures, toldS = 0) {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
  return Math.max(whole / 2 + (Math.random() * whole) / 2, toldS * 1000);
}

/** A sleeper that somebody may wake: `await bell.wait(ms)`, `bell.ring()`. */
export class Bell {
  constructor() { this.wake = () => {}; this.rung = false; }

  ring() { this.rung = true; this.wake(); }

  async wait(ms) {
    if (!this.rung) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wake = () => { clearTimeout(timer); resolve(); };
      });
    }
    this.rung = false;
  }
}

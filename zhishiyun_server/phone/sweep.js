// The 360° sweep: how much of the circle was seen, by the phone's own sense of direction; where a
// browser has none, by time alone.

const SECTORS = 12; // of 30°
const ENOUGH = 11; // the last one is where it began
const FAST_DEG_PER_S = 70; // pictures smear at 12 a second and ordinary room light
const LEAST_S = 15;
const BY_TIME_S = 30;
const DARK = 0.16; // mean brightness below which faces are not made out (self-lit room: 0.3 … 0.6)
const SENSE_WITHIN_MS = 2500;

/** Direction in which the screen's side of an upright phone looks, degrees; null when it lies flat. */
export function headingOf({ alpha, beta, gamma }) {
  if (alpha === null || beta === null || gamma === null) return null;
  const [a, b, c] = [alpha, beta, gamma].map((each) => (each * Math.PI) / 180);
  const x = Math.cos(a) * Math.sin(c) + Math.sin(a) * Math.sin(b) * Math.cos(c);
  const y = Math.sin(a) * Math.sin(c) - Math.cos(a) * Math.sin(b) * Math.cos(c);
  if (Math.hypot(x, y) < 0.35) return null;
  return ((Math.atan2(x, y) * 180) / Math.PI + 360) % 360;
}

export class Sweep {
  constructor() {
    this.seen = new Set();
    this.begunAt = 0;
    this.heading = null;
    this.turnedAt = 0;
    this.isFast = this.isDark = false;
    this.isMeasured = false;
  }

  /** iOS asks for leave, and only while a button is being pressed. */
  static async askForSense() {
    const kind = self.DeviceOrientationEvent;
    if (!kind || !kind.requestPermission) return;
    await kind.requestPermission().catch(() => {});
  }

  begin(now = performance.now()) {
    Object.assign(this, { seen: new Set(), begunAt: now, heading: null, isFast: false });
    this.listener = (event) => this.turned(event);
    addEventListener("deviceorientation", this.listener);
  }

  end() { removeEventListener("deviceorientation", this.listener); }

  turned(event, now = performance.now()) {
    const heading = headingOf(event);
    if (heading === null) return;
    this.isMeasured = true;
    if (this.heading !== null && now > this.turnedAt) {
      const step = Math.abs(((heading - this.heading + 540) % 360) - 180);
      const speed = (step * 1000) / (now - this.turnedAt);
      this.isFast = now - this.turnedAt < 500 && speed > FAST_DEG_PER_S;
    }
    if (now - this.turnedAt < 50 && this.heading !== null) return;
    if (!this.isFast && !this.isDark) this.seen.add(Math.floor(heading / (360 / SECTORS)));
    this.heading = heading;
    this.turnedAt = now;
  }

  lit(brightness) { if (brightness !== null) this.isDark = brightness < DARK; }

  seconds(now = performance.now()) { return (now - this.begunAt) / 1000; }

  /** 0 … 1 */
  progress(now = performance.now()) {
    const byTime = this.seconds(now) / (this.isMeasured ? LEAST_S : BY_TIME_S);
    if (!this.isMeasured) return Math.min(1, now - this.begunAt < SENSE_WITHIN_MS ? 0 : byTime);
    return Math.min(1, byTime, this.seen.size / ENOUGH);
  }

  isDone(now = performance.now()) { return this.progress(now) >= 1 && !this.isDark; }

  /** Which of the circle's sectors were seen, for the ring. */
  sectors() {
    if (this.isMeasured) return Array.from({ length: SECTORS }, (_, index) => this.seen.has(index));
    return Array.from({ length: SECTORS }, (_, index) => index < Math.floor(this.progress() * SECTORS));
  }
}

// The exam's clock on this phone: an interval against the page's monotonic clock, as
// zhishiyun_protocol/clock.py has it; the wall clock is never believed.

const DRIFT_PPM = 100; // as in zhishiyun_protocol/clock.py
const UNKNOWN_ERROR_US = 0xffffffff;

/** The page's monotonic clock, µs; 0 when the page was opened. */
export function monotonicUs() { return Math.round(performance.now() * 1000); }

export class ExamClock {
  constructor() { this.known = null; }

  /** What one question and answer prove; contradicted knowledge gives way to the new. */
  learn(answer, receivedUs) {
    const speed = answer.speed || 1;
    const awayUs = receivedUs - answer.sent_us;
    const halfUs = Math.max(0, (awayUs * speed - (answer.server_sent_us - answer.server_received_us)) / 2);
    this.known = narrowed(this.known, {
      at: receivedUs, server: answer.server_sent_us + halfUs, speed,
      error: halfUs + (awayUs * speed * DRIFT_PPM) / 1e6 + 1,
    });
  }

  /** [exam's µs, ± µs] at a monotonic instant; [0, unknown] before anything was learnt. */
  at(monotonic) {
    if (!this.known) return [0, UNKNOWN_ERROR_US];
    const error = Math.min(Math.ceil(errorAt(this.known, monotonic)), UNKNOWN_ERROR_US);
    return [Math.round(timeAt(this.known, monotonic)), error];
  }

  /** The exam's µs now, or 0. */
  nowUs() { return this.at(monotonicUs())[0]; }
  get speed() { return this.known ? this.known.speed : 1; }
}

function timeAt(known, monotonic) { return known.server + (monotonic - known.at) * known.speed; }
function errorAt(known, monotonic) {
  return known.error + (Math.abs(monotonic - known.at) * DRIFT_PPM * known.speed) / 1e6;
}

function narrowed(known, fresh) {
  if (!known || known.speed !== fresh.speed) return fresh;
  const middle = timeAt(known, fresh.at);
  const width = errorAt(known, fresh.at);
  const low = Math.max(middle - width, fresh.server - fresh.error);
  const high = Math.min(middle + width, fresh.server + fresh.error);
  if (low > high) return fresh; // the phone slept, or the server's clock was set
  return { at: fresh.at, server: (low + high) / 2, error: (high - low) / 2 + 1, speed: fresh.speed };
}

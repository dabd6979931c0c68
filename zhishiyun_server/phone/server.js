// Calls to the exam server: each has a deadline of its own, and every refusal says what it is.

import { monotonicUs } from "./clock.js";

const CALL_MS = 15000;

/** What the server refused (status > 0, `code`, `words` {zh, en}) or that it was not reached (0). */
export class Unanswered extends Error {
  constructor(status, problem) {
    super(problem.code || "OFFLINE");
    this.status = status;
    this.code = problem.code || "OFFLINE";
    this.words = { zh: problem.zh || "", en: problem.en || "" };
    this.retryAfterS = problem.retry_after_s || 0;
    this.missing = problem.missing || [];
  }

  /** Whether the same call may succeed later. */
  get isPassing() { return this.status === 0 || this.status >= 500 || [408, 425, 429].includes(this.status); }
}

export class Server {
  constructor(token = "") { this.token = token; }

  get(path) { return this.call("GET", path); }
  post(path, value) {
    return this.call("POST", path, JSON.stringify(value), { "Content-Type": "application/json" });
  }

  /** Sends bytes where a grant says; never the bearer to anybody but this server. */
  put(url, bytes, headers, deadlineMs) {
    const isHere = url.startsWith("/");
    const own = isHere ? { Authorization: "Bearer " + this.token } : {};
    return this.fetch(url, { method: "PUT", body: bytes, headers: { ...own, ...headers } }, deadlineMs);
  }

  picture(blob) { return this.call("POST", "/v1/phone/picture", blob, { "Content-Type": "image/jpeg" }); }

  /** The last word of a page that is being closed; nobody waits for the answer. */
  farewell(path, value) {
    const headers = { "Content-Type": "application/json", Authorization: "Bearer " + this.token };
    fetch(path, { method: "POST", headers, body: JSON.stringify(value), keepalive: true }).catch(() => {});
  }

  /** One exchange of time stamps. */
  async askTime(clock) {
    const answer = await this.post("/v1/time", { sent_us: monotonicUs() });
    clock.learn(answer, monotonicUs());
    return (monotonicUs() - answer.sent_us) / 1000;
  }

  call(method, path, body, headers = {}) {
    const bearer = this.token ? { Authorization: "Bearer " + this.token } : {};
    return this.fetch(path, { method, body, headers: { ...bearer, ...headers } }, CALL_MS);
  }

  async fetch(url, wish, deadlineMs) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), deadlineMs);
    try {
      const answer = await fetch(url, { ...wish, signal: stop.signal, cache: "no-store", credentials: "omit" });
      return await told(answer);
    } catch (error) {
      if (error instanceof Unanswered) throw error;
      throw new Unanswered(0, {});
    } finally {
      clearTimeout(timer);
    }
  }
}

async function told(answer) {
  const text = await answer.text();
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch (_foreign) {
    throw new Unanswered(0, {}); // a web page of some portal, not our server
  }
  if (answer.ok) return value;
  throw new Unanswered(answer.status, value || {});
}

// What the phone says of itself: battery, storage, wake lock, name.

const LOW = 0.2; // R072
const VERY_LOW = 0.1;
const STORAGE_LOW_BYTES = 200e6; // about an hour at 448 kbit/s

/** {share, charging}; share is null where the browser does not tell (iOS, Firefox). */
export async function battery() {
  try {
    const told = await navigator.getBattery();
    return { share: told.level, charging: told.charging };
  } catch (_untold) {
    return { share: null, charging: null };
  }
}

/** Bytes that the browser lets this page keep; null where it does not tell. */
export async function freeBytes() {
  try {
    const told = await navigator.storage.estimate();
    return Math.max(0, Math.round((told.quota || 0) - (told.usage || 0)));
  } catch (_untold) {
    return null;
  }
}

/** Asks that what is kept is not cleared away; browsers may refuse. */
export async function askToKeep() {
  try {
    return await navigator.storage.persist();
  } catch (_untold) {
    return false;
  }
}

export function batteryTrouble(share) {
  if (share === null) return "";
  return share <= VERY_LOW ? "battery_critical" : share <= LOW ? "battery_low" : "";
}

export function isStorageLow(bytes) { return bytes !== null && bytes < STORAGE_LOW_BYTES; }

/** Keeps the screen on while the page is looked at. */
export class WakeLock {
  constructor() { this.held = null; this.isRefused = false; }

  async take() {
    if (this.held || document.hidden) return;
    try {
      this.held = await navigator.wakeLock.request("screen");
      this.isRefused = false;
      this.held.addEventListener("release", () => { this.held = null; });
    } catch (_refused) {
      this.isRefused = true; // battery saver, or a browser without it: the page asks the candidate
    }
  }

  letGo() { if (this.held) this.held.release(); }
}

/** What the computer calls this phone. */
export function deviceName() {
  const agent = navigator.userAgent;
  const android = agent.match(/Android [^;]*; ([^;)]+)/);
  if (android) return android[1].replace(/ Build\/.*/, "").trim().slice(0, 40);
  if (/iPad/.test(agent)) return "iPad";
  if (/iPhone/.test(agent)) return "iPhone";
  return /Mobile/.test(agent) ? "手机" : "浏览器";
}

// One page films: a second one of the same browser says so and leaves the camera alone.

const NAME = "zhishiyun-phone-films";
const LEASE_MS = 6000;
const GOES_WITHIN_MS = 2500; // a page that is loaded anew waits for the one before to be gone

/** True when this page is the one; it stays so until the page goes. */
export async function isTheOnlyPage() {
  if (!navigator.locks) return takeLease();
  const patience = new AbortController();
  setTimeout(() => patience.abort(), GOES_WITHIN_MS);
  return new Promise((resolve) => {
    navigator.locks.request(NAME, { signal: patience.signal }, () => {
      resolve(true);
      return new Promise(() => {}); // held as long as the page lives
    }).catch(() => resolve(false));
  });
}

function takeLease() { // iOS before 15.4 knows no locks
  const other = Number(localStorage.getItem(NAME) || 0);
  if (Date.now() - other < LEASE_MS) return false;
  const renew = () => localStorage.setItem(NAME, String(Date.now()));
  renew();
  setInterval(renew, LEASE_MS / 3);
  addEventListener("pagehide", () => localStorage.removeItem(NAME));
  return true;
}

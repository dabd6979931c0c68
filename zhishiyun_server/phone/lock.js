// One page films: a second one of the same browser says so and leaves the camera alone.

const NAME = "zhishiyun-phone-films";
const LEASE_MS = 6000;

/** True when this page is the one; it stays so until the page goes. */
export async function isTheOnlyPage() {
  if (!navigator.locks) return takeLease();
  return new Promise((resolve) => {
    navigator.locks.request(NAME, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock ? new Promise(() => {}) : undefined; // held as long as the page lives
    });
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

// Lets the page be opened again without a network: a phone that was killed while the line is down
// must go on filming. The network comes first; only the page's own files are kept, nothing else.

const KEPT = "zhishiyun-phone-page";
const WAITS_MS = 3000;
const SILENT_MS = 20000;
const FILES = [
  "/p/", "/p/bytes.js", "/p/camera.js", "/p/clock.js", "/p/early.js", "/p/film.js", "/p/gaps.js",
  "/p/lock.js", "/p/log.js", "/p/main.js", "/p/nacl-fast.min.js", "/p/page.js", "/p/phone.css",
  "/p/phone.js", "/p/phone_state.js", "/p/records.js", "/p/server.js", "/p/shelf.js",
  "/p/signing.js", "/p/spool.js", "/p/status.js", "/p/step_bind.js", "/p/step_check.js",
  "/p/step_consent.js", "/p/step_film.js", "/p/step_place.js", "/p/step_sweep.js",
  "/p/step_upload.js", "/p/sweep.js", "/p/texts.js", "/p/upload.js", "/p/waiting.js",
  "/p/words.js",
];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin || !pathname.startsWith("/p/")) return;
  event.respondWith(answered(event.request, pathname));
});

let silentUntil = 0; // one file that waited in vain is enough

async function answered(request, pathname) {
  const kept = await (await caches.open(KEPT)).match(pathname);
  if (kept && Date.now() < silentUntil) return kept;
  const stop = new AbortController();
  const timer = kept ? setTimeout(() => stop.abort(), WAITS_MS) : 0;
  try {
    const fresh = await fetch(pathname, { signal: stop.signal, cache: "no-store" });
    if (fresh.ok) await (await caches.open(KEPT)).put(pathname, fresh.clone());
    return fresh;
  } catch (_unreached) {
    silentUntil = Date.now() + SILENT_MS;
    return kept || Response.error();
  } finally {
    clearTimeout(timer);
  }
}

// Keeps a mediator's own week for when there is no network. Always asks the network first; what is
// kept is shown only where that fails or takes too long, and marked as what it is. One person's
// pages at a time: signing out, being signed out, or anybody else's page empties it.

const FILES = "escala-files-1";
const OWN = "escala-own";
const KEY_HEADER = "X-Escala-Keep-For";
const NOTHING_KEPT = "/offline";
const PATIENCE_MS = 5000;
const MARK = "data-kept";
const KEPT_PAGES = /^\/me(\/month\/\d{4}-\d{2})?$/;

// Raised whenever what is kept is emptied: an answer that was asked for before is not kept after.
// It need not outlive this worker, for the answers under way end with it.
let generation = 0;
// For whom the answers of this generation were kept.
let reader = "";

self.addEventListener("install", (event) => {
  self.skipWaiting();
  // Without cookies: a page that names nobody.
  const bare = new Request(NOTHING_KEPT, { credentials: "omit" });
  event.waitUntil(keepFile(bare).catch(() => {}));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && url.pathname === "/sign-out") {
    event.waitUntil(forget());
    return;
  }
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(event, request, url));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
});

async function page(event, request, url) {
  const answering = ask(request, url);
  // An answer that comes too late for this page is still kept for the next.
  event.waitUntil(answering.catch(() => {}));
  const known = await kept(url).catch(() => undefined);
  try {
    const answer = await (known ? Promise.race([answering, patience()]) : answering);
    if (answer) return answer;
  } catch {
    // The server or the network to it is away, whatever the browser thinks of its own.
  }
  // Looked up anew: what was kept may have been emptied while this page waited.
  const still = known && (await kept(url).catch(() => undefined));
  if (still) return marked(still);
  return (await caches.match(NOTHING_KEPT, { ignoreVary: true })) || Response.error();
}

async function ask(request, url) {
  const asked = generation;
  const answer = await fetch(request);
  // What cannot be kept (a full phone) is shown all the same.
  await look(answer, url, asked).catch(() => {});
  return answer;
}

function patience() {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
}

// The page itself cannot know that it comes from what is kept: it is told in its root element.
async function marked(known) {
  const headers = new Headers(known.headers);
  ["Content-Length", "Content-Encoding"].forEach((name) => headers.delete(name));
  const text = await known.text();
  return new Response(text.replace("<html", `<html ${MARK}`), { headers });
}

// Keep a page that is marked for its reader; empty what is kept where the session has ended.
async function look(answer, url, asked) {
  const landed = new URL(answer.url || url).pathname;
  if (landed === "/sign-in") {
    await forget();
    return;
  }
  const key = answer.headers.get(KEY_HEADER);
  if (!key || !answer.ok || answer.type === "opaqueredirect") return;
  if (!KEPT_PAGES.test(landed) || asked !== generation) return;
  const name = `${OWN}-${key}`;
  if (reader !== key) {
    reader = key;
    const forgotten = forget(name);
    asked = generation;
    await forgotten;
  }
  const copy = answer.redirected
    ? new Response(await answer.clone().blob(), { headers: answer.headers })
    : answer.clone();
  const own = await caches.open(name);
  // Emptied meanwhile, the cache that was just opened would come back empty; emptied from here
  // on, it goes with what is written to it.
  if (asked !== generation) await caches.delete(name);
  else await own.put(landed, copy);
}

async function kept(url) {
  for (const name of await ownCaches()) {
    const found = await (await caches.open(name)).match(url.pathname, { ignoreVary: true });
    if (found) return found;
  }
  return undefined;
}

async function forget(except) {
  generation += 1;
  if (!except) reader = "";
  const names = await ownCaches();
  await Promise.all(names.filter((name) => name !== except).map((name) => caches.delete(name)));
}

async function ownCaches() {
  return (await caches.keys()).filter((name) => name.startsWith(`${OWN}-`));
}

async function file(request) {
  try {
    return (await unchanging(request)) || (await keepFile(request));
  } catch {
    // Kept is one version of each file: a page that was kept before the last may name another.
    const any = { ignoreVary: true, ignoreSearch: true };
    const known = await caches.match(request, any).catch(() => undefined);
    return known || Response.error();
  }
}

// What the server said to keep for good. In the middle of an upgrade an address may have been
// answered with another version, which the server says to ask for again.
async function unchanging(request) {
  if (!new URL(request.url).searchParams.has("v")) return undefined;
  const known = await caches.match(request, { ignoreVary: true }).catch(() => undefined);
  return known?.headers.get("Cache-Control")?.includes("immutable") ? known : undefined;
}

async function keepFile(request) {
  const answer = await fetch(request);
  if (answer.ok) {
    const copy = answer.clone();
    await keep(request, copy).catch(() => {});
  }
  return answer;
}

async function keep(request, answer) {
  const files = await caches.open(FILES);
  await files.put(request, answer);
  const all = await files.keys(request, { ignoreVary: true, ignoreSearch: true });
  const others = all.filter((one) => one.url !== request.url);
  await Promise.all(others.map((one) => files.delete(one, { ignoreVary: true })));
}

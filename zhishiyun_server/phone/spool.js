// What this browser keeps: facts, the log's records by their first byte, and how it was cut.

const STORES = ["facts", "log", "cuts"];

/** Opens the database. Rejects where the browser keeps nothing (private windows, full disks). */
export async function openSpool(name) {
  if (!self.indexedDB) throw new Error("no IndexedDB");
  const spool = new Spool(name);
  await spool.connect();
  return spool;
}

export class Spool {
  constructor(name) { Object.assign(this, { name, database: null }); }

  async connect() {
    if (this.database) return;
    this.database = await new Promise((resolve, reject) => {
      const wish = indexedDB.open(this.name, 1);
      wish.onupgradeneeded = () => STORES.forEach((store) => wish.result.createObjectStore(store));
      wish.onsuccess = () => resolve(wish.result);
      wish.onerror = () => reject(wish.error);
      wish.onblocked = () => reject(new Error("blocked"));
    });
    this.database.onclose = () => { this.database = null; };
  }

  /** A transaction; iOS takes the connection away from pages that lay in the background. */
  async begin(names, ...how) {
    await this.connect();
    try {
      return this.database.transaction(names, ...how);
    } catch (_closed) {
      this.database = null;
      await this.connect();
      return this.database.transaction(names, ...how);
    }
  }

  fact(name) { return this.read("facts", (store) => store.get(name)); }
  keep(name, value) { return this.write(["facts"], (facts) => facts.put(value, name)); }

  /** One transaction: either all of it is there afterwards, or nothing. */
  async write(names, job) {
    const change = await this.begin(names, "readwrite", { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      change.oncomplete = () => resolve();
      change.onabort = () => reject(change.error || new Error("aborted"));
    });
    try {
      job(...names.map((name) => change.objectStore(name)));
    } catch (error) {
      done.catch(() => {}); // what follows says why
      change.abort();
      throw error;
    }
    return done.catch((error) => this.doubt(error));
  }

  async read(name, ask) {
    const look = await this.begin(name, "readonly");
    return answered(ask(look.objectStore(name))).catch((error) => this.doubt(error));
  }

  /** After anything but a full disk the next call opens the database anew. */
  doubt(error) {
    if (error.name !== "QuotaExceededError" && this.database) {
      this.database.close();
      this.database = null;
    }
    throw error;
  }

  /** Records [from, to) as they lie in the log, in order: [{at, bytes}…]. */
  async records(from, to) {
    const range = IDBKeyRange.bound(from, to, false, true);
    const look = await this.begin("log", "readonly");
    const log = look.objectStore("log"); // one transaction: a byte's place is never another's
    const both = [answered(log.getAllKeys(range)), answered(log.getAll(range))];
    const [keys, values] = await Promise.all(both).catch((error) => this.doubt(error));
    return keys.map((at, index) => ({ at, bytes: new Uint8Array(values[index]) }));
  }

  cuts() { return this.read("cuts", (cuts) => cuts.getAll()); }
  keepCut(cut) { return this.write(["cuts"], (cuts) => cuts.put(cut, cut.first)); }

  /** Takes the bytes of a cut off this phone; that it was there stays known. */
  forget(cut) {
    return this.write(["log", "cuts"], (log, cuts) => {
      log.delete(IDBKeyRange.bound(cut.first, cut.first + cut.length, false, true));
      cuts.put({ ...cut, gone: true }, cut.first);
    });
  }

  /** The whole of it goes. */
  remove() {
    if (this.database) this.database.close();
    indexedDB.deleteDatabase(this.name);
  }
}

function answered(wish) {
  return new Promise((resolve, reject) => {
    wish.onsuccess = () => resolve(wish.result);
    wish.onerror = () => reject(wish.error);
  });
}

// What this browser keeps: facts, the log's records by their first byte, and how it was cut.

const STORES = ["facts", "log", "cuts"];

/** Opens the database. Rejects where the browser keeps nothing (private windows, full disks). */
export async function openSpool(name) {
  if (!self.indexedDB) throw new Error("no IndexedDB");
  const database = await new Promise((resolve, reject) => {
    const wish = indexedDB.open(name, 1);
    wish.onupgradeneeded = () => STORES.forEach((store) => wish.result.createObjectStore(store));
    wish.onsuccess = () => resolve(wish.result);
    wish.onerror = () => reject(wish.error);
    wish.onblocked = () => reject(new Error("blocked"));
  });
  return new Spool(database);
}

export class Spool {
  constructor(database) { this.database = database; }

  fact(name) { return this.read("facts", (store) => store.get(name)); }
  keep(name, value) { return this.write(["facts"], (facts) => facts.put(value, name)); }

  /** One transaction: either all of it is there afterwards, or nothing. */
  write(names, job) {
    return new Promise((resolve, reject) => {
      const change = this.database.transaction(names, "readwrite", { durability: "strict" });
      change.oncomplete = () => resolve();
      change.onabort = () => reject(change.error || new Error("aborted"));
      try {
        job(...names.map((name) => change.objectStore(name)));
      } catch (error) {
        change.abort();
        throw error;
      }
    });
  }

  read(name, ask) {
    return new Promise((resolve, reject) => {
      const wish = ask(this.database.transaction(name, "readonly").objectStore(name));
      wish.onsuccess = () => resolve(wish.result);
      wish.onerror = () => reject(wish.error);
    });
  }

  /** Records [from, to) as they lie in the log, in order: [{at, bytes}…]. */
  async records(from, to) {
    const range = IDBKeyRange.bound(from, to, false, true);
    const [keys, values] = await Promise.all([
      this.read("log", (log) => log.getAllKeys(range)), this.read("log", (log) => log.getAll(range)),
    ]);
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
    this.database.close();
    indexedDB.deleteDatabase(this.database.name);
  }
}

// The phone's own Ed25519 key. WebCrypto where it knows the curve (Chrome 137, Safari 17,
// Firefox 129), else TweetNaCl (nacl-fast.min.js). The private key never leaves this browser:
// WebCrypto's cannot be read out, TweetNaCl's lies sealed under an AES key that cannot.

import { concatenated, fromText, toText, utf8 } from "./bytes.js";

const CURVE = { name: "Ed25519" };
const SEAL = "AES-GCM";

async function nacl() {
  await import("./nacl-fast.min.js");
  return self.nacl;
}

/** A new key as it may be kept in IndexedDB: {kind, public, …}. */
export async function newKey(webCrypto = crypto.subtle) {
  try {
    const pair = await webCrypto.generateKey(CURVE, false, ["sign", "verify"]);
    if (self.structuredClone) structuredClone(pair.privateKey); // some could sign, but not keep it
    const raw = await webCrypto.exportKey("raw", pair.publicKey);
    return { kind: "webcrypto", public: toText(new Uint8Array(raw)), private: pair.privateKey };
  } catch (error) {
    return newKeyWithout(error);
  }
}

async function newKeyWithout(_error) { // an older browser says NotSupportedError, or worse
  const made = (await nacl()).sign.keyPair();
  const lock = await crypto.subtle.generateKey({ name: SEAL, length: 256 }, false, ["encrypt", "decrypt"]);
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: SEAL, iv: nonce }, lock, made.secretKey);
  made.secretKey.fill(0);
  return { kind: "nacl", public: toText(made.publicKey), lock, nonce, sealed: new Uint8Array(sealed) };
}

/** Signature (base64url) for one purpose; it fits no other. */
export async function sign(key, purpose, message) {
  const whole = separated(purpose, message);
  if (key.kind === "webcrypto") {
    return toText(new Uint8Array(await crypto.subtle.sign(CURVE, key.private, whole)));
  }
  const opened = await crypto.subtle.decrypt({ name: SEAL, iv: key.nonce }, key.lock, key.sealed);
  const secret = new Uint8Array(opened);
  const signature = (await nacl()).sign.detached(whole, secret);
  secret.fill(0);
  return toText(signature);
}

/** Whether a signature (base64url) is that of a public key (base64url). */
export async function isSigned(publicKey, purpose, message, signature) {
  const whole = separated(purpose, message);
  const raw = fromText(signature);
  const key = fromText(publicKey);
  if (raw.length !== 64 || key.length !== 32) return false;
  return (await nacl()).sign.detached.verify(whole, raw, key);
}

function separated(purpose, message) {
  return concatenated([utf8("zhishiyun " + purpose + " v1\0"), message]);
}

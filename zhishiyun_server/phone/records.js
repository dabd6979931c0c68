// The evidence log's bytes: header and records, as docs/evidence-log.md writes them down.

import { canonical, concatenated, hex, sha256, utf8 } from "./bytes.js";

export const KIND = {
  RUN: 1, STREAM: 2, GAP: 3, CHECKPOINT: 4, QUALITY: 6, END: 7, PACKET: 16, MARK: 17, DEVICE: 20,
};
export const KEY_FRAME = 1;
export const TRACK = { NONE: 0, SOUND: 2, PHONE: 4 };
const HEADER_BYTES = 80;
const TAG_BYTES = 16;
const FIRST_SEALED = 16;
const TWO_32 = 4294967296;

/** The file's first bytes; their SHA-256 is the chain's first link. */
export function encodeHeader(header) {
  const body = utf8(canonical(header));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, body.length);
  return concatenated([utf8("ZSYLOG1\n"), length, body]);
}

/** First 16 hex digits that name an evidence key and tell nothing of it. */
export async function keyCheck(raw) {
  return hex(await sha256(concatenated([utf8("zhishiyun evidence key v1\0"), raw]))).slice(0, 16);
}

/**
 * One whole record. `fields`: sequence, run, kind, track, flags, monotonic_us, server_us,
 * error_us, duration_us, previous (32 bytes); `key`: the AES key for kinds from 16 on.
 * Returns {bytes, digest}.
 */
export async function encodeRecord(fields, plain, key) {
  const isSealed = fields.kind >= FIRST_SEALED;
  const head = packed(fields, plain.byteLength + (isSealed ? TAG_BYTES : 0));
  const payload = isSealed ? await sealed(fields, head, plain, key) : plain;
  const body = concatenated([head, payload]);
  const digest = await sha256(body);
  return { bytes: concatenated([body, digest.subarray(0, 8)]), digest };
}

function packed(fields, payloadBytes) {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x5a524543);
  view.setUint32(4, payloadBytes);
  put64(view, 8, fields.sequence);
  view.setUint32(16, fields.run);
  view.setUint8(20, fields.kind);
  view.setUint8(21, fields.track || 0);
  view.setUint16(22, fields.flags || 0);
  put64(view, 24, fields.monotonic_us);
  put64(view, 32, fields.server_us);
  view.setUint32(40, fields.error_us);
  view.setUint32(44, fields.duration_us || 0);
  bytes.set(fields.previous, 48);
  return bytes;
}

async function sealed(fields, head, plain, key) {
  const nonce = new Uint8Array(12);
  const view = new DataView(nonce.buffer);
  view.setUint32(0, fields.run);
  put64(view, 4, fields.sequence);
  const how = { name: "AES-GCM", iv: nonce, additionalData: head, tagLength: TAG_BYTES * 8 };
  return new Uint8Array(await crypto.subtle.encrypt(how, key, plain));
}

function put64(view, at, value) { // whole numbers from 0 to 2^53, which is enough until 2255
  view.setUint32(at, Math.floor(value / TWO_32));
  view.setUint32(at + 4, value % TWO_32);
}

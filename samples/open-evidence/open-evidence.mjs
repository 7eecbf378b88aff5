#!/usr/bin/env node
// Opens one sealed file of Palisade without any code of Palisade. Written from docs/reference/evidence-container.md with
// nothing but the cryptography that comes with Node 20 or newer, so that a court's own expert can read all of it.
//
//   node open-evidence.mjs --data-key-file KEY SEALED > clear
//   node open-evidence.mjs --private-key-file KEY --wrapped-key-file WRAPPED --bound evidence/evd_.../original/1 SEALED > clear
//
// Key files hold 32 bytes, raw or as 64 hexadecimal digits. Nothing is written of a chunk before that chunk is proven. What
// the file is and the SHA-256 of what came out are told on the error side. Exit code: 0 whole and genuine, 1 refused, 2 usage.

import { createDecipheriv, createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman, timingSafeEqual } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';

const HEADER_BYTES = 64;
const FIELD_BYTES = 32;
const TAG_BYTES = 16;
const WRAPPED_BYTES = 90;
const PURPOSES = { 1: 'original', 2: 'facts' };

class Refused extends Error {}

// RFC 5869.
function extract(salt, input) {
  return createHmac('sha256', salt.length > 0 ? salt : Buffer.alloc(32)).update(input).digest();
}

function expand(key, info, length) {
  const blocks = [];
  for (let i = 1, last = Buffer.alloc(0); blocks.length * 32 < length; i++) {
    last = createHmac('sha256', key).update(Buffer.concat([last, info, Buffer.from([i])])).digest();
    blocks.push(last);
  }
  return Buffer.concat(blocks).subarray(0, length);
}

function openGcm(key, nonce, associated, sealed) {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()]);
  } catch {
    return null;
  }
}

// HPKE, RFC 9180: base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, the first message of a context.
const KEM = Buffer.from([...Buffer.from('KEM'), 0x00, 0x20]);
const SUITE = Buffer.from([...Buffer.from('HPKE'), 0x00, 0x20, 0x00, 0x01, 0x00, 0x02]);
const VERSION = Buffer.from('HPKE-v1');

function labelledExtract(suite, salt, label, input) {
  return extract(salt, Buffer.concat([VERSION, suite, Buffer.from(label), input]));
}

function labelledExpand(suite, key, label, info, length) {
  const size = Buffer.from([length >> 8, length & 255]);
  return expand(key, Buffer.concat([size, VERSION, suite, Buffer.from(label), info]), length);
}

export function openHpke(privateRaw, info, associated, message) {
  const mine = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), privateRaw]), format: 'der', type: 'pkcs8',
  });
  const publicRaw = createPublicKey(mine).export({ format: 'der', type: 'spki' }).subarray(-32);
  const encapsulated = message.subarray(0, 32);
  const theirs = createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), encapsulated]), format: 'der', type: 'spki',
  });
  const none = Buffer.alloc(0);
  let shared;
  try {
    const prk = labelledExtract(KEM, none, 'eae_prk', diffieHellman({ privateKey: mine, publicKey: theirs }));
    shared = labelledExpand(KEM, prk, 'shared_secret', Buffer.concat([encapsulated, publicRaw]), 32);
  } catch {
    return null; // a point that must not be used
  }
  const context = Buffer.concat([
    Buffer.from([0]), labelledExtract(SUITE, none, 'psk_id_hash', none), labelledExtract(SUITE, none, 'info_hash', info),
  ]);
  const secret = labelledExtract(SUITE, shared, 'secret', none);
  const key = labelledExpand(SUITE, secret, 'key', context, 32);
  return openGcm(key, labelledExpand(SUITE, secret, 'base_nonce', context, 12), associated, message.subarray(32));
}

export function unwrap(privateRaw, wrapped, bound) {
  if (wrapped.length !== WRAPPED_BYTES || wrapped.readUInt16BE(0) !== 1) {
    throw new Refused('this is no wrapped key of suite 1');
  }
  const info = Buffer.concat([Buffer.from('palisade sealing key v1'), wrapped.subarray(0, 10)]);
  const dataKey = openHpke(privateRaw, info, Buffer.from(bound), wrapped.subarray(10));
  if (dataKey === null) {
    throw new Refused('the wrapped key was changed, is for another sealing key, or is bound to something else');
  }
  return dataKey;
}

function readHeader(header, dataKey) {
  const known = header.length === HEADER_BYTES && header.subarray(0, 8).toString('latin1') === 'PALISEAL' && header[8] === 1 &&
    header[9] === 1 && header[10] in PURPOSES && header[11] >= 12 && header[11] <= 24 && header.readUInt32BE(12) === 0;
  if (!known) {
    throw new Refused('this is no sealed file of version 1');
  }
  const fields = header.subarray(0, FIELD_BYTES);
  const macKey = expand(dataKey, Buffer.from('palisade sealed header v1'), 32);
  if (!timingSafeEqual(createHmac('sha256', macKey).update(fields).digest(), header.subarray(FIELD_BYTES))) {
    throw new Refused('the header was changed, or this is another file\'s key');
  }
  return { fields, purpose: PURPOSES[header[10]], chunkBytes: 2 ** header[11], id: `evd_${header.subarray(16, 32).toString('hex')}` };
}

// read(buffer) fills the buffer as far as there are bytes and returns how many; write(bytes) gets proven bytes only.
export function openSealed(read, dataKey, write) {
  const head = Buffer.alloc(HEADER_BYTES);
  const header = readHeader(head.subarray(0, read(head)), dataKey);
  const bodyKey = expand(dataKey, Buffer.concat([Buffer.from('palisade sealed body v1'), header.fields]), 32);
  const digest = createHash('sha256');
  // One byte more than a chunk: whether it is there says whether the chunk is the last.
  const buffer = Buffer.alloc(header.chunkBytes + TAG_BYTES + 1);
  let size = 0;
  let held = 0;
  for (let position = 0n; ; position++) {
    held += read(buffer.subarray(held));
    const isLast = held < buffer.length;
    const chunk = buffer.subarray(0, isLast ? held : buffer.length - 1);
    const nonce = Buffer.alloc(12);
    nonce.writeBigUInt64BE(position, 3);
    nonce[11] = isLast ? 1 : 0;
    const clear = chunk.length < TAG_BYTES || (chunk.length === TAG_BYTES && position > 0n)
      ? null
      : openGcm(bodyKey, nonce, header.fields, chunk);
    if (clear === null) {
      throw new Refused(`chunk ${position + 1n} was changed, is out of place, or is missing`);
    }
    write(clear);
    digest.update(clear);
    size += clear.length;
    if (isLast) {
      return { id: header.id, purpose: header.purpose, size, sha256: digest.digest('hex') };
    }
    buffer[0] = buffer[buffer.length - 1];
    held = 1;
  }
}

function readKey(path) {
  const raw = readFileSync(path);
  const key = raw.length === 32 ? raw : Buffer.from(raw.toString('latin1').trim(), 'hex');
  if (key.length !== 32) {
    throw new Refused(`${path} holds no key of 32 bytes`);
  }
  return key;
}

function readerOf(descriptor) {
  return (buffer) => {
    let length = 0;
    for (let got = -1; got !== 0 && length < buffer.length; length += got) {
      got = readSync(descriptor, buffer, length, buffer.length - length, null);
    }
    return length;
  };
}

function writeAll(bytes) {
  for (let at = 0; at < bytes.length;) {
    at += writeSync(1, bytes, at);
  }
}

function main(words) {
  const options = {};
  const files = [];
  for (let i = 0; i < words.length; i++) {
    if (words[i].startsWith('--')) {
      options[words[i].slice(2)] = words[++i];
    } else {
      files.push(words[i]);
    }
  }
  const isDirect = options['data-key-file'] !== undefined;
  if (files.length !== 1 || (!isDirect && !(options['private-key-file'] && options['wrapped-key-file'] && options.bound))) {
    process.stderr.write('usage: open-evidence.mjs (--data-key-file KEY | --private-key-file KEY --wrapped-key-file FILE --bound TEXT) SEALED\n');
    return 2;
  }
  const dataKey = isDirect
    ? readKey(options['data-key-file'])
    : unwrap(readKey(options['private-key-file']), readFileSync(options['wrapped-key-file']), options.bound);
  const descriptor = openSync(files[0], 'r');
  try {
    const result = openSealed(readerOf(descriptor), dataKey, writeAll);
    process.stderr.write(`${JSON.stringify(result)}\n`);
    return 0;
  } finally {
    closeSync(descriptor);
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  try {
    process.exitCode = main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`refused: ${error.message}\n`);
    process.exitCode = 1;
  }
}

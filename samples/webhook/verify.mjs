#!/usr/bin/env node
// Checks Palisade's webhook calls with nothing but Node's standard library.
// As a module: import { verify } from './verify.mjs'. As a program: node verify.mjs vectors.json checks itself.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TOLERANCE_SECONDS = 300;
const REMEMBERED_SECONDS = 24 * 60 * 60;

/**
 * Returns 'accepted', 'replayed' or 'refused'. Only an accepted call may be acted upon.
 *
 * keys: Map of key id to secret (Buffer). now: seconds since 1970. headers: object, names in lower case. body: Buffer as it
 * came. remember(id, forgetAfter): stores the id durably, and answers false when it was known already.
 */
export async function verify(keys, now, method, path, headers, body, remember) {
  const id = headers['palisade-webhook-id'] ?? '';
  const time = headers['palisade-webhook-time'] ?? '';
  const signature = headers['palisade-webhook-signature'] ?? '';
  if (!/^[!-~]{1,100}$/.test(id) || !/^(0|[1-9][0-9]{0,15})$/.test(time) || signature.length > 1024) {
    return 'refused';
  }

  const [version, ...signatures] = signature.split(' ');
  if (version !== 'v1') {
    return 'refused';
  }

  const signed = Buffer.concat([Buffer.from(`v1\n${id}\n${time}\n${method}\n${path}\n`), body]);
  let isSigned = false;
  for (const part of signatures) {
    const equals = part.indexOf('=');
    const key = equals > 0 ? keys.get(part.slice(0, equals)) : undefined;
    if (key !== undefined) {
      const expected = Buffer.from(createHmac('sha256', key).update(signed).digest('hex'));
      const found = Buffer.from(part.slice(equals + 1));
      isSigned = (found.length === expected.length && timingSafeEqual(found, expected)) || isSigned;
    }
  }

  if (!isSigned || Math.abs(now - Number(time)) > TOLERANCE_SECONDS) {
    return 'refused';
  }

  // Last, so that a forged call cannot use up the id of a true one.
  return (await remember(id, now + REMEMBERED_SECONDS)) ? 'accepted' : 'replayed';
}

async function main(path) {
  const vectors = JSON.parse(readFileSync(path, 'utf8'));
  const keys = new Map(Object.entries(vectors.keys).map(([id, text]) => [id, Buffer.from(text.slice('whk_'.length), 'hex')]));
  const seen = new Map();
  const remember = (id, forgetAfter) => !seen.has(id) && Boolean(seen.set(id, forgetAfter));

  let failures = 0;
  for (const call of vectors.calls) {
    const body = Buffer.from(call.body, 'base64');
    const answer = await verify(keys, call.now, call.method, call.path, call.headers, body, remember);
    if (answer !== call.expected) {
      failures += 1;
      console.log(`${call.name}: expected ${call.expected}, found ${answer}`);
    }
  }

  console.log(`${vectors.calls.length} calls, ${failures} wrong`);
  return failures === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv[2]);
}

#!/usr/bin/env python3
"""Checks Palisade's webhook calls with nothing but Python's standard library.

As a module: verify(keys, now, method, path, headers, body, remember).
As a program: python3 verify.py vectors.json checks itself against the published vectors.
"""

import base64
import hashlib
import hmac
import json
import sys

TOLERANCE_SECONDS = 300
REMEMBERED_SECONDS = 24 * 60 * 60


def verify(keys, now, method, path, headers, body, remember):
    """Returns "accepted", "replayed" or "refused". Only an accepted call may be acted upon.

    keys: key id -> secret bytes. now: seconds since 1970. headers: name in lower case -> value. body: the bytes as they
    came. remember(id, forget_after): stores the id durably, and returns False when it was known already.
    """
    call_id = headers.get("palisade-webhook-id", "")
    time = headers.get("palisade-webhook-time", "")
    signature = headers.get("palisade-webhook-signature", "")
    if not 0 < len(call_id) <= 100 or not all("!" <= c <= "~" for c in call_id):
        return "refused"
    if not (time.isascii() and time.isdigit()) or len(time) > 20 or str(int(time)) != time or len(signature) > 1024:
        return "refused"

    version, *signatures = signature.split(" ")
    if version != "v1":
        return "refused"

    signed = f"v1\n{call_id}\n{time}\n{method}\n{path}\n".encode() + body
    is_signed = False
    for part in signatures:
        key_id, _, value = part.partition("=")
        if key_id in keys:
            expected = hmac.new(keys[key_id], signed, hashlib.sha256).hexdigest()
            is_signed |= hmac.compare_digest(expected.encode(), value.encode())

    if not is_signed or abs(now - int(time)) > TOLERANCE_SECONDS:
        return "refused"

    # Last, so that a forged call cannot use up the id of a true one.
    return "accepted" if remember(call_id, now + REMEMBERED_SECONDS) else "replayed"


def main(path):
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)

    keys = {key_id: bytes.fromhex(text.removeprefix("whk_")) for key_id, text in vectors["keys"].items()}
    seen = {}

    def remember(call_id, forget_after):
        if call_id in seen:
            return False
        seen[call_id] = forget_after
        return True

    failures = 0
    for call in vectors["calls"]:
        body = base64.b64decode(call["body"])
        answer = verify(keys, call["now"], call["method"], call["path"], call["headers"], body, remember)
        if answer != call["expected"]:
            failures += 1
            print(f"{call['name']}: expected {call['expected']}, found {answer}")

    print(f"{len(vectors['calls'])} calls, {failures} wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

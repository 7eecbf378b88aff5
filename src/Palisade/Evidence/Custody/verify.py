#!/usr/bin/env python3
"""Checks a custody packet without Palisade, a network, or anything but Python 3.8.

Usage: python3 verify.py [--key KEY.txt] [--opened FOLDER]     (in the unpacked packet's folder)

--key     the log's public key as you got it by another way, instead of the packet's own
--opened  a folder with decrypted originals (evd_...bin) and facts (evd_...json), to be compared with each other

Written from the public texts: RFC 8032 (Ed25519), RFC 6962 (tree), C2SP signed-note, tlog-checkpoint, tlog-cosignature.
"""
import base64
import hashlib
import json
import os
import struct
import sys

# Ed25519 (RFC 8032, section 5.1), written for reading and not for speed.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    m = (a[1] - a[0]) * (b[1] - b[0]) % P
    n = (a[1] + a[0]) * (b[1] + b[0]) % P
    o, q = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, q - o, q + o, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    for bit in range(scalar.bit_length()):
        result = add(result, point) if scalar >> bit & 1 else result
        point = add(point, point)
    return result


def decode(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519(public, message, signature):
    a, r = decode(public), decode(signature[:32]) if len(signature) == 64 else None
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = multiply(s, BASE), add(r, multiply(k, a))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


# Signed notes: text, empty line, signature lines "— name base64(key id, signature)".
def read_key(line):
    name, key_id, encoded = line.strip().split("+", 2)
    raw = base64.b64decode(encoded, validate=True)
    own_id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    need(own_id.hex() == key_id, "a public key does not fit its own id")
    return name, own_id, raw[0], raw[1:]


def signers(note, keys):
    text, found = note[: note.rindex("\n\n") + 1], []
    for line in note[note.rindex("\n\n") + 2 :].splitlines():
        _, name, encoded = line.split(" ")
        data = base64.b64decode(encoded)
        for key_name, key_id, kind, public in keys:
            if name != key_name or data[:4] != key_id:
                continue
            message, signature = text.encode(), data[4:]
            if kind == 4:  # a witness signs the time with the text
                (time,) = struct.unpack(">Q", signature[:8])
                message, signature = b"cosignature/v1\ntime %d\n" % time + message, signature[8:]
            need(ed25519(public, message, signature), "the signature of %s on the checkpoint is wrong" % name)
            found.append(name)
    return text, found


# RFC 6962: leaf = SHA-256(0, entry), node = SHA-256(1, left, right); the proof as RFC 9162 section 2.1.3.2 checks it.
def included(leaf, index, size, proof, root):
    node, last, value = index, size - 1, hashlib.sha256(b"\0" + leaf).digest()
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            value = hashlib.sha256(b"\1" + sibling + value).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            value = hashlib.sha256(b"\1" + value + sibling).digest()
        node, last = node >> 1, last >> 1
    return 0 <= index < size and last == 0 and value == root


def need(condition, otherwise):
    if not condition:
        raise ValueError(otherwise)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def check_files(manifest):
    need(manifest["format"] == "palisade-custody/1", "this is a packet of another format")
    listed = {file["path"]: file for file in manifest["files"]}
    for path, file in listed.items():
        need(not os.path.isabs(path) and ".." not in path.split("/"), "the manifest names a file outside of the packet")
        need(os.path.isfile(path), "%s is missing" % path)
        need(os.path.getsize(path) == file["size"] and sha256(path) == file["sha256"], "%s was changed" % path)
    there = [os.path.relpath(os.path.join(folder, name), ".") for folder, _, names in os.walk(".") for name in names]
    for path in (name.replace(os.sep, "/") for name in there):
        need(path in listed or path == "manifest.json", "%s does not belong to the packet" % path)
    return listed


def check_release(manifest, events, listed):
    release = read("release.txt")
    lines = release.decode("ascii").splitlines()
    need(lines[0] == "palisade-release/v1" and lines[1] == "case " + manifest["case"], "release.txt is about something else")
    need(lines[2] == "to " + manifest["to"], "release.txt names another recipient than the manifest")
    announced = [event for event in events if event["number"] == manifest["logEntry"]]
    need(announced and announced[0]["action"] == "evidence.release-begun", "the log does not announce this release")
    need(announced[0]["subject"] == "case/" + manifest["case"], "the log announces another case's release")
    need(announced[0]["digest"] == hashlib.sha256(release).hexdigest(), "the log announces another release than this one")
    pieces = [line.split(" ") for line in lines[3:]]
    for _, evidence, _, sealed, _, facts in pieces:
        made = [e for e in events if e["action"] == "evidence.sealed" and e["subject"] == "evidence/" + evidence]
        need(made and made[0]["digest"] == sealed, "the log does not say that %s was sealed as it is" % evidence)
        suffix = ".sealed" if manifest["to"] == "sealed" else ".cms"
        for path, digest in (("evidence/", sealed), ("facts/", facts)):
            need(path + evidence + suffix in listed, "%s%s is missing" % (path, evidence))
            if suffix == ".sealed":
                need(listed[path + evidence + suffix]["sha256"] == digest, "%s%s is not what was sealed" % (path, evidence))
    return [piece[1] for piece in pieces]


def check_opened(folder, evidence):
    for name in evidence:
        facts = json.loads(read(os.path.join(folder, name + ".json")))
        need(sha256(os.path.join(folder, name + ".bin")) == facts["digests"]["sha256"], "%s.bin is not the original of its facts" % name)


def main(arguments):
    options = dict(zip(arguments[::2], arguments[1::2]))
    opened = os.path.abspath(options["--opened"]) if "--opened" in options else None
    key = read_key(read(options.get("--key", "log/key.txt")).decode())
    manifest = json.loads(read("manifest.json"))
    listed = check_files(manifest)
    witnesses = [read_key(line) for line in read("log/witnesses.txt").decode().splitlines() if line]
    text, signed = signers(read("log/checkpoint").decode(), [key] + witnesses)
    need(key[0] in signed, "the checkpoint is not signed by the log's key")
    origin, size, root = text.splitlines()[:3]
    need(origin == key[0], "the checkpoint is another log's")
    events = []
    for event in json.loads(read("log/events.json")):
        leaf = event["leaf"].encode()
        proof = [base64.b64decode(step) for step in event["proof"]]
        need(included(leaf, event["index"], int(size), proof, base64.b64decode(root)), "log entry %d is not proven" % (event["index"] + 1))
        fields = event["leaf"].split("\n")
        need(fields[0] == "palisade-audit/v1" and int(fields[1]) == event["index"] + 1, "a log entry stands in another's place")
        events.append({"number": int(fields[1]), "action": fields[3], "subject": fields[5], "digest": fields[6]})
    evidence = check_release(manifest, events, listed)
    if opened:
        check_opened(opened, evidence)
    alone = " It was released by one person alone." if manifest["soleOperator"] else ""
    cosigners = ", ".join(name for name in signed if name != key[0])
    cosigned = ", cosigned by " + cosigners if cosigners else ", without a witness"
    print("The packet is whole: %d files, %d pieces of evidence, %d proven log entries under a checkpoint of %s%s.%s"
          % (len(listed), len(evidence), len(events), origin, cosigned, alone))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (ValueError, KeyError, IndexError, TypeError, OSError, struct.error) as problem:
        print("The packet is NOT whole: %s." % problem)
        sys.exit(1)

#!/usr/bin/env python3
"""Checks entries of a Palisade audit log with nothing but Python 3.8 or newer.

    python3 verify.py FOLDER...            trusts the key in the folder's log.pub: compare it with the one you were given
    python3 verify.py --key KEY FOLDER...  trusts this key only: the line in the log's audit.pub, or a file with it

Written from the public specifications: C2SP signed-note, tlog-checkpoint and tlog-cosignature, RFC 6962 (tree),
RFC 9162 (how proofs are checked), RFC 8032 (Ed25519). What the files hold is in docs/reference/audit-log.md of Palisade.
Ends with 0 when all is proved, 1 when something is not, 2 when it could not be read.
"""
import base64, hashlib, json, os, sys
from datetime import datetime, timezone

# --- Ed25519 (RFC 8032, section 5.1), points as (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z ---------------------------
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
def add(a, b):
    s = (a[1] - a[0]) * (b[1] - b[0]) % P
    t = (a[1] + a[0]) * (b[1] + b[0]) % P
    u = 2 * a[3] * b[3] * D % P
    v = 2 * a[2] * b[2] % P
    e, f, g, h = t - s, v - u, v + u, t + s
    return (e * f % P, g * h % P, f * g % P, e * h % P)

def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result

def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0

def decode_point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if (x & 1) != sign else x
    return (x, y, 1, x * y % P)

BASE = decode_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

def ed25519_verifies(public, message, signature):
    a, r = decode_point(public), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    return same(multiply(s, BASE), add(r, multiply(k, a)))


# --- Notes (C2SP signed-note): text, empty line, signature lines --------------------------------------------------------
class Key:
    def __init__(self, line):
        self.name, self.id, rest = line.strip().split("+", 2)
        material = base64.b64decode(rest, validate=True)
        self.kind, self.public = material[0], material[1:]
        expected = hashlib.sha256(self.name.encode() + b"\n" + material).digest()[:4].hex()
        if self.id != expected or self.kind not in (1, 4) or len(self.public) != 32:
            raise ValueError("this is no Ed25519 verifier key: " + line.strip())

def signature_by(key, note):
    """None when the key did not sign, False when wrongly, else True, or for a witness the time (seconds since 1970)."""
    text, _, lines = note.rpartition("\n\n")
    text += "\n"
    for line in lines.splitlines():
        dash, name, coded = line.split(" ")
        signature = base64.b64decode(coded, validate=True)
        if dash != "\u2014" or name != key.name or signature[:4].hex() != key.id:
            continue
        if key.kind == 1:
            return ed25519_verifies(key.public, text.encode(), signature[4:])
        time = int.from_bytes(signature[4:12], "big")
        return ed25519_verifies(key.public, f"cosignature/v1\ntime {time}\n{text}".encode(), signature[12:]) and time
    return None

def open_checkpoint(key, note):
    """Size and root of a checkpoint (C2SP tlog-checkpoint) that the key signed."""
    origin, size, root = note.split("\n")[:3]
    if origin != key.name or not signature_by(key, note):
        raise ValueError("the checkpoint is not signed by the key " + key.name)
    return int(size), base64.b64decode(root, validate=True)


# --- The tree (RFC 6962, section 2.1) and its proofs (RFC 9162, sections 2.1.3.2 and 2.1.4.2) ---------------------------
def leaf_hash(leaf):
    return hashlib.sha256(b"\0" + leaf).digest()

def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()

def is_included(leaf, index, size, proof, root):
    if not 0 <= index < size:
        return False
    node, last, value = index, size - 1, leaf_hash(leaf)
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            value = node_hash(sibling, value)
            while not node & 1:
                node, last = node >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and value == root

def is_consistent(old_size, old_root, size, root, proof):
    if old_size == 0 or old_size == size:
        return not proof and (old_root == root if old_size else old_root == hashlib.sha256().digest())
    if old_size > size or not proof:
        return False
    if old_size & (old_size - 1) == 0:
        proof = [old_root] + proof
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_value = value = proof[0]
    for step in proof[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old_value, value = node_hash(step, old_value), node_hash(step, value)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            value = node_hash(value, step)
        node, last = node >> 1, last >> 1
    return last == 0 and old_value == old_root and value == root


# --- One folder ---------------------------------------------------------------------------------------------------------
def read(folder, name):
    path = os.path.join(folder, name)
    return open(path, encoding="utf-8", newline="").read() if os.path.exists(path) else ""

def hashes(record):
    return [base64.b64decode(text, validate=True) for text in record["proof"]]

def check(folder, key_text):
    proofs = os.path.join(folder, "custody") if os.path.isdir(os.path.join(folder, "custody")) else folder
    wrong = []
    for line in read(folder, "manifest.sha256").splitlines():
        digest, name = line.split("  ", 1)
        path = os.path.join(folder, name)
        if not os.path.isfile(path) or hashlib.sha256(open(path, "rb").read()).hexdigest() != digest:
            wrong.append("file " + name + " is missing or was changed")
    key, note = Key(key_text or read(proofs, "log.pub")), read(proofs, "checkpoint")
    size, root = open_checkpoint(key, note)
    print(f"{folder}: {size} entries signed by {key.name}, key {key.id}" + ("" if key_text else " (from the folder: compare it)"))
    for witness in (Key(line) for line in read(proofs, "witnesses.pub").splitlines()):
        time = signature_by(witness, note)
        if time is False:
            wrong.append("the cosignature of " + witness.name)
        print(f"  witness {witness.name}: " + (f"{datetime.fromtimestamp(time, timezone.utc):%Y-%m-%d %H:%M:%S} UTC" if time else "has not cosigned this"))
    for record in (json.loads(line) for line in read(proofs, "entries.jsonl").split("\n") if line):
        leaf = base64.b64decode(record["leaf"], validate=True)
        lines = leaf.decode().split("\n")
        if not is_included(leaf, record["index"], size, hashes(record), root) or lines[:2] != ["palisade-audit/v1", str(record["index"] + 1)]:
            wrong.append(f"entry {record['index'] + 1} is not proved")
        else:
            print("  proved: " + "  ".join(line for line in lines[1:-1] if line))
    for record in (json.loads(line) for line in read(proofs, "earlier.jsonl").split("\n") if line):
        old_size, old_root = open_checkpoint(key, record["checkpoint"])
        if not is_consistent(old_size, old_root, size, root, hashes(record)):
            wrong.append(f"the checkpoint of {old_size} entries is not shown to be the beginning")
        else:
            print(f"  begins with the {old_size} entries of an earlier checkpoint")
    for what in wrong:
        print("  WRONG: " + what)
    return not wrong

def main(arguments):
    key_text = None
    if arguments[:1] == ["--key"] and len(arguments) > 1:
        key_text = open(arguments[1], encoding="utf-8").read() if os.path.exists(arguments[1]) else arguments[1]
        arguments = arguments[2:]
    if not arguments:
        print(__doc__)
        return 2
    try:
        return 0 if all([check(folder, key_text) for folder in arguments]) else 1
    except (ValueError, KeyError, IndexError, TypeError, OSError) as problem:
        print(f"  WRONG: {problem}")
        return 1 if isinstance(problem, ValueError) else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
"""Checks an EchoVoice export, or one receipt, with the standard library and `openssl` alone. FORMAT.md says why.

    python3 verify.py EXPORT [--pin OLDER_CHECKPOINT]
    python3 verify.py EXPORT --key LOG.PUB           # a key that you got from elsewhere, which is what counts
    python3 verify.py --receipt NAME.entry.json NAME.tlog-proof LOG.PUB

Exit code 0: everything holds. 3: something does not, and the first such entry is named. 1: cannot be read.
"""
import argparse
import base64
import datetime
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

moment = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
sha = lambda data: hashlib.sha256(data).digest()
leaf = lambda entry: sha(b"\0" + entry)
node = lambda left, right: sha(b"\1" + left + right)
DER = bytes.fromhex("302a300506032b6570032100")  # an Ed25519 public key follows (RFC 8410)
DECIDES = {"officer", "principal"}


class Bad(Exception):
    pass


def need(holds, words):
    if not holds:
        raise Bad(words)


def unbase64(text):
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text, "base64 that is not canonical")
    return data


def opened(note, key):
    """The text of a signed note (C2SP signed-note) whose signature by this key is good."""
    need("\r" not in note and not note.startswith("\ufeff") and "\n\n" in note, "a note that was changed in transport")
    text, signatures = note.rsplit("\n\n", 1)
    text += "\n"
    for line in signatures.splitlines():
        dash, name, encoded = line.split(" ", 2)
        need(dash == "\u2014", "a malformed signature line")
        packed = unbase64(encoded)
        if packed[:4] != sha(name.encode() + b"\n\1" + key)[:4]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            names = [pathlib.Path(folder) / n for n in ("key", "text", "signature")]
            for path, data in zip(names, (DER + key, text.encode(), packed[4:])):
                path.write_bytes(data)
            done = subprocess.run(
                ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin",
                 "-inkey", names[0], "-in", names[1], "-sigfile", names[2]], capture_output=True)
        need(done.returncode == 0, "a signature that does not fit its text")
        return text
    raise Bad("no signature by the expected key")


def checkpoint(note, key):
    origin, size, root, end = opened(note, key).split("\n")
    need(end == "" and str(int(size)) == size, "a malformed checkpoint")
    return int(size), unbase64(root)


def tile_path(level, number, width):
    groups = [f"{number % 1000:03}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03}")
    return f"tile/{level}/" + "/".join(groups) + ("" if width == 256 else f".p/{width}")


def root_of(leaves, upto):
    """The RFC 6962 root of the first leaves."""
    stack = []
    for index in range(upto):
        hash, at = leaves(index), index
        while at & 1:
            hash, at = node(stack.pop(), hash), at >> 1
        stack.append(hash)
    hash = stack.pop() if stack else sha(b"")
    while stack:
        hash = node(stack.pop(), hash)
    return hash


def tiles(folder, size):
    """Leaf hashes by number; every higher tile must be what the leaves make of it."""
    levels, count, level = [], size, 0
    while count:
        data = b""
        for number in range((count + 255) // 256):
            width = min(256, count - number * 256)
            tile = (folder / tile_path(level, number, width)).read_bytes()
            need(len(tile) == 32 * width, f"tile {level}/{number} has another size")
            data += tile
        levels.append(data)
        if level:
            below = levels[level - 1]
            for index in range(count):
                row = [below[32 * i:32 * i + 32] for i in range(256 * index, 256 * index + 256)]
                while len(row) > 1:
                    row = [node(row[i], row[i + 1]) for i in range(0, len(row), 2)]
                need(row[0] == data[32 * index:32 * index + 32], f"tile {level} does not follow from the one below")
        count, level = count >> 8, level + 1
    return lambda index: levels[0][32 * index:32 * index + 32]


class Walk:
    """What the entries say of people and runs, step by step."""

    def __init__(self):
        self.people, self.keys, self.makers, self.runs, self.released = {}, {}, {}, {}, set()
        self.held, self.gone, self.proposed, self.decisions = set(), set(), {}, 0

    def person(self, entry, data):
        name = data["name"]
        if entry["type"] == "key.proposed":
            self.custodian(entry, data, "propose")
            self.keys[entry["seq"]] = (entry["actor"], name, data["key"])
        elif entry["type"] == "key.enrolled":
            known = self.people.get(name)
            if known and known["active"] and "proposal" in data:
                self.custodian(entry, data, "replace")
                by, whose, key = self.keys.get(data["proposal"], (None, None, None))
                need((whose, key) == (name, data["key"]) and by != entry["actor"] and data["role"] == known["role"], "a new key that no other custodian proposed")
            elif known and known["active"]:
                text = opened(data.get("note", ""), known["key"])
                need(f"\nkey {data['key']}\n" in text and f"\nname {name}\n" in text, f"a new key of {name} that the old one did not sign")
                need(data["role"] == known["role"] and entry["actor"] == name, f"a new key of {name} that changes more than the key")
            elif entry["role"] != "system":
                self.managed(entry, data, "enrol")
            need(not known or known["active"], f"{name} is enrolled again after the key was revoked")
            self.people[name] = {"role": data["role"], "key": unbase64(data["key"]), "active": True}
        else:
            self.managed(entry, data, "grant" if entry["type"] == "role.granted" else "revoke")
            need(name in self.people, f"{name} is not known")
            if entry["type"] == "role.granted":
                self.people[name]["role"] = data["role"]
            else:
                self.people[name]["active"] = False

    def custodian(self, entry, data, action):
        by, known = self.people.get(entry["actor"]), self.people.get(data["name"])
        need(by and by["active"] and by["role"] == entry["role"] and by["role"] in ("admin", "principal"), "a lost key is replaced by somebody who may not")
        need(entry["actor"] != data["name"] and known and known["active"], f"a new key of {data['name']} that nobody may propose")
        said = f"echovoice/people/v1\naction {action}\nname {data['name']}\nrole {data['role']}\nkey {data['key']}\ntime {entry['time']}\n"
        need(opened(data["note"], by["key"]) == said, "a signed note that says something else than its entry")

    def managed(self, entry, data, action):
        by = self.people.get(entry["actor"])
        need(by and by["active"] and by["role"] == "admin" == entry["role"], "people are managed by somebody who may not")
        need(entry["actor"] != data["name"], f"{entry['actor']} managed their own rights")
        text = opened(data.get("note", ""), by["key"])
        for line in (f"action {action}", f"name {data['name']}", f"role {data.get('role', 'none')}", f"key {data.get('key', 'none')}"):
            need(f"\n{line}\n" in text, "a signed note that says something else than its entry")

    def data(self, entry, data):
        by, who, kind = self.people.get(entry["actor"]), data["subject"], entry["type"]
        need(by and by["active"] and by["role"] == entry["role"] == "principal", "a customer's data in the hands of somebody who may not")
        said = f"echovoice/data/v1\naction {kind}\nsubject {who}\nuntil {data.get('until', 'none')}\nreason {data['reason']}\ntime {entry['time']}\n"
        need(opened(data["note"], by["key"]) == said, "a signed note that says something else than its entry")
        if kind == "disposal.proposed":
            named = data["subjects"]
            need(who == f"{len(named)} customers sha256:{sha(chr(10).join(named).encode()).hex()}", "a proposal whose note names other customers")
            self.proposed[entry["seq"]] = (entry["actor"], named)
            return
        if "disposal" in data:
            proposer, named = self.proposed.get(data["disposal"], (None, ()))
            need(who in named and proposer != entry["actor"], "a disposal that no other person proposed")
        need(who not in self.gone, f"the data of {who} was erased before")
        if kind == "erasure.executed":
            need(who not in self.held, f"the data of {who} was erased under a legal hold")
            self.gone.add(who)
        elif kind != "erasure.deferred":
            need((who in self.held) == (kind == "hold.lifted"), f"a hold on {who} that does not follow")
            (self.held.add if kind == "hold.set" else self.held.discard)(who)

    def decision(self, entry, data):
        by, run = self.people.get(entry["actor"]), entry["run"]
        need(by and by["active"] and by["role"] == entry["role"] and by["role"] in DECIDES, f"{entry['actor']} decided without the right to")
        text = opened(data["note"], by["key"])
        lines = dict(line.split(" ", 1) for line in text.splitlines() if " " in line)
        said = [lines.get(k) for k in ("run", "variant", "artifact", "verdict")] + [lines.get("decision", "").lower()]
        need(said == [run, data["variant"], data["artifact"], data["verdict"], data["kind"]], "a signed note that says something else than its entry")
        state, who, kind = self.run(run), entry["actor"], data["kind"]
        need(state["claimed"] in ("", who), f"{who} decided what {state['claimed']} had claimed")
        need(by["role"] == "principal" or not state["escalated"], f"{who} decided what was escalated")
        need("bulk" not in data or state["bulk"], "a decision together with others where the policy allows none")
        if kind in ("approve", "override"):
            need(who not in self.makers.get(run, ()), f"{who} decided about words of their own")
            sign = (kind, data["artifact"])
            if state["first"] and state["first"][1] == sign:
                need(state["first"][0] != who, f"{who} signed twice where two people must")
                self.released.add((run, data["artifact"]))
            elif kind == "approve" and data["variant"] not in state["two"]:
                self.released.add((run, data["artifact"]))
            state["first"] = (who, sign)
        else:
            state["first"] = None
        state.update(claimed="", by=who, after=data.get("send_after", ""), until=data.get("expires", ""))
        self.decisions += 1

    def run(self, name):
        fresh = {"claimed": "", "escalated": False, "bulk": False, "two": (), "first": None, "by": "", "after": "", "until": ""}
        return self.runs.setdefault(name, fresh)

    def word(self, entry, data):
        """Claimed, escalated, withdrawn and the like: who may, signed, and what it ends."""
        by, state, kind, who = self.people.get(entry["actor"]), self.run(entry["run"]), entry["type"], entry["actor"]
        how = data.get("how", {"withdrawn": "withdraw", "expired": "expire", "reopened": "reopen"}.get(kind, kind))
        if kind == "expired":
            need(entry["role"] == "system" and moment(entry["time"]) >= moment(state["until"]), "an approval was called lapsed before its time")
        else:
            need(by and by["active"] and by["role"] == entry["role"] and (kind == "comment" or by["role"] in DECIDES), f"{who} may not {how}")
            said = f"echovoice/review/v1\naction {how}\nrun {entry['run']}\nto {data.get('to', 'none')}\nreason {data.get('reason', '')}\ntime {entry['time']}\n"
            need(opened(data["note"], by["key"]) == said, "a signed note that says something else than its entry")
            principal = by["role"] == "principal"
            need(how != "assign" or principal, f"{who} gave a run to somebody and may not")
            need(how != "claim" or (not state["claimed"] and (principal or not state["escalated"])), f"{who} claimed what was not free")
            need(how != "release" or principal or state["claimed"] == who, f"{who} released what another one had claimed")
            need(how != "withdraw" or principal or state["by"] == who, f"{who} withdrew what another one had decided")
        if kind in ("withdrawn", "expired", "reopened"):
            self.released = {pair for pair in self.released if pair[0] != entry["run"]}
            state.update(first=None, by="", after="", until="")
        if kind == "assigned":
            state["claimed"] = {"claim": who, "assign": data.get("to", "")}.get(how, "")
            state["escalated"] |= how == "escalate"

    def entry(self, entry):
        data, kind = entry.get("data", {}), entry["type"]
        if kind in ("key.enrolled", "key.proposed", "role.granted", "key.revoked"):
            self.person(entry, data)
        elif kind.startswith(("hold.", "erasure.", "disposal.")):
            self.data(entry, data)
        elif kind == "revision":
            self.makers.setdefault(entry["run"], set()).add(data.get("maker"))
            self.run(entry["run"])["first"] = None
        elif kind == "gate.result":
            self.run(entry["run"])["two"] = data.get("two", {})
        elif kind == "analytics.done":
            self.run(entry["run"])["bulk"] = data.get("bulk", False)
        elif kind in ("assigned", "comment", "withdrawn", "recall", "expired", "reopened"):
            self.word(entry, data)
        elif kind in ("decision", "override"):
            self.decision(entry, data)
        elif kind == "delivery" and data.get("status") == "delivered":
            pair = (entry["run"], data["artifact"])
            need(pair in self.released, "a delivery without an earlier approval of the same content")
            state, time = self.run(entry["run"]), moment(entry["time"])
            in_time = (not state["after"] or time >= moment(state["after"])) and (not state["until"] or time <= moment(state["until"]))
            need(in_time, "a delivery outside the time that its approval allows")
            self.released.discard(pair)


def verify(folder, key, pin):
    size, root = checkpoint((folder / "checkpoint").read_text(), key)
    leaves = tiles(folder, size)
    need(root_of(leaves, size) == root, "the tiles do not lead to the signed root")
    if pin:
        older, old_root = checkpoint(pathlib.Path(pin).read_text(), key)
        need(older <= size, f"the pinned checkpoint has {older} entries, the export only {size}: the tail was removed")
        need(root_of(leaves, older) == old_root, "the log is not the one that the pinned checkpoint saw")
    lines = (folder / "entries.jsonl").read_bytes().split(b"\n")[:-1]
    walk, last, blobs, before = Walk(), -1, 0, b""
    for line in lines:
        try:
            entry = json.loads(line)
            seq = entry["seq"]
        except (ValueError, KeyError, TypeError) as problem:
            raise Bad(f"after entry {last}: not an entry ({problem})")
        try:
            need(last < seq < size, "out of order")
            need(leaf(line) == leaves(seq), "not the entry that the tree holds")
            if seq == last + 1:
                need(entry["prev"] == (sha(before).hex() if seq else "0" * 64), "the chain is broken")
            named = list(entry.get("blobs", {}).values()) + [s["blob"] for s in entry.get("sealed", {}).values()]
            for digest in named:
                name = digest.removeprefix("sha256:")
                blob = folder / "blobs" / name[:2] / name
                need(blob.exists(), "a blob is missing")
                need(sha(blob.read_bytes()).hex() == name, "a blob was changed")
                blobs += 1
            walk.entry(entry)
        except Bad as problem:
            raise Bad(f"entry {seq}: {problem}")
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise Bad(f"entry {seq}: malformed ({problem!r})")
        last, before = seq, line
    print(f"OK: {len(lines)} of {size} entries, {blobs} blobs, {walk.decisions} decisions signed")
    print(f"root {base64.b64encode(root).decode()}")
    print("pinned: nothing before that checkpoint was changed" if pin else
          "Whoever holds the log's key could have written all of this anew: compare with a checkpoint kept elsewhere (--pin).")


def receipt(entry, proof, key):
    line = pathlib.Path(entry).read_bytes().rstrip(b"\n")
    head, note = pathlib.Path(proof).read_text().split("\n\n", 1)
    magic, index, *path = head.split("\n")
    need(magic == "c2sp.org/tlog-proof@v1", "not a proof of this version")
    size, root = checkpoint(note, key)
    at, last, hash = int(index.split(" ")[1]), size - 1, leaf(line)
    need(0 <= at <= last, "the entry lies beyond the checkpoint")
    for other in map(unbase64, path):
        need(last > 0, "the proof is too long")
        if at & 1 or at == last:
            hash = node(other, hash)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            hash = node(hash, other)
        at, last = at >> 1, last >> 1
    need(last == 0 and hash == root, "the entry is not in the log that was signed")
    print(f"OK: entry {json.loads(line)['seq']} of {size}, {json.loads(line)['type']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", nargs="?")
    parser.add_argument("--pin")
    parser.add_argument("--key")
    parser.add_argument("--receipt", nargs=3, metavar=("ENTRY", "PROOF", "KEY"))
    args = parser.parse_args()
    read_key = lambda path: unbase64(pathlib.Path(path).read_text().strip())
    try:
        if args.receipt:
            receipt(args.receipt[0], args.receipt[1], read_key(args.receipt[2]))
        elif args.export:
            folder = pathlib.Path(args.export)
            verify(folder, read_key(args.key or folder / "log.pub"), args.pin)
        else:
            parser.error("give an export or a receipt")
    except Bad as problem:
        print(f"BAD: {problem}")
        sys.exit(3)
    except (OSError, ValueError) as problem:
        print(f"cannot be read: {problem}", file=sys.stderr)
        sys.exit(1)


main()

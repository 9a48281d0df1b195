#!/usr/bin/env python3
"""Checks an EchoVoice export, or one receipt, with the standard library and `openssl` alone. FORMAT.md says why.

    python3 verify.py EXPORT [--pin OLDER_CHECKPOINT] [--witness VKEY]...
    python3 verify.py EXPORT --key LOG.PUB           # a key that you got from elsewhere, which is what counts
    python3 verify.py --receipt NAME.entry.json NAME.tlog-proof LOG.PUB

Exit code 0: everything holds, and nothing of the log, or of the period that was asked for, is missing. 3: something
does not, or is missing, and the first such entry or file is named. 1: cannot be read.
"""
import argparse
import base64
import datetime
import hashlib
import json
import os
import pathlib
import shutil
import stat
import sys

sys.dont_write_bytecode = True  # an export is not added to
from rules import Bad, Walk, moment, need, opened, owed, parsed, sha, unbase64

MOST = 1 << 26  # bytes of a file that is read whole
MALFORMED = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
WRONG = (Bad, *MALFORMED, FileNotFoundError, IsADirectoryError, NotADirectoryError)
leaf = lambda entry: sha(b"\0" + entry)
node = lambda left, right: sha(b"\1" + left + right)


def read(path):
    """The bytes of a plain file: of a link, a pipe or a device nothing is read, nor of what has no end."""
    state = os.lstat(path)
    need(stat.S_ISREG(state.st_mode) and state.st_size <= MOST, f"{path.name}: no plain file, or too long")
    return path.read_bytes()


def text(path):
    try:
        return path and read(pathlib.Path(path)).decode()
    except UnicodeDecodeError:
        raise Bad(f"{path.name if isinstance(path, pathlib.Path) else path}: not UTF-8")


def shown(problem):
    """Words that may hold anything, for a terminal."""
    words = str(problem) if isinstance(problem, (Bad, OSError, ValueError)) else repr(problem)
    return "".join(c if c.isascii() and c.isprintable() else ascii(c)[1:-1] for c in words[:400])


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


def roots(leaves, sizes):
    """The RFC 6962 roots of the first leaves, for each of the sizes."""
    found, stack, most = {}, [], max(sizes, default=0)
    for size in range(most + 1):
        if size in sizes:
            found[size] = stack[-1] if stack else sha(b"")
            for left in reversed(stack[:-1]):
                found[size] = node(left, found[size])
        if size < most:
            hash, at = leaves(size), size
            while at & 1:
                hash, at = node(stack.pop(), hash), at >> 1
            stack.append(hash)
    return found


def tiles(folder, size):
    """Leaf hashes by number; every higher tile must be what the leaves make of it."""
    levels, count, level = [], size, 0
    while count:
        data = b""
        for number in range((count + 255) // 256):
            width = min(256, count - number * 256)
            data += read(folder / tile_path(level, number, width))
            need(len(data) == 32 * (256 * number + width), f"tile {level}/{number} has another size")
        levels.append(data)
        if level:
            below = levels[level - 1]
            for index in range(count):
                above = roots(lambda i: below[8192 * index + 32 * i:][:32], {256})[256]
                need(above == data[32 * index:32 * index + 32], f"tile {level} does not follow from the one below")
        count, level = count >> 8, level + 1
    return lambda index: levels[0][32 * index:32 * index + 32]


def kept(path, hash, length):
    """Whether a file is the one that was signed for."""
    state, whole = os.lstat(path), hashlib.sha256()
    if not stat.S_ISREG(state.st_mode) or state.st_size != length:
        return False
    with open(path, "rb") as file:
        for part in iter(lambda: file.read(MOST), b""):
            whole.update(part)
    return whole.hexdigest() == hash


class Manifest:
    """What the log signed that the export holds: the period, its entries, every file. Old exports have none."""

    def __init__(self, folder, key, size):
        self.there, self.size, self.version, self.own = (folder / "manifest").exists(), size, 0, None
        self.rows, self.bounds, self.period = [(0, size - 1)] if size else [], (None, None), (0, size)
        if not self.there:
            return
        head, *lines = opened(text(folder / "manifest"), key).rstrip("\n").split("\n")
        self.version = {"echovoice/export/v1": 1, "echovoice/export/v2": 2}.get(head, 0)
        about, lines = lines[:4 + self.version], lines[4 + self.version:]
        said, whole = dict(line.split(" ", 1) for line in about), (self.period, self.rows)
        need(self.version and int(said["size"]) == size, "manifest: of another version or checkpoint")
        self.bounds = tuple(None if said[k] == "none" else moment(said[k]) for k in ("since", "until"))
        self.rows = [tuple(map(int, row.split("-"))) for row in said["entries"].split(",") if row != "none"]
        self.period = tuple(map(int, said["period"].split()))
        self.own = None if said.get("own", "none") == "none" else int(said["own"])
        everything = self.bounds == (None, None)
        need(not everything or (self.period, self.rows) == whole, "manifest: not everything")
        need(everything or self.version == 1 or self.own is not None, "manifest: a period that is on no record")
        need(self.holds(max(self.period[0] - 1, 0), min(self.period[1] + 1, size)), "manifest: the period is not whole")
        files = {path: (hash, int(length)) for _, hash, length, path in (line.split(" ", 3) for line in lines)}
        found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
        found = {path.relative_to(folder).as_posix() for path in found} - {"manifest"}
        for path in sorted(found ^ set(files)):
            raise Bad(f"{path}: " + ("nobody exported this file" if path in found else "it is missing"))
        for path, signed in files.items():
            need(kept(folder / path, *signed), f"{path}: it was changed since it was exported")

    def holds(self, first, end):
        """Whether it names all entries of a row of numbers."""
        return first >= end or any(a <= first and end - 1 <= b for a, b in self.rows)

    def inside(self, time):
        since, until = self.bounds
        return (since is None or time >= since) and (until is None or time <= until)

    def beside(self, seq):
        """What may be here for its place alone, and of a run that is not: next to the period, and up to the end."""
        first, end = self.period
        return seq in (first - 1, end) or (self.own is not None and not first <= seq < end)

    def within(self, times):
        """The period begins and ends where it says: what lies next to it is of another time."""
        (first, end), (since, until) = self.period, self.bounds
        need(not any(self.inside(times[n]) for n in (first - 1, end) if n in times), "manifest: the period is longer")
        if first < end:
            need(self.inside(times[first]) and self.inside(times[end - 1]), "manifest: the period is another one")
        elif first - 1 in times:
            need(since and times[first - 1] < since, "manifest: the period begins earlier")
        if first >= end and end in times:
            need(until and times[end] > until, "manifest: the period ends later")

    def whole_runs(self, own, walk, times):
        """All entries of its runs are here: those before the export's own entry it names by their hash, and what came
        after those is here without a gap. The entry lies in the tree: who leaves one out has to have lied there."""
        need(own, "manifest: the entry that put this export on record is not here")
        size, (first, end) = own["size"], own["period"]
        need(size <= self.own and self.holds(size, self.size), "manifest: not up to the end")
        need(all(first <= n < end for n, time in times.items() if n < size and self.inside(time)),
             "manifest: the export's own entry is about another period")
        need(owed(walk.of_runs, (first, end), size) == own["runs"],
             "entries of its runs are missing: they are not those that the export's own entry names")


def older(folder, leaves, size, key, signed):
    """Every older checkpoint is one of this log; a manifest has signed for their bytes."""
    notes = {}
    for path in (folder / "checkpoints").glob("*"):
        note = text(path)
        _, number, root, *_ = note.split("\n")
        notes[path.name] = number, root = (int(number), unbase64(root)) if signed else checkpoint(note, key)
        need(path.name == str(number) and number <= size, f"checkpoints/{path.name}: of another size")
    found = roots(leaves, {number for number, _ in notes.values()})
    for name, (number, root) in notes.items():
        need(found[number] == root, f"checkpoints/{name}: not of this log")


def customers(folder, walk):
    """Each customer's wrapped key is the one that the record knows; nobody's is missing without an erasure."""
    known, rest = {}, b""
    for row in (json.loads(line) for line in text(folder / "subjects.jsonl").split("\n") if line):
        who, head = row["pseudonym"], b"echovoice/customer/v1\0" + bytes.fromhex(row["locator"])
        hash = sha(head + who.encode() + b"\0" + unbase64(row["wrapped"]))
        if who in walk.customers:
            known[who] = "sha256:" + hash.hex()
        else:
            rest += hash
    left = {who: key for who, key in walk.customers.items() if who not in walk.gone}
    need(known == left, "subjects.jsonl: not the keys that the entries name")
    need("sha256:" + sha(rest).hex() == walk.others if walk.others else not rest,
         "subjects.jsonl: not the keys that were wrapped anew")


def verify(folder, key, pin, witnesses):
    size, root = checkpoint(text(folder / "checkpoint"), key)
    manifest, leaves = Manifest(folder, key, size), tiles(folder, size)
    need(roots(leaves, {size})[size] == root, "the tiles do not lead to the signed root")
    if pin:
        before, old_root = checkpoint(pin, key)
        need(before <= size, f"the pinned checkpoint has {before} entries, the export {size}: the tail was removed")
        need(roots(leaves, {before})[before] == old_root, "the log is not the one that the pinned checkpoint saw")
    walk, last, count, blobs, before = Walk(manifest.bounds == (None, None)), -1, 0, 0, b""
    times, own = {}, None  # of a period
    wanted = (number for first, last in manifest.rows for number in range(first, last + 1))
    need(stat.S_ISREG(os.lstat(folder / "entries.jsonl").st_mode), "entries.jsonl: no plain file")
    file = open(folder / "entries.jsonl", "rb")
    for line in iter(lambda: file.readline(MOST), b""):
        try:
            need(line.endswith(b"\n"), "the last line was cut off, or is longer than a line may be")
            line = line[:-1]
            entry = parsed(line)
            seq = entry["seq"]
        except (Bad, *MALFORMED) as problem:
            raise Bad(f"after entry {last}: not an entry ({shown(problem)[:200]})")
        try:
            need(last < seq < size, "out of order")
            asked = next(wanted, size)
            need(seq >= asked, "nobody exported this entry")
            need(seq == asked, f"the entries before it are missing, from {asked} on")
            need(leaf(line) == leaves(seq), "not the entry that the tree holds")
            need(seq != last + 1 or entry["prev"] == (sha(before).hex() if seq else "0" * 64), "the chain is broken")
            for digest in list(entry.get("blobs", {}).values()) + [s["blob"] for s in entry.get("sealed", {}).values()]:
                name = digest.removeprefix("sha256:")
                blob = folder / "blobs" / name[:2] / name
                need(blob.exists(), "a blob is missing")
                need(sha(read(blob)).hex() == name, "a blob was changed")
                blobs += 1
            if not walk.everything:
                times[seq] = moment(entry["time"])
                own = entry["data"] if seq == manifest.own and entry["type"] == "export" else own
            walk.entry(entry, manifest.beside(seq))
        except Bad as problem:
            raise Bad(f"entry {seq}: {problem}")
        except MALFORMED as problem:
            raise Bad(f"entry {seq}: malformed ({problem!r})")
        last, before, count = seq, line, count + 1
    missing = next(wanted, None)
    need(missing is None, f"entries are missing, from {missing} on")
    need(manifest.there or walk.level == 1, "manifest: it is missing, and this format is not exported without")
    if not walk.everything:
        manifest.within(times)
        if manifest.version > 1:
            manifest.whole_runs(own, walk, times)
    elif walk.level > 1:
        customers(folder, walk)
    older(folder, leaves, size, key, manifest.there)
    since, until = manifest.bounds
    runs = ", with all entries of its runs" if manifest.version > 1 else (
        "; of its runs at other times, what the log's owner gave")
    what = "everything" if walk.everything else f"the whole of {since} to {until}{runs}"
    print(f"OK: {count} of {size} entries, {blobs} blobs, {walk.decisions} decisions signed: {what}")
    print(f"root {base64.b64encode(root).decode()}")
    print("rules: " + ", ".join(f"echovoice-ledger/{level} from entry {since} on" for level, since in walk.formats)
          + (": those of format 1 bind less" if walk.formats and walk.formats[0][0] == 1 else ""))
    for vkey in witnesses:
        note, (name, _, packed) = text(folder / "cosigned"), vkey.split("+", 2)
        number, seen = checkpoint(note, key)
        time = datetime.datetime.fromtimestamp(opened(note, unbase64(packed)[1:], name), datetime.timezone.utc)
        need(number <= size and roots(leaves, {number})[number] == seen, f"{name} cosigned another log")
        print(f"witnessed by {name} up to {number} entries, {time}")
    print("pinned: nothing before that checkpoint was changed" if pin else
          "Whoever holds the log's key could have written all of this anew: compare with a checkpoint kept elsewhere"
          " (--pin), or ask for a witness (--witness).")


def receipt(entry, proof, key):
    line = entry.rstrip(b"\n")
    head, note = proof.split("\n\n", 1)
    magic, index, *path = head.split("\n")
    need(magic == "c2sp.org/tlog-proof@v1", "not a proof of this version")
    size, root = checkpoint(note, key)
    at, last, hash = int(index.split(" ")[1]), size - 1, leaf(line)
    need(0 <= at <= last, "the entry lies beyond the checkpoint")
    for other in map(unbase64, path):
        need(last > 0, "the proof is too long")
        hash, left = (node(other, hash), True) if at & 1 or at == last else (node(hash, other), False)
        while left and at and not at & 1:
            at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    need(last == 0 and hash == root, "the entry is not in the log that was signed")
    print(f"OK: entry {json.loads(line)['seq']} of {size}, {json.loads(line)['type']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", nargs="?")
    parser.add_argument("--pin")
    parser.add_argument("--key")
    parser.add_argument("--witness", action="append", default=[], metavar="VKEY")
    parser.add_argument("--receipt", nargs=3, metavar=("ENTRY", "PROOF", "KEY"))
    args = parser.parse_args()
    try:
        need(shutil.which("openssl"), "openssl is not here")
        if args.receipt:
            files = [text(path) for path in args.receipt]
        else:
            folder = pathlib.Path(args.export or parser.error("give an export or a receipt"))
            files = [folder.stat(), text(args.key), text(args.pin)]
    except (Bad, OSError, ValueError) as problem:
        print(f"cannot be read: {shown(problem)}", file=sys.stderr)
        sys.exit(1)
    try:
        if args.receipt:
            return receipt(files[0].encode(), files[1], unbase64(files[2].strip()))
        verify(folder, unbase64((files[1] or text(folder / "log.pub")).strip()), files[2], args.witness)
    except WRONG as problem:
        print(f"BAD: {shown(problem)}")
        sys.exit(3)
    except (OSError, MemoryError) as problem:
        print(f"cannot be read: {shown(problem)}", file=sys.stderr)
        sys.exit(1)


main()

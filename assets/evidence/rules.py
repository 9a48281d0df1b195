"""The rules of an EchoVoice record: who may do what, and when, entry by entry. Part of verify.py, which lies beside it;
FORMAT.md states them. Signed notes are read here too, with `openssl`."""
import base64
import datetime
import hashlib
import json
import pathlib
import re
import subprocess
import tempfile
from types import SimpleNamespace

sha = lambda data: hashlib.sha256(data).digest()
DER = bytes.fromhex("302a300506032b6570032100")  # an Ed25519 public key follows (RFC 8410)
DIGEST, TIME = re.compile("sha256:[0-9a-f]{64}"), re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8})(\.[0-9]{1,6})?Z")
FORMATS = {f"echovoice-ledger/{level}": level for level in (1, 2, 3)}
NEEDED = set("actor id prev role seq time type v".split())
FIELDS = set("actor blobs data engine id input pack prev role run sealed seq subject time type v".split())
ROLES, DECIDES = {"officer", "principal", "marketer", "auditor", "admin"}, {"officer", "principal"}
BELOW = {"principal": {"marketer", "auditor"}, "admin": {"auditor"}}  # for whom each makes tokens beside their own
STAGES = {"segment.done", "retrieve.done", "variant.generated", "gate.result", "analytics.done", "stage.failed"}
OWN = STAGES | {"log.genesis", "log.rules", "clock.jump", "expired"}  # nobody but the program itself writes these
MORE = {"kb.indexed", "run.started", "revision", "feedback", "opt_out", "rerun", "verify.done", "clock.confirmed"}
WORDS = {"withdrawn": {"withdraw"}, "expired": {"expire"}, "reopened": {"reopen"}, "comment": {"comment"},
         "recall": {"recall"}, "assigned": {"claim", "release", "assign", "escalate"}}
SECOND = {"second approve", "second override"}
OPEN = {"waiting", "changes"} | SECOND
FROM = {  # states in which a word may be said
    **dict.fromkeys(WORDS["assigned"], OPEN), "withdraw": {"approved", "rejected"} | SECOND, "recall": {"delivered"},
    "expire": {"approved"}, "reopen": {"approved"}}
KINDS_OF_DATA = {  # what of an entry's data counts as which; of another kind it is as if it were not there
    str: "action artifact author body bulk channel code customer_key customers digest epoch expect expires format from"
         " hash holdout how html key kind maker name nonce note outcome pack planted_by proven_by reason role root rule"
         " runs send_after settled status subject to token until variant verdict version why".split(),
    int: "decision disposal people proposal size".split(), list: "hard period state subjects".split(),
    dict: "artifacts two variants".split()}
TWO = " two_persons"  # ends the line of a pack that is changed by two persons alone
STATE = "action pack digest state reason"
NOTES = {  # what a person signs beside decisions, a line each, and the time after them
    "people": "action name role key", "review": "action run to reason", "clock": "action jump reason", "state": STATE,
    "data": "action subject until reason", "delivery": "status run artifact decision reason", "proposal": STATE,
    "finding": "action run variant rule version", "token": "action token name hash expires",
    "copy": "action size root reason", "canary": "action run reason"}
TERMS = "variant artifact verdict pack decision code reason send_after expires bulk proven_by time".split()
APART = datetime.timedelta(seconds=120)  # between the clocks of several machines
OTHER = "a signed note that says something else than its entry"


class Bad(Exception):
    """Something does not hold."""


def need(holds, words):
    if not holds:
        raise Bad(words)


def moment(text):
    found = TIME.fullmatch(text)
    need(found, "a time that is not in UTC, or not written as times are here")
    return datetime.datetime.fromisoformat(found[1] + (found[2] or ".0").ljust(7, "0"))


def unbase64(text):
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text, "base64 that is not canonical")
    return data


def fits(key, data, signature):
    with tempfile.TemporaryDirectory() as folder:
        names = [pathlib.Path(folder) / n for n in ("key", "text", "signature")]
        for path, content in zip(names, (DER + key, data, signature)):
            path.write_bytes(content)
        asked = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin"]
        asked += ["-inkey", names[0], "-in", names[1], "-sigfile", names[2]]
        return subprocess.run(asked, capture_output=True).returncode == 0


def opened(note, key, witness=None):
    """The text of a signed note (C2SP signed-note) whose signature by this key is good; of a witness (C2SP
    tlog-cosignature, Ed25519) the time at which it cosigned."""
    whole = "\n\n" in note and note.endswith("\n")
    need(whole and "\r" not in note and note[:1] != "\ufeff", "a note that was changed in transport")
    text, signatures = note.rsplit("\n\n", 1)
    for dash, name, encoded in (line.split(" ", 2) for line in signatures[:-1].split("\n")):
        packed, kind = unbase64(encoded), b"\n\4" if witness else b"\n\1"
        if dash == "\u2014" and packed[:4] == sha(name.encode() + kind + key)[:4] and witness in (None, name):
            time = int.from_bytes(packed[4:12], "big")
            signed = f"cosignature/v1\ntime {time}\n{text}\n" if witness else text + "\n"
            need(fits(key, signed.encode(), packed[12 if witness else 4:]), "a signature that does not fit its text")
            return time if witness else signed
    raise Bad(f"no cosignature by {witness}" if witness else "no signature by the expected key")


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def number(text):
    need(re.fullmatch("-?[0-9]{1,16}", text) and abs(int(text)) < 1 << 53, f"a number that is none here: {text[:20]}")
    return int(text)


def named(pairs):
    need(all(name.isascii() for name, _ in pairs), "a name that is not ASCII")
    return dict(pairs)


def parsed(line):
    """An entry, if these are the bytes of one to the letter: they are hashed as they are, and read in one way alone."""
    need(len(line) <= 65_535, "longer than an entry may be")
    numbers = {"parse_int": number, "parse_float": number, "parse_constant": number}
    entry = json.loads(line.decode(), object_pairs_hook=named, **numbers)
    need(canonical(entry) == line, "not in canonical form")
    need(NEEDED <= set(entry) <= FIELDS, "not an entry: its fields")
    maps = {"blobs", "data", "sealed"}
    texts = FIELDS - maps - {"seq", "v"}
    sealed = entry.get("sealed", {}).values()
    hashes = [*entry.get("blobs", {}).values(), *(hash for pair in sealed for hash in pair.values())]
    hashes += [entry[name] for name in ("input", "pack") if name in entry]
    need(type(entry["seq"]) is int and entry["seq"] >= 0 and type(entry["v"]) is int and entry["v"] == 1
         and all(isinstance(entry[name], str) for name in texts & set(entry))
         and all(entry[name] and type(entry[name]) is dict for name in maps & set(entry))
         and all(set(pair) == {"blob", "commit"} for pair in sealed) and all(map(DIGEST.fullmatch, hashes))
         and entry["type"] in KINDS and entry["role"] in ROLES | {"system"}, "not an entry")
    return entry


def owed(runs, period, size):
    """The hash of the runs of a period, each with the numbers of all its entries among the first ones."""
    first, end = period
    touched = {run: [n for n in at if n < size] for run, at in runs.items() if any(first <= n < end for n in at)}
    return "sha256:" + sha(canonical(touched)).hex()


class Walk:
    """What the entries say of people and runs, step by step, under the rules that they were written by."""

    def __init__(self, everything):
        self.everything, self.level, self.formats, self.genesis, self.decisions = everything, 1, [], 0, 0
        self.ids, self.people, self.keys, self.tokens, self.runs = set(), {}, {}, {}, {}
        self.held, self.gone, self.proposed = set(), set(), {}
        self.newest, self.jump, self.jumps = None, None, 0
        self.met, self.customers, self.others = set(), {}, None
        self.state, self.changes, self.offered = [], 0, {}
        self.of_runs = {}

    def acting(self, entry, roles, words):
        by = self.people.get(entry["actor"])
        need(by and by["active"] and by["role"] == entry["role"] and (roles is None or by["role"] in roles), words)
        return by

    def signed(self, entry, data, about, key=None, **words):
        """Whether the entry's note says exactly this, in the hand of who made it: these words, else its data."""
        said = {**dict.fromkeys(NOTES[about].split(), "none"), **data, **words, "time": entry["time"]}
        text = f"echovoice/{about}/v1\n" + "".join(f"{name} {said[name]}\n" for name in NOTES[about].split() + ["time"])
        need(opened(data["note"], key or self.people[entry["actor"]]["key"]) == text, OTHER)

    def run(self, entry):
        need(entry.get("run") in self.runs, "about a run that was never started")
        return self.runs[entry["run"]]

    def format(self, entry, data):
        """A record begins with its genesis, which names its format; `log.rules` goes over to a later one."""
        kind, level = entry["type"], FORMATS.get(data.get("format"))
        need(kind != "log.genesis" or entry["seq"] == 0, "a second genesis")
        need(entry["seq"] == 0 or self.formats or (entry["role"] == "system" and kind != "key.enrolled"),
             "somebody acts in a record that does not begin with its genesis")
        need(kind != "log.genesis" or level, "a genesis of no known format")
        need(kind != "log.rules" or (level or 0) > self.level and entry["id"] == f"rules/{level}",
             "other rules than those that hold")
        if kind == "log.genesis" and level > 1:
            self.genesis = data["people"]
            need(type(self.genesis) is int, "a genesis that does not say where it ends")
        need(not 0 < entry["seq"] <= self.genesis or kind == "key.enrolled",
             "a genesis that goes on after its people were enrolled")
        if kind in ("log.genesis", "log.rules"):
            self.level, self.state, self.offered = level, data.get("state", []) if level > 2 else [], {}
            self.formats.append((level, entry["seq"]))

    def customer(self, entry, data):
        """Which keys of customers there are: a new one's in their first entry, all others' after an erasure."""
        who, key, kind = entry.get("subject"), data.get("customer_key"), entry["type"]
        names = set(entry.get("data", {}))
        need(not {"customers", "epoch"} & names or kind in ("log.genesis", "log.rules", "erasure.executed"),
             "customers' keys in an entry that says nothing of them")
        if "customers" in data:
            self.customers, self.others = {}, data["customers"]
        new = who is not None and who not in self.met
        need("customer_key" not in names or new, "a known customer with another key's hash, or the hash of nobody's")
        need(key or not new or self.level == 1 or not self.everything, "a new customer without the hash of their key")
        self.met |= {who}
        self.customers.update({who: key} if key else {})

    def strict(self, entry, data):
        """What formats 2 and 3 ask of every entry: a name, a time, and a run that stands so."""
        kind, time, who, role = entry["type"], moment(entry["time"]), entry["actor"], entry["role"]
        if role != "system":
            self.acting(entry, None, f"{who} acted and may not, or not in this role")
            need(self.level < 3 or kind not in OWN, f"{kind} is the program's own, and not {who}'s")
        need(role != "system" or who == "system", f"{who} acted as the log itself")
        need(role != "system" or self.level < 3 or kind in OWN | {"key.enrolled", "delivery", "canary.revealed"},
             f"{kind} is no deed of the log itself")
        need(kind != "key.enrolled" or role != "system" or entry["seq"] <= self.genesis,
             "only the first entries enrol people by the log itself")
        if kind == "clock.jump":
            self.jumps += 1
            need(role == "system" and entry["id"] == f"clock/jump/{self.jumps}" and self.follows(data["from"]),
                 "a jump of the clock that does not follow")
            self.newest, self.jump = time, entry["seq"]
            return
        if kind == "clock.confirmed":
            self.acting(entry, DECIDES, "the clock was confirmed by somebody who may not")
            need(self.jump is not None and entry["id"] == f"clock/confirmed/{self.jump}",
                 "no such jump of the clock is to be confirmed")
            self.signed(entry, data, "clock", action="confirm", jump=self.jump, reason=data.get("reason", ""))
            self.jump = None
        need(self.jump is None or kind not in ("decision", "override"),
             "a decision by a clock that jumped, and nobody has confirmed it")
        need(self.newest is None or time >= self.newest - APART, "a time before that of an earlier entry")
        self.newest = max(self.newest or time, time)
        if kind in STAGES or kind in ("run.started", "revision"):
            run = self.runs.get(entry["run"])
            need((run is None) == (kind == "run.started"), "a run that was started before, or never")
            need(role in {"system", "marketer"} | DECIDES, f"{who} may not make runs")
            need(run is None or run.state in ("running", "failed") or (kind == "revision" and run.state in OPEN),
                 "a run that has ended is changed")

    def follows(self, text):
        """Whether this is the newest time so far; of a period not all are there."""
        known = self.newest and self.newest.isoformat(timespec="microseconds") + "Z"
        return known is None or text == known or (text > known and not self.everything)

    def person(self, entry, data):
        name, kind, who = data.get("name", ""), entry["type"], entry["actor"]
        known = self.people.get(name)
        lost = known and "proposal" in entry["data"]
        enrol = ({"admin", "principal"}, "replace") if lost else (None, "rotate") if known else ({"admin"}, "enrol")
        roles, action = {"key.proposed": ({"admin", "principal"}, "propose"), "role.granted": ({"admin"}, "grant"),
                         "key.revoked": ({"admin"}, "revoke")}.get(kind, enrol)
        need(known["active"] if known else kind == "key.enrolled",
             f"{name} is not known, or enrolled again after the key was revoked")
        if roles and not (action == "enrol" and entry["role"] == "system"):
            self.acting(entry, roles, f"people or their keys in the hands of {who}, who may not")
            need(who != name, f"{who} managed their own rights or key")
        need(roles or (who == name and data["role"] == known["role"]),
             f"a new key of {name} that changes more than the key")
        need(kind not in ("key.enrolled", "role.granted") or data["role"] in ROLES, "a role that there is not")
        if entry["role"] != "system" or action != "enrol":
            self.signed(entry, data, "people", None if roles else known["key"], action=action)
        if kind == "key.proposed":
            self.keys[entry["seq"]] = (who, name, data["key"])
        elif kind != "key.enrolled":
            known.update({"role": data["role"]} if action == "grant" else {"active": False})
        else:
            by, *same = self.keys.get(data.get("proposal"), (None, None, None))
            need(not lost or (same == [name, data["key"]] and by != who and data["role"] == known["role"]),
                 "a new key that no other custodian proposed")
            self.keys = {seq: key for seq, key in self.keys.items() if key[1] != name}
            self.people[name] = {"role": data["role"], "key": unbase64(data["key"]), "active": True}
            need(len(self.people[name]["key"]) == 32, "a key that is none")

    def data(self, entry, data):
        who, kind = data["subject"], entry["type"]
        self.acting(entry, {"principal"}, "a customer's data in the hands of somebody who may not")
        self.signed(entry, data, "data", action=kind, reason=data.get("reason", ""))
        if kind == "disposal.proposed":
            named = data["subjects"]
            hash = sha("\n".join(named).encode()).hex()
            need(who == f"{len(named)} customers sha256:{hash}", "a proposal whose note names other customers")
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

    def stage(self, entry, data):
        kind, unjudged = entry["type"], {"judged": {}, "hard": (), "verdict": None}
        if kind == "run.started":
            need(entry.get("subject") not in self.gone, "a run of a customer who was erased")
            self.runs[entry["run"]] = SimpleNamespace(
                state="running", makers=set(), two={}, bulk=False, claimed="", escalated=False, artifacts={}, first={},
                released=set(), starter=(entry["actor"], entry["role"]), **unjudged, **NOTHING)
            return
        run, now = self.run(entry), {}
        texts = lambda name: {key: value for key, value in data.get(name, {}).items() if isinstance(value, str)}
        if kind == "revision":
            another = set(self.people) - {entry["actor"]}
            need(self.level < 3 or data.get("maker") not in another, "a revision in another's name")
            run.makers.add(data.get("maker"))
            kept = run.artifacts if data.get("from", "safety") in ("safety", "analyze") else {}
            now = {**unjudged, "state": "running", "artifacts": kept}
        elif kind == "variant.generated":
            now = {**unjudged, "artifacts": data.get("artifacts", {}), "first": run.first or texts("artifacts")}
        elif kind == "gate.result":
            now = {"two": data.get("two", {}), "verdict": (data.get("verdict"), entry.get("pack")),
                   "hard": data.get("hard", ()), "judged": texts("variants")}
        elif kind == "analytics.done":
            bulk = entry.get("data", {}).get("bulk") is True
            now = {"bulk": bulk, "state": "held out" if data.get("holdout") else "waiting"}
        elif kind == "stage.failed":
            now = {"state": "failed"}
        vars(run).update(now)

    def decision(self, entry, data):
        run, who, kind, variant = self.run(entry), entry["actor"], data["kind"], data["variant"]
        by = self.acting(entry, DECIDES, f"{who} decided without the right to")
        fresh, releases = run.state in ("waiting", "changes"), kind in ("approve", "override")
        text = opened(data["note"], by["key"])
        lines = dict(reversed([line.split(" ", 1) for line in text.split("\n") if " " in line]))
        said = [lines.get(k) for k in ("run", "variant", "artifact", "verdict")] + [lines.get("decision", "").lower()]
        need(said == [entry["run"], variant, data["artifact"], data["verdict"], kind], OTHER)
        if self.level > 1:
            told = {**data, "pack": entry.get("pack"), "decision": kind.upper(), "time": entry["time"]}
            terms = "".join(f"{k} {lines.get(k, '') if k == 'reason' else told.get(k) or 'none'}\n" for k in TERMS)
            need(text == f"echovoice/decision/v2\nrun {entry['run']}\n{terms}", OTHER)
            need(all(moment(data[k]) for k in ("send_after", "expires") if data.get(k)), "a term that is no time")
            need(data["artifact"] == run.artifacts.get(variant, 0), "a decision about a text that is not the run's")
            need((data["verdict"], entry.get("pack")) == run.verdict and variant in run.judged,
                 "a decision about another verdict than the gate's")
            blocked = run.judged[variant] == "block"
            need((entry["type"] == "override") == (kind == "override") and (kind != "approve" or not blocked),
                 "an approval of what is blocked")
            need(kind != "override" or (blocked and variant not in run.hard), "an override of what nobody may override")
        half = "second override" if kind == "override" else "second approve"
        alone = kind == "approve" and variant not in run.two
        state = {"reject": run.state in OPEN and "rejected",
                 "request-changes": run.state in OPEN - {"changes"} and "changes"}.get(kind)
        if releases:
            state = ("approved" if alone else half) if fresh else run.state == half and "approved"
        need(state, "a decision about a run that does not wait for one")
        need(run.claimed in ("", who), f"{who} decided what {run.claimed} had claimed")
        need(by["role"] == "principal" or not run.escalated, f"{who} decided what was escalated")
        need("bulk" not in entry["data"] or run.bulk, "a decision together with others where the policy allows none")
        need(not releases or who not in run.makers, f"{who} decided about words of their own")
        if releases and not fresh:
            need(run.by != who, f"{who} signed twice where two people must")
            need(run.variant == variant and (self.level == 1 or run.artifact == data["artifact"]),
                 "a second signature for another text")
        vars(run).update(NOTHING, state=state, claimed="", by=who, at=entry["seq"], variant=variant,
                         artifact=data["artifact"], after=data.get("send_after", ""), until=data.get("expires", ""))
        run.released |= {data["artifact"]} if state == "approved" else set()
        self.decisions += 1

    def word(self, entry, data):
        """Claimed, escalated, withdrawn and the like: who may, signed, and what it ends."""
        run, kind, who = self.run(entry), entry["type"], entry["actor"]
        how = data.get("how") if kind == "assigned" else next(iter(WORDS[kind]))
        need(how in WORDS[kind] and (how == "comment" or run.state in FROM[how]), f"{how} of a run in another state")
        need(how not in ("withdraw", "expire") or not run.begun, "a hand-over that was begun is not settled")
        if how == "expire":
            need(entry["role"] == "system" and run.until and moment(entry["time"]) >= moment(run.until),
                 "an approval was called lapsed before its time")
        else:
            by = self.acting(entry, None if how == "comment" else DECIDES, f"{who} may not {how}")
            self.signed(entry, data, "review", action=how, run=entry["run"], reason=data.get("reason", ""))
            principal = by["role"] == "principal"
            may = {"assign": principal, "claim": not run.claimed and (principal or not run.escalated),
                   "escalate": not run.escalated, "release": run.claimed and (principal or run.claimed == who),
                   "withdraw": principal or run.by == who}
            need(may.get(how, True), f"{who} may not {how} this run as it stands")
        if how in ("withdraw", "expire", "reopen"):
            vars(run).update(NOTHING, state="waiting", released=set())
        elif kind == "assigned":
            run.claimed = {"claim": who, "assign": data.get("to", "")}.get(how, "")
            run.escalated |= how == "escalate"
        run.state = "recalled" if how == "recall" else run.state

    def delivery(self, entry, data):
        status, artifact, person = data.get("status", ""), data.get("artifact", ""), entry["role"] != "system"
        sends, may = status in ("begun", "delivered"), not person or entry["role"] in DECIDES
        if self.level < 3 and not sends and entry.get("run") not in self.runs:
            return
        run = self.run(entry)
        need(self.level < 3 or (may and status in ("begun", "delivered", "held", "failed")),
             "a hand-over by somebody who may not")
        if person and self.level > 2:
            self.signed(entry, data, "delivery", status=status, run=entry["run"], artifact=artifact or "none",
                        decision=data.get("decision", 0), reason=data.get("settled", "none"))
        if sends:
            approved, same = run.state == "approved", (run.artifact, run.at) == (artifact, data.get("decision"))
            need((self.level == 1 or (may and approved and same))
                 and (artifact in run.released if status == "delivered" else approved and not run.begun),
                 "a delivery without an earlier approval of the same content, or twice")
        if status == "delivered":
            sent = moment(run.begun or entry["time"])
            need((not run.after or sent >= moment(run.after)) and (not run.until or sent <= moment(run.until)),
                 "a delivery outside the time that its approval allows")
            run.released.discard(artifact)
            run.state = "delivered"
        run.begun = {"begun": entry["time"], "delivered": "", "failed": ""}.get(status, run.begun)

    def canary(self, entry, data):
        """A planted test opens right after the decision that ends its review, or a principal ends it undecided."""
        run, nonce = self.run(entry), unbase64(data["nonce"])
        need(self.level > 2 and run.state != "test", "a planted test that is over, or under rules that know none")
        need(run.starter == (data["planted_by"], "principal"), "a test that its run's principal did not plant")
        need(len(nonce) == 32 and data["expect"] in ("violation", "clean"), "a planted test that is none")
        hash = lambda *parts: sha(b"".join(len(part).to_bytes(8, "big") + part for part in parts))
        texts = lambda names: [data[name].encode() for name in names.split()]
        salt = hash(b"echovoice/planted/v1", nonce, *texts("expect variant planted_by why"))
        artifact = "sha256:" + hash(b"echovoice/artifact/v1", salt, *texts("channel subject body html")).hex()
        need(run.first.get(data["variant"]) == artifact,
             "a planted test that does not open what the run's text committed to")
        if entry["role"] == "system":
            ended = run.at is not None and run.at == run.last and run.state in ("approved", "rejected", "changes")
            need(ended and run.by != data["planted_by"],
                 "a planted test is opened right after the decision that ends its review, by another than its planter")
            released = run.state == "approved"
        else:
            self.acting(entry, {"principal"}, "a planted test was ended by somebody who may not")
            need(run.state in OPEN, "only a test that waits is ended")
            self.signed(entry, data, "canary", action="end", run=entry["run"], reason=data.get("reason", ""))
            released = True
        came = {"violation": ("caught", "missed"), "clean": ("false_alarm", "passed")}[data["expect"]][released]
        came = came if run.artifact == artifact else "other_text"
        if entry["role"] != "system" and not run.state.startswith("second"):
            came = "not_decided"  # what the first of two persons signed stands
        need(data["outcome"] == came, "a planted test came to something else than its entry says")
        vars(run).update(state="test", claimed="", released=set(), begun="")

    def dismissed(self, entry, data):
        if self.level > 2:
            self.acting(entry, DECIDES, "a finding was dismissed by somebody who may not")
            self.signed(entry, data, "finding", action="dismiss", run=entry.get("run", "none"))

    def in_force(self, entry, data):
        """A pack put in force or taken out of it, or an administrator's word for all that is in force in the home."""
        kind, who, pack, state = entry["type"], entry["actor"], data.get("pack"), data["state"]
        action = data.get("action", "none")
        of_pack = kind == "pack.activated" or (kind == "state.proposed" and action != "accept")
        may = {"admin"} | DECIDES if of_pack else {"admin"}
        self.acting(entry, may, "what is in force in the hands of somebody who may not")
        need(not of_pack or data.get("author") != who, f"{who} activated a pack of their own")
        if self.level < 3 and kind == "pack.activated":
            return
        line, after = f"policies/active/{pack or ''}.toml ", set(state)
        if of_pack:
            put = [line + data["digest"]] if action == "activate" else []
            put = [row + TWO if row + TWO in state else row for row in put]
            after = [row for row in self.state if not row.startswith(line)] + put
        need(all(state) and state == sorted(after), "what is in force does not follow from what was")
        hash = "sha256:" + sha("\n".join(state).encode()).hex()
        self.signed(entry, data, "proposal" if kind == "state.proposed" else "state", state=hash)
        change = [of_pack, action, pack, data.get("digest"), data.get("author"), state]
        if kind == "state.proposed":
            self.offered[entry["seq"]] = [who, *change]
            return
        by, *offered = self.offered.get(data.get("proposal"), [who])
        two = "proposal" in entry["data"] or any(row.endswith(TWO) for row in set(state) ^ set(self.state))
        need(not two or (by != who and offered == change), "a change of what is in force that no other person proposed")
        self.changes += 1
        need(entry["id"] == f"state/{self.changes}", "what is in force does not follow from what was")
        self.state, self.offered = state, {}

    def export(self, entry, data):
        """What an export of a period says that it owes: all entries of its runs, as there are."""
        if "runs" in entry.get("data", {}) and self.level > 2 and self.everything:
            size, period = data["size"], data["period"]
            need([type(n) for n in period] == [int, int] and 0 <= min(period) and period[1] <= size <= entry["seq"]
                 and owed(self.of_runs, period, size) == data["runs"],
                 "an export that names other entries of its runs than there are")

    def token(self, entry, data):
        """Everybody makes and revokes tokens of their own; admins and principals also for roles that theirs covers."""
        who, name, token, made = entry["actor"], data["name"], data["token"], entry["type"] == "token.made"
        by, holder = self.acting(entry, None, f"{who} may not act"), self.people.get(name)
        end = "made" if made else "revoked"
        need(entry["id"] == f"token/{token}/{end}", "a token by another name than its entry's")
        self.signed(entry, data, "token", action="make" if made else "revoke")
        if made:
            may = who == name or (holder and holder["role"] in BELOW.get(by["role"], ()))
            need(holder and holder["active"] and token not in self.tokens and may,
                 f"a token for {name} that {who} may not make")
        else:
            need(self.tokens.get(token) == name and (who == name or by["role"] in BELOW),
                 f"a token that {who} may not revoke")
        self.tokens[token] = name if made else None

    def copy(self, entry, data):
        self.acting(entry, {"admin", "principal"}, "another copy was accepted by somebody who may not")
        words = {"size": data.get("size", 0), "root": data.get("root", ""), "reason": data.get("reason", "")}
        self.signed(entry, data, "copy", action="accept", **words)

    def entry(self, entry, beside=False):
        """One entry more; what lies beside a period tells its time alone where its run is not in the export."""
        data, kind = dict(entry.get("data", {})), entry["type"]
        for what, names in KINDS_OF_DATA.items():
            fits = lambda value: type(value) is what and (what is not int or value >= 0)
            data = {name: value for name, value in data.items() if name not in names or fits(value)}
        if "run" in entry:
            self.of_runs.setdefault(entry["run"], []).append(entry["seq"])
        if beside and "run" in entry and entry["run"] not in self.runs and kind != "run.started":
            return
        need(entry["id"] not in self.ids, "an id that another entry has")
        self.ids.add(entry["id"])
        self.format(entry, data)
        self.customer(entry, data)
        if self.level > 1:
            self.strict(entry, data)
        if kind in RULES:
            RULES[kind](self, entry, data)
        if entry.get("run") in self.runs:
            self.runs[entry["run"]].last = entry["seq"]


# What is not decided of a run.
NOTHING = {"by": "", "at": None, "variant": "", "artifact": "", "after": "", "until": "", "begun": ""}
RULES = {
    Walk.person: "key.enrolled key.proposed role.granted key.revoked",
    Walk.data: "hold.set hold.lifted erasure.deferred erasure.executed disposal.proposed",
    Walk.in_force: "pack.activated home.accepted state.proposed", Walk.token: "token.made token.revoked",
    Walk.stage: " ".join(STAGES | {"run.started", "revision"}), Walk.word: " ".join(WORDS),
    Walk.decision: "decision override", Walk.delivery: "delivery", Walk.dismissed: "finding.dismissed",
    Walk.canary: "canary.revealed", Walk.copy: "copy.accepted", Walk.export: "export"}
RULES = {kind: rule for rule, kinds in RULES.items() for kind in kinds.split()}
KINDS = MORE | OWN | set(RULES)

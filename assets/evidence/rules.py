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
MORE = {"kb.indexed", "run.started", "revision", "feedback", "opt_out", "rerun", "export", "verify.done", "clock.confirmed"}
WORDS = {"withdrawn": {"withdraw"}, "expired": {"expire"}, "reopened": {"reopen"}, "comment": {"comment"}, "recall": {"recall"},
         "assigned": {"claim", "release", "assign", "escalate"}}
OPEN = {"waiting", "second approve", "second override", "changes"}
FROM = {**dict.fromkeys(WORDS["assigned"], OPEN), "withdraw": {"approved", "rejected", "second approve", "second override"},
        "recall": {"delivered"}, "expire": {"approved"}, "reopen": {"approved"}}  # states in which a word may be said
KINDS_OF_DATA = {  # what of an entry's data counts as which; of another kind it is as if it were not there
    str: "action artifact author body bulk channel code customer_key customers digest epoch expect expires format from hash holdout how html key kind maker "
         "name nonce note outcome pack planted_by proven_by reason role root rule send_after settled status subject to token until variant verdict version "
         "why".split(),
    int: "decision disposal people proposal size".split(), list: "hard state subjects".split(), dict: "artifacts two variants".split()}
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
        return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin", "-inkey", names[0],
                               "-in", names[1], "-sigfile", names[2]], capture_output=True).returncode == 0


def opened(note, key, witness=None):
    """The text of a signed note (C2SP signed-note) whose signature by this key is good; of a witness (C2SP
    tlog-cosignature, Ed25519) the time at which it cosigned."""
    need("\r" not in note and note[:1] != "\ufeff" and "\n\n" in note and note.endswith("\n"), "a note that was changed in transport")
    text, signatures = note.rsplit("\n\n", 1)
    for dash, name, encoded in (line.split(" ", 2) for line in signatures[:-1].split("\n")):
        packed, kind = unbase64(encoded), b"\n\4" if witness else b"\n\1"
        if dash == "\u2014" and packed[:4] == sha(name.encode() + kind + key)[:4] and witness in (None, name):
            time = int.from_bytes(packed[4:12], "big")
            signed, signature = (f"cosignature/v1\ntime {time}\n{text}\n", packed[12:]) if witness else (text + "\n", packed[4:])
            need(fits(key, signed.encode(), signature), "a signature that does not fit its text")
            return time if witness else signed
    raise Bad(f"no cosignature by {witness}" if witness else "no signature by the expected key")


def parsed(line):
    """An entry, if these are the bytes of one to the letter: they are hashed as they are, and read in one way alone."""
    def number(text):
        need(re.fullmatch("-?[0-9]{1,16}", text) and abs(int(text)) < 1 << 53, f"a number that is none here: {text[:20]}")
        return int(text)
    def named(pairs):
        need(all(name.isascii() for name, _ in pairs), "a name that is not ASCII")
        return dict(pairs)
    need(len(line) <= 65_535, "longer than an entry may be")
    entry = json.loads(line.decode(), object_pairs_hook=named, parse_int=number, parse_float=number, parse_constant=number)
    need(json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() == line, "not in canonical form")
    sealed = entry.get("sealed", {}).values()
    hashes = [*entry.get("blobs", {}).values(), *(h for s in sealed for h in s.values())]
    hashes += [entry[n] for n in ("input", "pack") if n in entry]
    maps = {"blobs", "data", "sealed"} & set(entry)
    texts = FIELDS - {"blobs", "data", "sealed", "seq", "v"}
    need(NEEDED <= set(entry) <= FIELDS and entry["type"] in KINDS and entry["role"] in ROLES | {"system"} and entry["v"] == 1
         and [type(entry[n]) for n in ("seq", "v")] == [int, int] and entry["seq"] >= 0 and all(isinstance(entry.get(n, ""), str) for n in texts)
         and all(entry[n] and type(entry[n]) is dict for n in maps) and all(set(s) == {"blob", "commit"} for s in sealed)
         and all(DIGEST.fullmatch(h) for h in hashes), "not an entry")
    return entry


class Walk:
    """What the entries say of people and runs, step by step, under the rules that they were written by."""

    def __init__(self, everything):
        self.everything, self.level, self.formats, self.genesis, self.decisions = everything, 1, [], 0, 0
        self.ids, self.people, self.keys, self.tokens, self.runs = set(), {}, {}, {}, {}
        self.held, self.gone, self.proposed = set(), set(), {}
        self.newest, self.jump, self.jumps = None, None, 0
        self.met, self.customers, self.others = set(), {}, None
        self.state, self.changes = [], 0

    def acting(self, entry, roles, words):
        by = self.people.get(entry["actor"])
        need(by and by["active"] and by["role"] == entry["role"] and (roles is None or by["role"] in roles), words)
        return by

    def signed(self, entry, data, kind, lines, key=None):
        """Whether the entry's note says exactly this, in the hand of who made it."""
        text = f"echovoice/{kind}/v1\n" + "".join(f"{name} {value}\n" for name, value in lines) + f"time {entry['time']}\n"
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
        need(kind != "log.rules" or (level or 0) > self.level and entry["id"] == f"rules/{level}", "other rules than those that hold")
        if kind == "log.genesis" and level > 1:
            self.genesis = data["people"]
            need(type(self.genesis) is int, "a genesis that does not say where it ends")
        need(not 0 < entry["seq"] <= self.genesis or kind == "key.enrolled", "a genesis that goes on after its people were enrolled")
        if kind in ("log.genesis", "log.rules"):
            self.level, self.state = level, data.get("state", []) if level > 2 else []
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
        need("customer_key" not in names or new, "a known customer with the hash of another key, or the hash of nobody's")
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
        need(role != "system" or self.level < 3 or kind in OWN | {"key.enrolled", "delivery", "canary.revealed"}, f"{kind} is no deed of the log itself")
        need(kind != "key.enrolled" or role != "system" or entry["seq"] <= self.genesis, "only the first entries enrol people by the log itself")
        if kind == "clock.jump":
            self.jumps += 1
            need(role == "system" and entry["id"] == f"clock/jump/{self.jumps}" and self.follows(data["from"]),
                 "a jump of the clock that does not follow")
            self.newest, self.jump = time, entry["seq"]
            return
        if kind == "clock.confirmed":
            self.acting(entry, DECIDES, "the clock was confirmed by somebody who may not")
            need(self.jump is not None and entry["id"] == f"clock/confirmed/{self.jump}", "no such jump of the clock is to be confirmed")
            self.signed(entry, data, "clock", [("action", "confirm"), ("jump", self.jump), ("reason", data.get("reason", ""))])
            self.jump = None
        need(self.jump is None or kind not in ("decision", "override"), "a decision by a clock that jumped, and nobody has confirmed it")
        need(self.newest is None or time >= self.newest - APART, "a time before that of an earlier entry")
        self.newest = max(self.newest or time, time)
        if kind in STAGES or kind in ("run.started", "revision"):
            run = self.runs.get(entry["run"])
            need((run is None) == (kind == "run.started"), "a run that was started before, or never")
            need(role in {"system", "marketer"} | DECIDES, f"{who} may not make runs")
            need(run is None or run.state in ("running", "failed") or (kind == "revision" and run.state in OPEN), "a run that has ended is changed")

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
        need(known["active"] if known else kind == "key.enrolled", f"{name} is not known, or enrolled again after the key was revoked")
        if roles and not (action == "enrol" and entry["role"] == "system"):
            self.acting(entry, roles, f"people or their keys in the hands of {who}, who may not")
            need(who != name, f"{who} managed their own rights or key")
        need(roles or (who == name and data["role"] == known["role"]), f"a new key of {name} that changes more than the key")
        need(kind not in ("key.enrolled", "role.granted") or data["role"] in ROLES, "a role that there is not")
        if entry["role"] != "system" or action != "enrol":
            said = [("action", action)] + [(k, data.get(k, "none")) for k in ("name", "role", "key")]
            self.signed(entry, data, "people", said, None if roles else known["key"])
        if kind == "key.proposed":
            self.keys[entry["seq"]] = (who, name, data["key"])
        elif kind != "key.enrolled":
            known.update({"role": data["role"]} if action == "grant" else {"active": False})
        else:
            by, *same = self.keys.get(data.get("proposal"), (None, None, None))
            need(not lost or (same == [name, data["key"]] and by != who and data["role"] == known["role"]),
                 "a new key that no other custodian proposed")
            self.people[name] = {"role": data["role"], "key": unbase64(data["key"]), "active": True}
            need(len(self.people[name]["key"]) == 32, "a key that is none")

    def data(self, entry, data):
        who, kind = data["subject"], entry["type"]
        self.acting(entry, {"principal"}, "a customer's data in the hands of somebody who may not")
        said = [("action", kind), ("subject", who), ("until", data.get("until", "none")), ("reason", data.get("reason", ""))]
        self.signed(entry, data, "data", said)
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

    def stage(self, entry, data):
        kind, clear = entry["type"], {"judged": {}, "hard": (), "verdict": None}
        if kind == "run.started":
            need(entry.get("subject") not in self.gone, "a run of a customer who was erased")
            self.runs[entry["run"]] = SimpleNamespace(state="running", makers=set(), two={}, bulk=False, claimed="", escalated=False,
                                                      artifacts={}, first={}, released=set(), starter=(entry["actor"], entry["role"]), **clear, **NOTHING)
            return
        run = self.run(entry)
        if kind == "revision":
            need(self.level < 3 or data.get("maker") not in set(self.people) - {entry["actor"]}, "a revision in another's name")
            run.makers.add(data.get("maker"))
            clear.update(state="running", artifacts=run.artifacts if data.get("from", "safety") in ("safety", "analyze") else {})
        vars(run).update({
            "revision": clear, "variant.generated": {**clear, "artifacts": data.get("artifacts", {}), "first": run.first or {k: v for k, v in data.get("artifacts", {}).items() if isinstance(v, str)}}, "stage.failed": {"state": "failed"},
            "gate.result": {"two": data.get("two", {}), "verdict": (data.get("verdict"), entry.get("pack")), "hard": data.get("hard", ()),
                            "judged": {k: v for k, v in data.get("variants", {}).items() if isinstance(v, str)}},
            "analytics.done": {"bulk": entry.get("data", {}).get("bulk") is True,
                               "state": "held out" if data.get("holdout") else "waiting"}}.get(kind, {}))

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
            need((entry["type"] == "override") == (kind == "override") and (kind != "approve" or not blocked), "an approval of what is blocked")
            need(kind != "override" or (blocked and variant not in run.hard), "an override of what nobody may override")
        state = {"approve": ("second approve" if variant in run.two else "approved") if fresh else run.state == "second approve" and "approved",
                 "override": "second override" if fresh else run.state == "second override" and "approved",
                 "reject": run.state in OPEN and "rejected", "request-changes": run.state in OPEN - {"changes"} and "changes"}.get(kind)
        need(state, "a decision about a run that does not wait for one")
        need(run.claimed in ("", who), f"{who} decided what {run.claimed} had claimed")
        need(by["role"] == "principal" or not run.escalated, f"{who} decided what was escalated")
        need("bulk" not in entry["data"] or run.bulk, "a decision together with others where the policy allows none")
        need(not releases or who not in run.makers, f"{who} decided about words of their own")
        if releases and not fresh:
            need(run.by != who, f"{who} signed twice where two people must")
            need(run.variant == variant and (self.level == 1 or run.artifact == data["artifact"]), "a second signature for another text")
        vars(run).update(NOTHING, state=state, claimed="", by=who, at=entry["seq"], variant=variant, artifact=data["artifact"],
                         after=data.get("send_after", ""), until=data.get("expires", ""))
        run.released |= {data["artifact"]} if state == "approved" else set()
        self.decisions += 1

    def word(self, entry, data):
        """Claimed, escalated, withdrawn and the like: who may, signed, and what it ends."""
        run, kind, who = self.run(entry), entry["type"], entry["actor"]
        how = data.get("how") if kind == "assigned" else kind if kind in ("comment", "recall") else next(iter(WORDS[kind]))
        need(how in WORDS[kind] and (how == "comment" or run.state in FROM[how]), f"{how} of a run that does not stand so")
        need(how not in ("withdraw", "expire") or not run.begun, "a hand-over that was begun is not settled")
        if how == "expire":
            need(entry["role"] == "system" and run.until and moment(entry["time"]) >= moment(run.until),
                 "an approval was called lapsed before its time")
        else:
            by = self.acting(entry, None if how == "comment" else DECIDES, f"{who} may not {how}")
            said = [("action", how), ("run", entry["run"]), ("to", data.get("to", "none")), ("reason", data.get("reason", ""))]
            self.signed(entry, data, "review", said)
            principal = by["role"] == "principal"
            may = {"assign": principal, "claim": not run.claimed and (principal or not run.escalated), "escalate": not run.escalated,
                   "release": run.claimed and (principal or run.claimed == who), "withdraw": principal or run.by == who}
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
        need(self.level < 3 or (may and status in ("begun", "delivered", "held", "failed")), "a hand-over by somebody who may not")
        if person and self.level > 2:
            said = [("status", status), ("run", entry["run"]), ("artifact", artifact or "none"), ("decision", data.get("decision", 0))]
            self.signed(entry, data, "delivery", said + [("reason", data.get("settled", "none"))])
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
        """A planted test opens right after the decision that ends its review, or a principal ends it undecided; nothing of it is sent."""
        run, nonce = self.run(entry), unbase64(data["nonce"])
        need(self.level > 2 and run.state != "test", "a planted test that is over already, or under rules that know none")
        need(run.starter == (data["planted_by"], "principal"), "a test that was not planted by the principal who started the run")
        need(len(nonce) == 32 and data["expect"] in ("violation", "clean"), "a planted test that is none")
        hash = lambda *parts: sha(b"".join(len(part).to_bytes(8, "big") + part for part in parts))
        texts = lambda names: [data[name].encode() for name in names.split()]
        salt = hash(b"echovoice/planted/v1", nonce, *texts("expect variant planted_by why"))
        artifact = "sha256:" + hash(b"echovoice/artifact/v1", salt, *texts("channel subject body html")).hex()
        need(run.first.get(data["variant"]) == artifact, "a planted test that does not open what the run's text committed to")
        if entry["role"] == "system":
            need(run.at is not None and run.at == run.last and run.state in ("approved", "rejected", "changes") and run.by != data["planted_by"],
                 "a planted test is opened right after the decision that ends its review, by another than who planted it")
            released = run.state == "approved"
        else:
            self.acting(entry, {"principal"}, "a planted test was ended by somebody who may not")
            need(run.state in OPEN, "only a test that waits is ended")
            self.signed(entry, data, "canary", [("action", "end"), ("run", entry["run"]), ("reason", data.get("reason", ""))])
            released = True
        came = {("violation", True): "missed", ("violation", False): "caught", ("clean", True): "passed", ("clean", False): "false_alarm"}
        came = came[data["expect"], released] if run.artifact == artifact else "other_text"
        if entry["role"] != "system" and not run.state.startswith("second"):
            came = "not_decided"  # what the first of two persons signed stands
        need(data["outcome"] == came, "a planted test came to something else than its entry says")
        vars(run).update(state="test", claimed="", released=set(), begun="")

    def dismissed(self, entry, data):
        if self.level > 2:
            self.acting(entry, DECIDES, "a finding was dismissed by somebody who may not")
            said = [("action", "dismiss"), ("run", entry.get("run", "none"))] + [(k, data.get(k, "none")) for k in ("variant", "rule", "version")]
            self.signed(entry, data, "finding", said)

    def in_force(self, entry, data):
        """A pack put in force or taken out of it, or an administrator's word for all that is in force in the home."""
        pack, activates = data.get("pack"), entry["type"] == "pack.activated"
        may = {"admin"} | DECIDES if activates else {"admin"}
        self.acting(entry, may, "what is in force in the hands of somebody who may not")
        need(data.get("author") != entry["actor"], f"{entry['actor']} activated a pack of their own")
        if self.level < 3 and activates:
            return
        self.changes += 1
        line, state = f"policies/active/{pack or ''}.toml ", data["state"]
        rest, put = [row for row in self.state if not row.startswith(line)], activates and data.get("action") == "activate"
        after = rest + ([line + data["digest"]] if put else []) if activates else set(state)
        need(entry["id"] == f"state/{self.changes}" and state == sorted(after), "what is in force does not follow from what was")
        said = [("action", data.get("action", "none")), ("pack", data.get("pack", "none")), ("digest", data.get("digest", "none")),
                ("state", "sha256:" + sha("\n".join(state).encode()).hex()), ("reason", data.get("reason", "none"))]
        self.signed(entry, data, "state", said)
        self.state = state

    def token(self, entry, data):
        """Everybody makes and revokes tokens of their own; admins and principals also for roles that theirs covers."""
        who, name, token, made = entry["actor"], data["name"], data["token"], entry["type"] == "token.made"
        by, holder = self.acting(entry, None, f"{who} may not act"), self.people.get(name)
        need(entry["id"] == f"token/{token}/{'made' if made else 'revoked'}", "a token by another name than its entry's")
        said = [("action", "make" if made else "revoke")] + [(k, data.get(k, "none")) for k in ("token", "name", "hash", "expires")]
        self.signed(entry, data, "token", said)
        if made:
            may = who == name or (holder and holder["role"] in BELOW.get(by["role"], ()))
            need(holder and holder["active"] and token not in self.tokens and may, f"a token for {name} that {who} may not make")
        else:
            need(self.tokens.get(token) == name and (who == name or by["role"] in BELOW), f"a token that {who} may not revoke")
        self.tokens[token] = name if made else None

    def copy(self, entry, data):
        self.acting(entry, {"admin", "principal"}, "another copy was accepted by somebody who may not")
        said = [("action", "accept"), ("size", data.get("size", 0))] + [(k, data.get(k, "")) for k in ("root", "reason")]
        self.signed(entry, data, "copy", said)

    def entry(self, entry, beside=False):
        """One entry more; what lies beside a period tells its time alone where its run is not in the export."""
        data, kind = dict(entry.get("data", {})), entry["type"]
        for what, names in KINDS_OF_DATA.items():
            data = {k: v for k, v in data.items() if k not in names or (type(v) is what and (what is not int or v >= 0))}
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


NOTHING = {"by": "", "at": None, "variant": "", "artifact": "", "after": "", "until": "", "begun": ""}  # decided of a run
RULES = {kind: rule for rule, kinds in {
    Walk.person: ("key.enrolled", "key.proposed", "role.granted", "key.revoked"), Walk.word: WORDS, Walk.decision: ("decision", "override"),
    Walk.data: ("hold.set", "hold.lifted", "erasure.deferred", "erasure.executed", "disposal.proposed"), Walk.delivery: ("delivery",),
    Walk.stage: STAGES | {"run.started", "revision"}, Walk.in_force: ("pack.activated", "home.accepted"), Walk.dismissed: ("finding.dismissed",),
    Walk.canary: ("canary.revealed",), Walk.token: ("token.made", "token.revoked"), Walk.copy: ("copy.accepted",)}.items() for kind in kinds}
KINDS = MORE | OWN | set(RULES)

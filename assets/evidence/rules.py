"""The rules of an EchoVoice record: who may do what, and when, entry by entry. Part of verify.py, which lies beside it;
FORMAT.md states them. Signed notes are read here too, with `openssl`."""
import base64
import datetime
import hashlib
import pathlib
import subprocess
import tempfile

moment = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
sha = lambda data: hashlib.sha256(data).digest()
DER = bytes.fromhex("302a300506032b6570032100")  # an Ed25519 public key follows (RFC 8410)
DECIDES = {"officer", "principal"}
STAGES = {"segment.done", "retrieve.done", "variant.generated", "gate.result", "analytics.done", "stage.failed"}
WORDS = {"withdrawn": "withdraw", "expired": "expire", "reopened": "reopen", "comment": "comment", "recall": "recall", "assigned": ""}
WHICH = {kind: rule for rule, kinds in {
    "person": ("key.enrolled", "key.proposed", "role.granted", "key.revoked"), "pack": ("pack.activated",), "copy": ("copy.accepted",), "delivery": ("delivery",),
    "data": ("hold.set", "hold.lifted", "erasure.deferred", "erasure.executed", "disposal.proposed"), "word": WORDS,
    "decision": ("decision", "override"), "stage": STAGES | {"run.started", "revision"}}.items() for kind in kinds}
TERMS = "variant artifact verdict pack decision code reason send_after expires bulk proven_by time".split()
APART = datetime.timedelta(seconds=120)  # between the clocks of several machines
OTHER = "a signed note that says something else than its entry"


class Bad(Exception):
    """Something does not hold."""


def need(holds, words):
    if not holds:
        raise Bad(words)


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


class Walk:
    """What the entries say of people and runs, step by step, under the rules that they were written by."""

    def __init__(self, everything):
        self.everything = everything
        self.people, self.keys, self.makers, self.runs, self.released = {}, {}, {}, {}, {}
        self.held, self.gone, self.proposed, self.decisions = set(), set(), {}, 0
        self.since, self.genesis, self.newest, self.jump, self.jumps = None, 0, None, None, 0
        self.customers, self.others = {}, None

    def acting(self, entry, roles, words):
        by = self.people.get(entry["actor"])
        need(by and by["active"] and by["role"] == entry["role"] and (roles is None or by["role"] in roles), words)
        return by

    def signed(self, entry, data, kind, lines, key=None):
        """Whether the entry's note says exactly this, in the hand of who made it."""
        text = f"echovoice/{kind}/v1\n" + "".join(f"{name} {value}\n" for name, value in lines) + f"time {entry['time']}\n"
        need(opened(data["note"], key or self.people[entry["actor"]]["key"]) == text, OTHER)

    def format(self, entry, data):
        """Format 1 holds until the genesis, or a later entry, names format 2."""
        kind, named = entry["type"], data.get("format") == "echovoice-ledger/2"
        need(kind != "log.genesis" or entry["seq"] == 0, "a second genesis")
        need(kind != "log.rules" or (named and self.since is None and entry["id"] == "rules/2"), "other rules than those that hold")
        if kind in ("log.genesis", "log.rules") and named:
            self.since, self.genesis = entry["seq"], data.get("people", 0) if kind == "log.genesis" else 0
        self.customers, self.others = ({}, data["customers"]) if "customers" in data else (self.customers, self.others)
        self.customers.update({entry["subject"]: data["customer_key"]} if "customer_key" in data else {})

    def strict(self, entry, data):
        """What format 2 asks of every entry: a name, a time, and a run that stands so."""
        kind, time, who = entry["type"], moment(entry["time"]), entry["actor"]
        need(entry["time"].endswith("Z"), "a time that is not in UTC")
        if entry["role"] != "system":
            self.acting(entry, None, f"{who} acted and may not, or not in this role")
        need(entry["role"] != "system" or who == "system", f"{who} acted as the log itself")
        need(kind != "key.enrolled" or who != "system" or entry["seq"] <= self.genesis, "only the first entries enrol people by the log itself")
        if kind == "clock.jump":
            self.jumps += 1
            need(who == "system" and entry["id"] == f"clock/jump/{self.jumps}" and self.follows(moment(data["from"])), "a jump of the clock that does not follow")
            self.newest, self.jump = time, entry["seq"]
            return
        if kind == "clock.confirmed":
            self.acting(entry, DECIDES, "the clock was confirmed by somebody who may not")
            need(entry["id"] == f"clock/confirmed/{self.jump}", "no such jump of the clock is to be confirmed")
            self.signed(entry, data, "clock", [("action", "confirm"), ("jump", self.jump), ("reason", data["reason"])])
            self.jump = None
        need(self.jump is None or kind not in ("decision", "override"), "a decision by a clock that jumped, and nobody has confirmed it")
        need(self.newest is None or time >= self.newest - APART, "a time before that of an earlier entry")
        self.newest = max(self.newest or time, time)
        if kind in STAGES or kind in ("run.started", "revision"):
            known = self.runs.get(entry["run"])
            need((known is None) == (kind == "run.started"), "a run that was started before, or never")
            need(entry["role"] in {"system", "marketer"} | DECIDES, f"{who} may not make runs")
            stands = known["stands"] if known else "running"
            need(stands in ("running", "failed") or (kind == "revision" and stands == "open"), "a run that has ended is changed")

    def follows(self, time):
        """Whether this is the newest time so far; of a period not all are there."""
        return self.newest is None or time == self.newest or (time > self.newest and not self.everything)

    def person(self, entry, data):
        name, kind, who, known = data["name"], entry["type"], entry["actor"], self.people.get(data["name"])
        lost = known and "proposal" in data
        enrol = ({"admin", "principal"}, "replace") if lost else (None, "rotate") if known else ({"admin"}, "enrol")
        roles, action = {"key.proposed": ({"admin", "principal"}, "propose"), "role.granted": ({"admin"}, "grant"),
                         "key.revoked": ({"admin"}, "revoke")}.get(kind, enrol)
        need(known["active"] if known else kind == "key.enrolled", f"{name} is not known, or enrolled again after the key was revoked")
        if roles and not (action == "enrol" and entry["role"] == "system"):
            self.acting(entry, roles, f"people or their keys in the hands of {who}, who may not")
            need(who != name, f"{who} managed their own rights or key")
        need(roles or (who == name and data["role"] == known["role"]), f"a new key of {name} that changes more than the key")
        if entry["role"] != "system":
            said = [("action", action)] + [(k, data.get(k, "none")) for k in ("name", "role", "key")]
            self.signed(entry, data, "people", said, None if roles else known["key"])
        if kind == "key.proposed":
            self.keys[entry["seq"]] = (who, name, data["key"])
        elif kind != "key.enrolled":
            known.update({"role": data["role"]} if action == "grant" else {"active": False})
        else:
            by, *same = self.keys.get(data.get("proposal"), (None, None, None))
            need(not lost or (same == [name, data["key"]] and by != who and data["role"] == known["role"]), "a new key that no other custodian proposed")
            self.people[name] = {"role": data["role"], "key": unbase64(data["key"]), "active": True}

    def data(self, entry, data):
        who, kind = data["subject"], entry["type"]
        self.acting(entry, {"principal"}, "a customer's data in the hands of somebody who may not")
        self.signed(entry, data, "data", [("action", kind), ("subject", who), ("until", data.get("until", "none")), ("reason", data["reason"])])
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

    def run(self, name):
        fresh = {"claimed": "", "escalated": False, "bulk": False, "two": (), "first": None, "by": "", "after": "", "until": "",
                 "begun": None, "stands": "running", "artifacts": {}, "verdict": None, "judged": {}, "hard": ()}
        return self.runs.setdefault(name, fresh)

    def decision(self, entry, data):
        run, who, kind, variant, state = entry["run"], entry["actor"], data["kind"], data["variant"], self.run(entry["run"])
        by = self.acting(entry, DECIDES, f"{who} decided without the right to")
        text = opened(data["note"], by["key"])
        lines = dict(line.split(" ", 1) for line in text.split("\n") if " " in line)
        said = [lines.get(k) for k in ("run", "variant", "artifact", "verdict")] + [lines.get("decision", "").lower()]
        need(said == [run, variant, data["artifact"], data["verdict"], kind], OTHER)
        if self.since is not None:
            told = {**data, "pack": entry.get("pack"), "decision": kind.upper(), "time": entry["time"]}
            terms = "".join(f"{k} {lines.get(k, '') if k == 'reason' else told.get(k) or 'none'}\n" for k in TERMS)
            need(text == f"echovoice/decision/v2\nrun {run}\n{terms}", OTHER)
            need(data["artifact"] == state["artifacts"].get(variant, 0), "a decision about a text that is not the run's")
            need((data["verdict"], entry.get("pack")) == state["verdict"] and variant in state["judged"], "a decision about another verdict than the gate's")
            blocked = state["judged"][variant] == "block"
            need((entry["type"] == "override") == (kind == "override") and (kind != "approve" or not blocked), "an approval of what is blocked")
            need(kind != "override" or (blocked and variant not in state["hard"]), "an override of what nobody may override")
            need(state["stands"] == "open", "a decision about a run that does not wait for one")
        need(state["claimed"] in ("", who), f"{who} decided what {state['claimed']} had claimed")
        need(by["role"] == "principal" or not state["escalated"], f"{who} decided what was escalated")
        need("bulk" not in data or state["bulk"], "a decision together with others where the policy allows none")
        sign, first, stands = (kind, data["artifact"]), state["first"], "rejected" if kind == "reject" else "open"
        if kind in ("approve", "override"):
            need(who not in self.makers.get(run, ()), f"{who} decided about words of their own")
            second = first is not None and first[1] == sign
            need(not second or first[0] != who, f"{who} signed twice where two people must")
            if second or (kind == "approve" and variant not in state["two"]):
                self.released[(run, data["artifact"])], stands = entry["seq"], "approved"
        state.update(claimed="", by=who, after=data.get("send_after", ""), until=data.get("expires", ""), stands=stands, begun=None,
                     first=(who, sign) if kind in ("approve", "override") else None)
        self.decisions += 1

    def word(self, entry, data):
        """Claimed, escalated, withdrawn and the like: who may, signed, and what it ends."""
        state, kind, who = self.run(entry["run"]), entry["type"], entry["actor"]
        how = WORDS[kind] or data["how"]
        if kind == "expired":
            need(entry["role"] == "system" and moment(entry["time"]) >= moment(state["until"]), "an approval was called lapsed before its time")
        else:
            by = self.acting(entry, None if kind == "comment" else DECIDES, f"{who} may not {how}")
            self.signed(entry, data, "review", [("action", how), ("run", entry["run"]), ("to", data.get("to", "none")), ("reason", data.get("reason", ""))])
            principal = by["role"] == "principal"
            free = not state["claimed"] and (principal or not state["escalated"])
            may = {"assign": principal, "claim": free, "release": principal or state["claimed"] == who, "withdraw": principal or state["by"] == who}
            need(may.get(how, True), f"{who} may not {how} this run as it stands")
        if kind in ("withdrawn", "expired", "reopened"):
            self.released = {pair: seq for pair, seq in self.released.items() if pair[0] != entry["run"]}
            state.update(first=None, by="", after="", until="", stands="open", begun=None)
        if kind == "assigned":
            state["claimed"] = {"claim": who, "assign": data.get("to", "")}.get(how, "")
            state["escalated"] |= how == "escalate"

    def stage(self, entry, data):
        state, kind = self.run(entry["run"]), entry["type"]
        need(kind != "run.started" or entry.get("subject") not in self.gone, "a run of a customer who was erased")
        fresh = {"verdict": None, "judged": {}, "hard": ()}
        if kind == "revision":
            self.makers.setdefault(entry["run"], set()).add(data.get("maker"))
            keeps = data.get("from", "safety") in ("safety", "analyze")
            state.update(fresh, first=None, stands="running", artifacts=state["artifacts"] if keeps else {})
        state.update({"variant.generated": {**fresh, "artifacts": data.get("artifacts", {})}, "stage.failed": {"stands": "failed"},
                      "gate.result": {"two": data.get("two", {}), "verdict": (data.get("verdict"), entry.get("pack")),
                                      "judged": data.get("variants", {}), "hard": data.get("hard", ())},
                      "analytics.done": {"bulk": data.get("bulk", False), "stands": "held out" if data.get("holdout") else "open"}}.get(kind, {}))

    def delivery(self, entry, data):
        pair, state, status = (entry["run"], data["artifact"]), self.run(entry["run"]), data["status"]
        if status in ("begun", "delivered"):
            allowed = pair in self.released and (self.since is None or self.released[pair] == data.get("decision"))
            need(allowed and (status != "begun" or not state["begun"]), "a delivery without an earlier approval of the same content, or twice")
        if status == "delivered":
            time = moment(state["begun"] or entry["time"])
            in_time = (not state["after"] or time >= moment(state["after"])) and (not state["until"] or time <= moment(state["until"]))
            need(in_time, "a delivery outside the time that its approval allows")
            del self.released[pair]
        state.update(begun=entry["time"] if status == "begun" else state["begun"] if status == "held" else None)
        state["stands"] = "delivered" if status == "delivered" else state["stands"]

    def pack(self, entry, data):
        self.acting(entry, {"admin"} | DECIDES, "a pack was activated by somebody who may not")
        need(data.get("author") != entry["actor"], f"{entry['actor']} activated a pack of their own")

    def copy(self, entry, data):
        self.acting(entry, {"admin", "principal"}, "another copy was accepted by somebody who may not")
        self.signed(entry, data, "copy", [("action", "accept")] + [(k, data[k]) for k in ("size", "root", "reason")])

    def entry(self, entry, beside=False):
        """One entry more; what lies beside a period tells its time alone where its run is not in the export."""
        data, kind = entry.get("data", {}), entry["type"]
        if beside and "run" in entry and entry["run"] not in self.runs and kind != "run.started":
            return
        self.format(entry, data)
        if self.since is not None:
            self.strict(entry, data)
        if kind in WHICH:
            getattr(self, WHICH[kind])(entry, data)

"""Turns one recorded sample into captures/NAME.pcap[ng], captures/NAME.truth.json and its quiz entry.

The capture is copied as it was recorded. The truth file is a digest of the lab's truth.json: connection by
connection, what the two kernels and the applications lived through. No analyser's opinion enters here.
"""

import datetime
import json
import os
import platform
import re
import shutil
import struct

import capfile
import truth
from facts import Facts

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
CAPTURES = os.path.join(ROOT, "captures")
LINE_WIDTH = 110  # as biome.json says
QUIZ = os.path.join(ROOT, "test", "quiz", "questions.json")
SIDE = {"c": "client", "s": "server"}
KIND = {
    "synack": "syn-ack",
    "rto": "timeout",
    "loss": "after-timeout",
    "tlp": "tail-loss-probe",
    "tlpnew": "tail-loss-probe-new-data",
    "zwp": "zero-window-probe",
    "ka": "keep-alive",
    "pmtu": "path-mtu",
}
STATE = {"SYN_RECV": "SYN_RECEIVED", "FIN_WAIT1": "FIN_WAIT_1", "FIN_WAIT2": "FIN_WAIT_2", "CLOSE": "CLOSED"}
SS = {
    "ESTAB": "ESTABLISHED",
    "SYN-SENT": "SYN_SENT",
    "SYN-RECV": "SYN_RECEIVED",
    "FIN-WAIT-1": "FIN_WAIT_1",
    "FIN-WAIT-2": "FIN_WAIT_2",
    "TIME-WAIT": "TIME_WAIT",
    "CLOSE-WAIT": "CLOSE_WAIT",
    "LAST-ACK": "LAST_ACK",
    "CLOSING": "CLOSING",
    "UNCONN": "CLOSED",
}
ERRNO = {110: "ETIMEDOUT", 104: "ECONNRESET", 111: "ECONNREFUSED", 113: "EHOSTUNREACH", 101: "ENETUNREACH", 13: "EACCES", 32: "EPIPE"}


def text(a):
    return ("[%s]:%d" if ":" in a[0] else "%s:%d") % tuple(a)


def flag_names(fl):
    return ",".join(n for n, b in (("SYN", 2), ("FIN", 1), ("RST", 4), ("PSH", 8), ("ACK", 16)) if fl & b)


def final_state(c, host, tables, latest):
    """The state at the end of the recording: the kernel's socket table, or the path for a tuple opened again later."""
    local, remote = (c["client"], c["server"]) if host == c["opener"] else (c["server"], c["client"])
    if latest:
        for state, here, there in tables[host]:
            if here == text(local) and there == text(remote):
                return SS.get(state, state)
    # TIME_WAIT would still stand in the table had it not been reopened: a tuple used again ended as CLOSED.
    return "CLOSED"


def outcome(c, sent_by):
    """One word for how the connection went, from kernel states, socket errors and resets."""
    path, err = c["path"], {h: [s["sk_err"] for s in c["states"][h] if s["new"] == "CLOSE" and s["sk_err"]] for h in "cs"}
    o = c["opener"]
    never = "ESTABLISHED" not in path[o]
    classes = [truth.rst_class(r) for r in c["rst"]]
    if not path["c"] and not path["s"]:
        return "aborted" if c["rst"] else "half-open"
    if never:
        if 111 in err[o] and "refused" in classes:
            return "refused"
        if any(e in (111, 113, 101, 13) for e in err[o]):
            return "unreachable"
        return "unanswered" if 110 in err[o] else "aborted" if path[o][-1:] == ["CLOSE"] else "open"
    if any(110 in e for e in err.values()) and not c["rst_received"]:
        return "timed-out"
    if c["rst"] or c["rst_received"]:
        return "reset"
    if all(path[h] and path[h][-1] in ("TIME_WAIT", "CLOSE") for h in "cs"):
        return "closed"
    if c["first_fin"]:
        return "half-closed"
    return "embryonic" if not path["s"] else "open"


def rows_of(folder, point):
    """The per-packet rows of one capture point: (frame, ts, sender, conn, seq, len, flags, lost)."""
    out = []
    with open(os.path.join(folder, point + ".frames.tsv")) as f:
        for line in f:
            if line[0] != "#":
                p = line.rstrip("\n").split("\t")
                out.append((int(p[0]), int(p[1]), p[2], int(p[3]), int(p[4]), int(p[5]), int(p[6]), p[12] == "1"))
    return out


def both_points(folder, tr):
    """Writes both.pcap, what the hosts captured in one file in the order of time, and says which packet of it each of the client's is."""
    records = []
    for point in ("client", "server"):
        for n, ts, data, wire in capfile.frames(os.path.join(folder, tr["captures"][point]["file"])):
            records.append((ts, point, n, data, wire))
    records.sort(key=lambda r: r[0])
    target = os.path.join(folder, "both.pcap")
    with open(target, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, tr["snap"], 1))
        for ts, _, _, data, wire in records:
            f.write(struct.pack("<IIII", ts // 10**9, ts % 10**9, len(data), wire) + data)
    return target, {r[2]: place for place, r in enumerate(records, 1) if r[1] == "client"}


def clocked_capture(folder, tr):
    """What the recorder with its own clock captured, which must be what the client's capture holds, in the same order: only its times are its own."""
    source = os.path.join(folder, "clocked.pcap")
    here, there = ([b for _, _, b, _ in capfile.frames(f)] for f in (source, os.path.join(folder, tr["captures"]["client"]["file"])))
    if here != there:
        raise NotAsTold("the two recorders at the client's interface captured different packets")
    return source


def network_events(tr, rules, point, rows, first):
    """What the bridge did to packets, each with its frame in the published capture where it stands there."""
    out, used = [], set()
    for e in tr["bridge"]["events"]:
        sender = "c" if e["dir"] == "c2s" else "s"
        mine = [r for r in rows if r[2] == sender and r[4] == e["seq"] and r[5] == e["len"] and r[6] == e["flags"] and r[0] not in used]
        if e["verdict"] == "drop" and (SIDE[sender] != point and (point != "mid" or e["stage"] == 1)):
            mine = []
        best = min(mine, key=lambda r: abs(r[1] - e["ts"]), default=None)
        if best:
            used.add(best[0])
        out.append(
            {
                "atNs": e["ts"] - first,
                "direction": "client to server" if sender == "c" else "server to client",
                "flags": flag_names(e["flags"]),
                "bytes": e["len"],
                "verdict": e["verdict"],
                "rule": rules.get(e["why"], e["why"]),
                "frame": best[0] if best else None,
            }
        )
    return out


def connection(c, tr, point, first, tables, latest):
    """The digest of one connection."""
    o = c["opener"] if c["opener"] in "cs" else "c"
    # Lab hosts are gt-c and gt-s; every sample is opened by gt-c, so host and side coincide.
    pick = [r for r in tr["retransmissions"] if r["conn"] == c["id"]]
    isn = {"c": c["isn"], "s": c["server_isn"]}
    frame = lambda r: (r["frames"].get(point) or [None])[0]
    rel = lambda r: (r["seq"] - isn[r["host"]]) & 0xFFFFFFFF if isn[r["host"]] is not None else None
    app = c.get("app", {})
    us = c.get("kernel_connect_us", {}).get(o)
    return {
        "id": c["id"],
        "client": text(c["client"]),
        "server": text(c["server"]),
        "outcome": outcome(c, o),
        "connectNs": round(us * 1000) if us is not None else None,
        "connectApplicationNs": app.get("connect_ns"),
        "applicationSaw": app.get("end") or app.get("result"),
        "finalStates": {SIDE[h]: final_state(c, h, tables, latest) for h in "cs"},
        "statePaths": {SIDE[h]: [STATE.get(s, s) for s in c["path"][h]] for h in "cs"},
        "socketErrors": {
            SIDE[h]: next((ERRNO.get(s["sk_err"], s["sk_err"]) for s in c["states"][h] if s["new"] == "CLOSE" and s["sk_err"]), None) for h in "cs"
        },
        "firstFin": SIDE.get(c["first_fin"]),
        "resets": [
            {
                "by": SIDE[r["from"]],
                "atNs": r["ts"] - first,
                "class": truth.rst_class(r),
                "kernelReason": r["reason"],
                "answers": flag_names(r["in_reply_to"]["flags"]) if r["in_reply_to"] else None,
            }
            for r in c["rst"]
        ],
        "resetReceivedBy": sorted({SIDE[r["at"]] for r in c["rst_received"]}),
        "retransmissions": [
            {
                "side": SIDE[r["host"]],
                "kind": KIND.get(r["kind"], r["kind"]),
                "atNs": r["ts"] - first,
                "relativeSeq": rel(r),
                "bytes": r["len"],
                "flags": flag_names(r["flags"]),
                "needless": bool(r["needless"]),
                "lost": bool(r["lost"]),
                "refusedByReceiver": r["refused"] or None,
                "frame": frame(r),
            }
            for r in pick
        ],
        "probes": [
            {"side": SIDE[r["host"]], "kind": KIND.get(r["kind"], r["kind"]), "atNs": r["ts"] - first, "frame": frame(r)}
            for r in tr["probes"]
            if r["conn"] == c["id"]
        ],
    }


def measured(tr, frames):
    """Figures of single stories: what the application measured, and how far the client's ACK numbers went."""
    out = {}
    if "gave_up_ns" in tr["app_extra"]:
        out["gaveUpNs"] = tr["app_extra"]["gave_up_ns"]
    replies = [n for c in tr["conns"] for n in c.get("app", {}).get("reply_ns", [])]
    if replies:
        out["replyNs"] = replies
    tls = [c["app"]["tls"] for c in tr["conns"] if "tls" in c.get("app", {})]
    if tls:
        out["tls"] = tls
    first = {}
    for c in tr["conns"][:1]:
        acks = [t["ack"] for _, _, b, w in frames if (t := capfile.tcp(b, w)) and t["flags"] & 16 and (t["src"], t["sport"]) == tuple(c["client"])]
        one_way = all(t["src"] == c["client"][0] for _, _, b, w in frames if (t := capfile.tcp(b, w)))
        if acks and one_way and c["server_isn"] is not None and len(acks) > 3:
            first["ackedByClient"] = max((a - c["server_isn"] - 1) & 0xFFFFFFFF for a in acks if a)
    return {**out, **first}


class NotAsTold(Exception):
    """The recording does not show what its recipe tells; recording again usually helps."""


def verify(recipe, doc, tr, facts):
    """Refuses a recording in which a rule did not fire, an event is missing, or the story went another way."""
    if tr["kernel_events_lost"] or tr["anomalies"].get("frames_not_traced") or any(c.get("unknown") for c in tr["captures"].values()):
        raise NotAsTold("the kernel truth is incomplete")
    fired = {e["rule"] for e in doc["network"]}
    for text_of in recipe.rules.values():
        if text_of not in fired:
            raise NotAsTold("never happened: " + text_of)
    outcomes = tuple(c["outcome"] for c in doc["connections"])
    if recipe.expect and outcomes != recipe.expect:
        raise NotAsTold(f"outcomes {outcomes} instead of {recipe.expect}")
    if not recipe.check(facts):
        raise NotAsTold("the recipe's own check failed")


def publish(recipe, folder):
    """Copies the capture, writes the truth and the quiz entry; returns a line for the terminal."""
    with open(os.path.join(folder, "truth.json")) as f:
        tr = json.load(f)
    point, place = recipe.point, lambda n: n
    if point == "both":
        source, places = both_points(folder, tr)
        point, place = "client", places.get
    elif point == "clocked":
        source, point = clocked_capture(folder, tr), "client"
    else:
        source = os.path.join(folder, tr["captures"][point]["file"])
    name = recipe.name + os.path.splitext(source)[1]
    target = os.path.join(CAPTURES, name)
    os.makedirs(CAPTURES, exist_ok=True)
    frames = list(capfile.frames(source))
    if not frames:
        raise RuntimeError("empty capture")
    first = frames[0][1]
    last_of = {}
    for c in tr["conns"]:
        last_of[frozenset((tuple(c["client"]), tuple(c["server"])))] = c["id"]
    rules = dict(recipe.rules)
    doc = {
        "sample": recipe.name,
        "file": name,
        "note": recipe.note,
        "recorded": {
            "point": recipe.point,
            "why": recipe.why,
            "rttMs": tr["rtt_ms"],
            "format": "pcapng" if name.endswith("ng") else recipe.stage.get("fmt", "pcap-ns"),
            "snapLength": 256 if recipe.point == "mid" else tr["snap"],
            "rules": [{"rule": k, "means": v} for k, v in rules.items()],
            "done": recipe.done,
            "sysctl": tr["sysctl"],
            "kernel": "Linux " + ".".join(platform.release().split(".")[:2]),
            "date": datetime.date.fromtimestamp(first / 1e9).isoformat(),
        },
        "times": "nanoseconds since the first packet of the capture, on the clock that stamped it",
        "packets": len(frames),
        "firstPacketNs": str(first),
        "connections": [
            connection(c, tr, point, first, tr["sockets_at_end"], last_of[frozenset((tuple(c["client"]), tuple(c["server"])))] == c["id"])
            for c in tr["conns"]
        ],
        "network": network_events(tr, rules, point, [(place(r[0]), *r[1:]) for r in rows_of(folder, point)], first),
    }
    doc.update(measured(tr, frames))
    verify(recipe, doc, tr, Facts(doc, source))
    for old in (recipe.name + ".pcap", recipe.name + ".pcapng"):
        if os.path.exists(os.path.join(CAPTURES, old)):
            os.remove(os.path.join(CAPTURES, old))
    shutil.copyfile(source, target)
    answer = recipe.answer(Facts(doc, target))
    with open(os.path.join(CAPTURES, recipe.name + ".truth.json"), "w") as f:
        f.write(json.dumps(doc, indent=1) + "\n")
    quiz(recipe, name, answer)
    states = "; ".join(f"{c['outcome']} {c['finalStates']['client']}/{c['finalStates']['server']}" for c in doc["connections"])
    return f"{len(frames)} packets, {os.path.getsize(target)} B, {states}\n    {answer}"


def quiz(recipe, file, answer):
    """Replaces the sample's entry in test/quiz/questions.json; entries stand in the order of the recipes."""
    from recipes import RECIPES

    entries = {}
    if os.path.exists(QUIZ):
        with open(QUIZ) as f:
            entries = {e["name"]: e for e in json.load(f)}
    entries[recipe.name] = {
        "name": recipe.name,
        "file": "captures/" + file,
        "question": recipe.question,
        "answer": answer,
        "mustMention": recipe.must,
    }
    os.makedirs(os.path.dirname(QUIZ), exist_ok=True)
    with open(QUIZ, "w") as f:
        f.write(formatted([entries[n] for n in RECIPES if n in entries]) + "\n")


def formatted(entries):
    """JSON as the project's formatter wants it: two spaces, a short list on one line."""
    text = json.dumps(entries, indent=2, ensure_ascii=False)

    def one_line(m):
        line = m.group(1) + "[" + ", ".join(x.strip() for x in m.group(2).strip().split(",\n")) + "]"
        return line if len(line) <= LINE_WIDTH else m.group(0)

    return re.sub(r'(?m)^( *"mustMention": )\[\n(.*?)\n *\]', one_line, text, flags=re.S)

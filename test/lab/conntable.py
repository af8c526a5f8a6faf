"""Writes conns.tsv: one line a connection, what the two kernels and the application lived through."""

import os

from kinds import rst_class

CONN_COLS = (
    "id client server isn opener t_syn_ns outcome connect_us connect_app_us first_fin reset_by rst_class rst_received_by path_c path_s final_c final_s "
    "rtx_c rtx_s needless_c needless_s zwp ka tlp rto fast busy_us_c busy_us_s rwnd_us_c rwnd_us_s sndbuf_us_c sndbuf_us_s app_end"
).split()


def sending_times(c, tr):
    """How long each host had data on the way, and was held by the window or the send buffer: columns by name, "-" unknown."""
    server = next((s["tcp_info"] for s in tr.get("server_sockets") or [] if s["peer"] == list(c["client"])), None)
    infos = {"c": c.get("app", {}).get("tcp_info"), "s": server}
    names = (("busy_us", "busy_time"), ("rwnd_us", "rwnd_limited"), ("sndbuf_us", "sndbuf_limited"))
    return {f"{column}_{h}": info[key] if (info := infos[h]) else "-" for column, key in names for h in "cs"}


def conn_table(d, tr):
    """conns.tsv: one line per connection, what the two kernels and the application lived through."""
    mb = any(v.get("injected") for v in tr["captures"].values())
    with open(os.path.join(d, "conns.tsv"), "w") as f:
        f.write("\t".join(CONN_COLS) + "\n")
        for c in tr["conns"]:
            j = lambda a: ("[%s]:%d" if ":" in a[0] else "%s:%d") % tuple(a)
            r0 = c["rst"][0] if c["rst"] else None
            got = {r["at"] for r in c["rst_received"]}
            killed = {h: next((s for s in c["states"][h] if s["new"] == "CLOSE" and s["sk_err"]), None) for h in "cs"}
            timeo = [h for h in "cs" if killed[h] and killed[h]["sk_err"] == 110]
            p = c["path"]
            if not p["c"] and not p["s"]:
                out = "halfopen"
            elif timeo:
                out = "unanswered" if killed[timeo[0]]["old"] == "SYN_SENT" else "timeout"
            elif r0 and rst_class(r0) == "refused":
                out = "refused"
            elif mb and not c["rst"] and got:
                out = "reset"
            elif got:
                out = "reset"
            elif all(p[h] and p[h][-1] in ("TIME_WAIT", "CLOSE") for h in "cs"):
                out = "closed"
            elif c["first_fin"]:
                out = "half-closed"
            else:
                out = "open"
            o = c["opener"] if c["opener"] in "cs" else "c"
            rx = lambda h: sum(c["rtx"][h].values())
            rk = lambda k: sum(c["rtx"][h].get(k, 0) for h in "cs")
            v = {
                "id": c["id"],
                "client": j(c["client"]),
                "server": j(c["server"]),
                "isn": c["isn"],
                "opener": c["opener"],
                "t_syn_ns": c["t_syn"],
                "outcome": out,
                "connect_us": c.get("kernel_connect_us", {}).get(o, ""),
                "connect_app_us": (
                    round(c["app"]["connect_ns"] / 1000, 1) if c.get("app", {}).get("connect_ns") and c["app"]["result"] == "ok" else ""
                ),
                "first_fin": c["first_fin"] or "-",
                "reset_by": "m" if mb and got and not c["rst"] else r0["from"] if r0 else "-",
                "rst_class": "middlebox" if mb and got and not c["rst"] else rst_class(r0) if r0 else "-",
                "rst_received_by": "".join(sorted(got)) or "-",
                "path_c": ">".join(p["c"]) or "-",
                "path_s": ">".join(p["s"]) or "-",
                "final_c": (p["c"] or ["-"])[-1],
                "final_s": (p["s"] or ["-"])[-1],
                "rtx_c": rx("c"),
                "rtx_s": rx("s"),
                "needless_c": c["spurious"]["c"],
                "needless_s": c["spurious"]["s"],
                "zwp": sum(c["probes"][h].get("zwp", 0) for h in "cs"),
                "ka": sum(c["probes"][h].get("ka", 0) for h in "cs"),
                "tlp": rk("tlp"),
                "rto": rk("rto") + rk("loss"),
                "fast": rk("fast"),
                **sending_times(c, tr),
                "app_end": str(c.get("app", {}).get("end", "") or c.get("app", {}).get("result", "")).replace("\t", " "),
            }
            f.write("\t".join(str(v[k]) for k in CONN_COLS) + "\n")

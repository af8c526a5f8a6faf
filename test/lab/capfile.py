"""Minimal pcap / pcapng reader and writer for Ethernet + IPv4/IPv6 + TCP headers (no dependencies)."""

import struct
from socket import inet_ntop, AF_INET, AF_INET6


def frames(fn):
    """Yields (frame number, ts_ns, bytes, wire length)."""
    b = open(fn, "rb").read()
    if len(b) < 24:
        return
    m = struct.unpack_from("<I", b)[0]
    n = 0
    if m in (0xA1B2C3D4, 0xA1B23C4D):
        mul, o = (1000 if m == 0xA1B2C3D4 else 1), 24
        while o + 16 <= len(b):
            s, f, c, w = struct.unpack_from("<4I", b, o)
            n += 1
            yield n, s * 1000000000 + f * mul, b[o + 16 : o + 16 + c], w
            o += 16 + c
        return
    if m != 0x0A0D0D0A:
        raise ValueError("not a capture: " + fn)
    o, res = 0, []
    while o + 12 <= len(b):
        t, l = struct.unpack_from("<2I", b, o)
        if l < 12:
            break
        if t == 1:
            r, q = 1000, o + 16
            while q + 4 <= o + l - 4:
                oc, ol = struct.unpack_from("<2H", b, q)
                if oc == 0:
                    break
                if oc == 9:
                    r = {6: 1000, 9: 1}[b[q + 4]]
                q += 4 + (ol + 3) // 4 * 4
            res.append(r)
        elif t == 6:
            i, hi, lo, c, w = struct.unpack_from("<5I", b, o + 8)
            n += 1
            yield n, ((hi << 32) | lo) * res[i], b[o + 28 : o + 28 + c], w
        o += l


def tcp(b, wire=0):
    """Decodes one Ethernet frame; returns a dict or None when it is not TCP."""
    if len(b) < 54:
        return None
    o, et = 14, (b[12] << 8) | b[13]
    while et == 0x8100 or et == 0x88A8:
        et = (b[o + 2] << 8) | b[o + 3]
        o += 4
    if et == 0x0800:
        if b[o + 9] != 6:
            return None
        ihl = (b[o] & 15) * 4
        tot = (b[o + 2] << 8) | b[o + 3]
        ipid = (b[o + 4] << 8) | b[o + 5]
        src, dst, p = inet_ntop(AF_INET, b[o + 12 : o + 16]), inet_ntop(AF_INET, b[o + 16 : o + 20]), o + ihl
        if tot == 0:
            tot = wire - o
        ln = tot - ihl
    elif et == 0x86DD:
        if b[o + 6] != 6:
            return None
        src, dst, p, ipid = inet_ntop(AF_INET6, b[o + 8 : o + 24]), inet_ntop(AF_INET6, b[o + 24 : o + 40]), o + 40, 0
        ln = (b[o + 4] << 8) | b[o + 5]
    else:
        return None
    sp, dp, seq, ack, off, fl, win = struct.unpack_from("!HHIIBBH", b, p)
    doff = (off >> 4) * 4
    tsv = tse = 0
    q, e = p + 20, min(p + doff, len(b))
    while q + 1 < e:
        k = b[q]
        if k == 0:
            break
        if k == 1:
            q += 1
            continue
        if k == 8 and q + 10 <= e:
            tsv, tse = struct.unpack_from("!II", b, q + 2)
        if b[q + 1] < 2:
            break
        q += b[q + 1]
    return {
        "src": src,
        "dst": dst,
        "sport": sp,
        "dport": dp,
        "seq": seq,
        "ack": ack,
        "flags": fl,
        "len": ln - doff,
        "ipid": ipid,
        "tsv": tsv,
        "tse": tse,
        "win": win,
    }


def with_ipid(b, ipid):
    """The Ethernet frame with another IPv4 identification and the header checksum that belongs to it; IPv6 as it is."""
    if b[12:14] != b"\x08\x00":
        return b
    end = 14 + (b[14] & 15) * 4
    h = bytearray(b[14:end])
    struct.pack_into("!H", h, 4, ipid)
    struct.pack_into("!H", h, 10, 0)
    s = sum(struct.unpack("!%dH" % (len(h) // 2), h))
    while s >> 16:
        s = (s & 0xFFFF) + (s >> 16)
    struct.pack_into("!H", h, 10, ~s & 0xFFFF)
    return b[:14] + bytes(h) + b[end:]


def write_subset(src, dst, keep, edit=lambda b, t: b):
    """Copies the frames for which keep(n, bytes, tcp) is true, as edit() leaves them, to a nanosecond pcap; returns {new: old}."""
    mp = {}
    with open(dst, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for n, ts, b, w in frames(src):
            t = tcp(b, w)
            if not keep(n, b, t):
                continue
            b = edit(b, t)
            mp[len(mp) + 1] = n
            f.write(struct.pack("<4I", ts // 1000000000, ts % 1000000000, len(b), w))
            f.write(b)
    return mp

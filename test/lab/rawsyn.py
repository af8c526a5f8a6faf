"""SYNs that no kernel made, for raw sockets: scans, strays and floods. The addresses in them may be anybody's."""

import socket
import struct


def checksum(b):
    if len(b) % 2:
        b += b"\0"
    s = sum(struct.unpack(f"!{len(b) // 2}H", b))
    s = (s & 0xFFFF) + (s >> 16)
    return ~(s + (s >> 16)) & 0xFFFF


def syn_packet(source, destination, seq, *, mss=True, ip_id=4242, ttl=64):
    """An IPv4 packet with a SYN; source and destination are (address, port)."""
    src, dst = socket.inet_aton(source[0]), socket.inet_aton(destination[0])
    opt = b"\x02\x04\x05\xb4" if mss else b""
    t = struct.pack("!HHIIBBHHH", source[1], destination[1], seq, 0, (5 + len(opt) // 4) << 4, 2, 64240, 0, 0) + opt
    c = checksum(src + dst + struct.pack("!BBH", 0, 6, len(t)) + t)
    t = t[:16] + struct.pack("!H", c) + t[18:]
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(t), ip_id, 0, ttl, 6, 0, src, dst) + t

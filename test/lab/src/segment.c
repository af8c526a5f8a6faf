/* Reads a frame as a TCP segment and remembers its connection, clamps an MSS option, forges the reset of a
 * middlebox and the acknowledgment of an accelerator. Follows RFC 9293 §3.1 (header) and §3.2 (options). Judges nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include "bridge.h"

static struct conn *table[65536];
static int conn_count;

static u32 be32(const unsigned char *p) { return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3]; }
static unsigned be16(const unsigned char *p) { return p[0] << 8 | p[1]; }
static int data_offset(const unsigned char *th) { return (th[12] >> 4) * 4; }

/* The position of a TCP option in the header, or 0. */
static int option(const unsigned char *th, int kind)
{
    for (int o = 20; o + 1 < data_offset(th);) {
        if (th[o] == 0) break;
        if (th[o] == 1) {
            o++;
            continue;
        }
        if (th[o] == kind) return o;
        if (th[o + 1] < 2) break;
        o += th[o + 1];
    }
    return 0;
}

static int read_ip(const struct frame *f, struct segment *s)
{
    const unsigned char *b = f->b;
    unsigned type = be16(b + 12);
    if (type == 0x0800 && f->len >= 54 && b[23] == 6) {
        s->l4 = 14 + (b[14] & 15) * 4;
        s->iplen = be16(b + 16) ? (int)be16(b + 16) : f->len - 14;
        s->ipid = be16(b + 18);
        memcpy(s->addr[0], b + 26, 4);
        memcpy(s->addr[1], b + 30, 4);
        return 1;
    }
    if (type == 0x86dd && f->len >= 74 && b[20] == 6) {
        s->l4 = 54;
        s->iplen = be16(b + 18) + 40;
        s->v6 = 1;
        memcpy(s->addr[0], b + 22, 16);
        memcpy(s->addr[1], b + 38, 16);
        return 1;
    }
    return 0;
}

/* The connection of a segment; a SYN with another sequence number begins a new one. Side 0 is the client's interface. */
static struct conn *find(const struct segment *s, int dir, u64 t)
{
    int x = dir, syn = (s->flags & 18) == 2;
    u32 h = (s->port[x] * 31 + s->port[!x] * 17 + s->addr[x][3] * 7 + s->addr[x][15]) & 65535;
    struct conn *c = table[h];
    while (c && (c->port[0] != s->port[x] || c->port[1] != s->port[!x] || memcmp(c->addr[0], s->addr[x], 16) ||
                 memcmp(c->addr[1], s->addr[!x], 16)))
        c = c->next;
    if (c && !(syn && c->d[dir].have && c->d[dir].isn != s->seq)) return c;
    c = calloc(1, sizeof *c);
    memcpy(c->addr[0], s->addr[x], 16);
    memcpy(c->addr[1], s->addr[!x], 16);
    c->port[0] = s->port[x];
    c->port[1] = s->port[!x];
    c->next = table[h];
    table[h] = c;
    c->idx = ++conn_count;
    c->t0 = t;
    return c;
}

/* Says what the segment is and takes it into the connection's memory. */
static int classify(const struct segment *s, int dir)
{
    struct conn *c = s->c;
    int fl = s->flags, mask = M_ANY;
    if ((fl & 2) || !c->d[dir].have) {
        if (!c->d[dir].have) c->d[dir].maxend = s->seq + !!(fl & 2);
        c->d[dir].isn = s->seq;
        c->d[dir].have = 1;
    }
    if (fl & 4) return mask | M_RST;
    if (fl & 2) mask |= fl & 16 ? M_SYNACK : M_SYN;
    else {
        if (s->paylen > 0) mask |= M_DATA | ((int32_t)(s->seq + s->paylen - c->d[dir].maxend) > 0 ? M_NEWDATA : M_RTX);
        if (fl & 1) mask |= M_FIN;
        else if (!s->paylen) mask |= M_ACK;
        if (!c->d[dir].nonsyn) mask |= M_HSACK;
        c->d[dir].nonsyn = 1;
        if (c->d[!dir].have_fin && s->ack == c->d[!dir].fin_end) mask |= M_ACKOFFIN;
    }
    u32 end = s->seq + s->paylen + !!(fl & 2);
    if ((int32_t)(end - c->d[dir].maxend) > 0) c->d[dir].maxend = end;
    if (fl & 1) {
        c->d[dir].have_fin = 1;
        c->d[dir].fin_end = end + 1;
    }
    return mask;
}

void read_segment(struct frame *f, struct segment *s, u64 t)
{
    memset(s, 0, sizeof *s);
    strcpy(s->src, "-");
    strcpy(s->dst, "-");
    if (!read_ip(f, s)) return;
    s->tcp = 1;
    unsigned char *th = s->th = f->b + s->l4;
    s->port[0] = be16(th);
    s->port[1] = be16(th + 2);
    s->seq = be32(th + 4);
    s->ack = be32(th + 8);
    s->flags = th[13];
    s->paylen = s->iplen - (s->l4 - 14) - data_offset(th);
    int o = option(th, 8);
    if (o) s->tsv = be32(th + o + 2);
    inet_ntop(s->v6 ? AF_INET6 : AF_INET, s->addr[0], s->src, sizeof s->src);
    inet_ntop(s->v6 ? AF_INET6 : AF_INET, s->addr[1], s->dst, sizeof s->dst);
    s->c = find(s, f->dir, t);
    s->mask = classify(s, f->dir);
    s->c->d[f->dir].win = be16(th + 14);
    s->c->d[f->dir].tsv = s->tsv;
}

/* RFC 1624: the checksum after one 16-bit word changed. */
static void checksum_update(unsigned char *c, uint16_t before, uint16_t after)
{
    u32 x = (uint16_t)~be16(c);
    x += (uint16_t)~before;
    x += after;
    x = (x & 0xffff) + (x >> 16);
    x = (x & 0xffff) + (x >> 16);
    x = (uint16_t)~x;
    c[0] = x >> 8;
    c[1] = x;
}

int clamp_mss(struct segment *s, unsigned limit)
{
    unsigned char *th = s->th;
    int o = s->flags & 2 ? option(th, 2) : 0;
    unsigned before = o ? be16(th + o + 2) : 0;
    if (before <= limit) return 0;
    th[o + 2] = limit >> 8;
    th[o + 3] = limit;
    checksum_update(th + 16, before, limit);
    return 1;
}

/* What a router does whose queue is long (RFC 3168 §5): of senders that understand it no packet is dropped. */
int mark_congestion(struct frame *f, const struct segment *s)
{
    unsigned char *ip = f->b + 14;
    unsigned before = be16(ip);
    int shift = s->v6 ? 4 : 0;
    if (!(ip[1] >> shift & 3)) return 0;
    ip[1] |= 3 << shift;
    if (!s->v6) checksum_update(ip + 10, before, be16(ip));
    return 1;
}

/* Turns one bit over in the payload byte `at`; the checksum stays that of the segment as it was sent. */
int corrupt(struct segment *s, int at)
{
    if (at >= s->paylen) return 0;
    s->th[data_offset(s->th) + at] ^= 1;
    return 1;
}

static uint16_t checksum(const unsigned char *p, int n, u32 s)
{
    for (; n > 1; n -= 2, p += 2) s += be16(p);
    if (n) s += p[0] << 8;
    while (s >> 16) s = (s & 0xffff) + (s >> 16);
    return ~s;
}

/* The frame, IPv4 and TCP headers of a forged segment that goes the way of f, or back: ports and addresses are filled in,
 * and TTL 61 and IP id 0x7777 mark it for the truth files. `tcp_len`: its TCP header with options. */
static struct frame *forge(const struct frame *f, int back, int tcp_len)
{
    const unsigned char *ip = f->b + 14, *t = ip + (ip[0] & 15) * 4;
    struct frame *g = calloc(1, sizeof *g + 34 + tcp_len);
    unsigned char *o = g->b, *oi = o + 14, *ot = o + 34;
    memcpy(o, f->b + (back ? 6 : 0), 6);
    memcpy(o + 6, f->b + (back ? 0 : 6), 6);
    o[12] = 8;
    oi[0] = 0x45;
    oi[3] = 20 + tcp_len;
    oi[4] = oi[5] = 0x77;
    oi[8] = 61;
    oi[9] = 6;
    memcpy(oi + 12, ip + (back ? 16 : 12), 4);
    memcpy(oi + 16, ip + (back ? 12 : 16), 4);
    memcpy(ot, t + (back ? 2 : 0), 2);
    memcpy(ot + 2, t + (back ? 0 : 2), 2);
    ot[12] = tcp_len << 2;
    g->len = 34 + tcp_len;
    g->dir = back ? !f->dir : f->dir;
    return g;
}

/* Fills in both checksums. */
static struct frame *sealed(struct frame *g)
{
    unsigned char *oi = g->b + 14, *ot = g->b + 34;
    int tcp_len = g->len - 34;
    u32 sum = 6 + tcp_len;
    uint16_t c = checksum(oi, 20, 0);
    oi[10] = c >> 8;
    oi[11] = c;
    for (int i = 12; i < 20; i += 2) sum += be16(oi + i);
    c = checksum(ot, tcp_len, sum);
    ot[16] = c >> 8;
    ot[17] = c;
    return g;
}

static void put32(unsigned char *p, u32 x)
{
    x = htonl(x);
    memcpy(p, &x, 4);
}

/* The acknowledgment of a box beside the sender of data segment f, in the receiver's place: with the window and the clock
 * that the receiver showed last (RFC 7323 §3.2). */
struct frame *forge_ack(const struct frame *f, const struct segment *s)
{
    int has_ts = option(s->th, 8) > 0;
    struct frame *g = forge(f, 1, has_ts ? 32 : 20);
    unsigned char *ot = g->b + 34;
    memcpy(ot + 4, s->th + 8, 4);
    put32(ot + 8, s->seq + s->paylen);
    ot[13] = 0x10;
    ot[14] = s->c->d[!f->dir].win >> 8;
    ot[15] = s->c->d[!f->dir].win;
    if (has_ts) {
        memcpy(ot + 20, (unsigned char[]){1, 1, 8, 10}, 4);
        put32(ot + 24, s->c->d[!f->dir].tsv);
        put32(ot + 28, s->tsv);
    }
    return sealed(g);
}

/* The reset of a middlebox that saw segment f, towards its sender or its receiver (IPv4 only). */
struct frame *forge_rst(struct frame *f, int toward_sender)
{
    const unsigned char *ip = f->b + 14, *t = ip + (ip[0] & 15) * 4;
    u32 paylen = be16(ip + 2) - (ip[0] & 15) * 4 - data_offset(t);
    struct frame *g = forge(f, toward_sender, 20);
    unsigned char *ot = g->b + 34;
    memcpy(ot + 4, t + (toward_sender ? 8 : 4), 4);
    if (toward_sender) put32(ot + 8, be32(t + 4) + paylen);
    else memcpy(ot + 8, t + 8, 4);
    ot[13] = 0x14;
    return sealed(g);
}

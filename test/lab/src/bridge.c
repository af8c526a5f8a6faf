/* bridge: a user-space path between two interfaces (AF_PACKET), seeded and scriptable.
 * usage: bridge IF_CLIENT IF_SERVER CONFIG LOG.tsv MID.pcap
 *
 * config (one directive a line, '#' comments):
 *   seed N | mid_vlan N
 *   link c2s|s2c k=v ...   delay_us jitter_us rate_kbps queue_bytes mark_us loss_ppm dup_ppm dup_us
 *                          reorder_ppm reorder_us keep_order at=0|1|2   (0: seeded coin)
 *   rule k=v ...           dir=c2s|s2c|any match=SYN|SYNACK|HSACK|ACK|DATA|NEWDATA|RTX|FIN|ACKOFFIN|RST|ANY
 *                          nth=A[-B|+] (per connection) conn=A[-B|+] relge= rellt= after_ms= before_ms= (since SYN)
 *                          gafter_ms= gbefore_ms= (since start) iplen_gt= prob_ppm= stage=1|2
 *                          action=drop|delay:US|holduntil:MS|dup:US|mss:N|corrupt:BYTE|rst|ack:US
 *                          (ack: data goes on, and an acknowledgment comes back to its sender after that time)
 * Every frame meets stage 1, then the mid-path tap (MID.pcap, nanosecond), then stage 2. A frame lost
 * in stage 1 is not in MID.pcap; a frame lost in stage 2 is. Marks (mark_us: of what waits longer in the queue) and
 * corrupted payload stand in MID.pcap.
 * log: R idx dir rx_ns len src sport dst dport seq ack flags paylen ipid tsv verdict why stage
 *      M idx copy mid_frame ns          (frame written to the mid pcap)
 *      T idx copy ns                    (frame transmitted)
 *      X socket_drops n                 (frames that the bridge itself missed)
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <net/if.h>
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/if_ether.h>
#include "bridge.h"

#define MAXFRAME 68000 /* a TSO super-frame and its header */
#define MIDSNAP 256
u64 start_ns;
static volatile sig_atomic_t stop;
static FILE *log_file, *mid_file;
static u64 frame_count, mid_count;
static int fd[2];

static void on_signal(int s)
{
    (void)s;
    stop = 1;
}

u64 now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (u64)t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* --- schedule: a binary heap by time, then by arrival ------------------------------------------------ */
enum { TAP, SEND };
struct event {
    u64 t, order;
    int kind, copy;
    struct frame *f;
};
static struct event *heap;
static size_t heap_len, heap_cap;
static u64 order;

static int sooner(const struct event *a, const struct event *b) { return a->t < b->t || (a->t == b->t && a->order < b->order); }

static void push(u64 t, int kind, int copy, struct frame *f)
{
    if (heap_len == heap_cap) {
        heap_cap = heap_cap ? heap_cap * 2 : 1024;
        heap = realloc(heap, heap_cap * sizeof *heap);
    }
    size_t i = heap_len++;
    struct event e = {t, order++, kind, copy, f};
    f->refs++;
    while (i && sooner(&e, &heap[(i - 1) / 2])) {
        heap[i] = heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap[i] = e;
}

static struct event pop(void)
{
    struct event first = heap[0], e = heap[--heap_len];
    size_t i = 0;
    for (;;) {
        size_t c = 2 * i + 1;
        if (c >= heap_len) break;
        if (c + 1 < heap_len && sooner(&heap[c + 1], &heap[c])) c++;
        if (!sooner(&heap[c], &e)) break;
        heap[i] = heap[c];
        i = c;
    }
    if (heap_len) heap[i] = e;
    return first;
}

/* --- what is written ----------------------------------------------------------------------------------- */
static void mid_write(struct frame *f, u64 t, int copy)
{
    unsigned char tag[4] = {0x81, 0, mid_vlan >> 8, mid_vlan & 255};
    u32 n = f->len + (mid_vlan ? 4 : 0), cap = n < MIDSNAP ? n : MIDSNAP;
    u32 h[4] = {t / 1000000000ULL, t % 1000000000ULL, cap, n};
    fwrite(h, 16, 1, mid_file);
    if (mid_vlan) {
        fwrite(f->b, 12, 1, mid_file);
        fwrite(tag, 4, 1, mid_file);
        fwrite(f->b + 12, cap - 16, 1, mid_file);
    } else fwrite(f->b, cap, 1, mid_file);
    fprintf(log_file, "M\t%llu\t%d\t%llu\t%llu\n", LLU(f->idx), copy, LLU(++mid_count), LLU(t));
}

static void log_received(const struct frame *f, const struct segment *s, const struct verdict *v, u64 t)
{
    fprintf(log_file, "R\t%llu\t%s\t%llu\t%d\t%s\t%u\t%s\t%u\t%u\t%u\t%d\t%d\t%u\t%u\t%s\t%s\t%d\n", LLU(f->idx), f->dir ? "s2c" : "c2s",
            LLU(t), f->len, s->src, s->port[0], s->dst, s->port[1], s->seq, s->ack, s->flags, s->paylen, s->ipid, s->tsv, v->name,
            v->why, v->drop ? v->stage : v->extra ? v->extra_stage : 0);
}

/* --- the path of a frame ------------------------------------------------------------------------------- */
void inject(struct frame *g, u64 after, const char *why)
{
    u64 t = now_ns();
    const unsigned char *th = g->b + 34;
    u32 seq, ack;
    memcpy(&seq, th + 4, 4);
    memcpy(&ack, th + 8, 4);
    g->idx = ++frame_count;
    fprintf(log_file, "R\t%llu\t%s\t%llu\t%d\t-\t0\t-\t0\t%u\t%u\t%d\t0\t%u\t0\tinjected\t%s\t1\n", LLU(g->idx), g->dir ? "s2c" : "c2s",
            LLU(t), g->len, ntohl(seq), ntohl(ack), th[13], 0x7777, why);
    if (!after) push(t, TAP, 0, g);
    push(t + (after ? after : links[g->dir].delay / 2), SEND, 0, g);
}

/* Serialization delay behind the frames already queued; a full queue drops. */
static u64 queue_wait(struct frame *f, struct link *l, u64 t, struct verdict *v)
{
    u64 serial = (u64)f->len * 8 * 1000000 / l->rate_kbps, free_at = l->q_free > t ? l->q_free : t;
    if (l->queue && (free_at - t) * l->rate_kbps / 8000000 > l->queue) {
        v->drop = 1;
        v->stage = 2;
        v->name = "drop";
        v->why = "queue";
        return 0;
    }
    l->q_free = free_at + serial;
    return l->q_free - t;
}

static void handle(struct frame *f)
{
    u64 t = now_ns(), wait = 0;
    struct link *l = &links[f->dir];
    struct segment s;
    struct verdict v;
    read_segment(f, &s, t);
    judge(f, &s, t, &v);
    if (s.tcp && !v.drop && l->rate_kbps) wait = queue_wait(f, l, t, &v);
    if (l->mark && wait > l->mark && !v.drop && mark_congestion(f, &s)) {
        v.name = "mark";
        v.why = "queue";
    }
    f->idx = ++frame_count;
    log_received(f, &s, &v, t);
    f->refs++;
    if (!(v.drop && v.stage == 1)) {
        u64 tap = t + l->delay / 2 + (v.extra_stage == 1 ? v.extra : 0);
        u64 send = t + l->delay + wait + (l->jitter ? rnd() % l->jitter : 0);
        /* A delayed frame may be overtaken; all others keep their order unless the link says otherwise. */
        if (l->keep && !v.extra) {
            if (send < l->last_tx) send = l->last_tx;
            l->last_tx = send;
        }
        send += v.extra;
        if (send < tap) send = tap;
        push(tap, TAP, 0, f);
        if (!v.drop) push(send, SEND, 0, f);
        if (!v.drop && v.dup) push(send + v.dup_ns, SEND, 1, f);
    }
    if (--f->refs == 0) free(f);
}

static void due(void)
{
    u64 t = now_ns();
    while (heap_len && heap[0].t <= t) {
        struct event e = pop();
        struct frame *f = e.f;
        if (e.kind == TAP) mid_write(f, now_ns(), e.copy);
        else {
            struct iovec iv[2] = {{&f->vh, sizeof f->vh}, {f->b, f->len}};
            struct msghdr m = {.msg_iov = iv, .msg_iovlen = 2};
            u64 sent = now_ns();
            ssize_t r = sendmsg(fd[!f->dir], &m, 0);
            fprintf(log_file, "%s\t%llu\t%d\t%llu\n", r < 0 ? "E" : "T", LLU(f->idx), e.copy, LLU(sent));
            if (r < 0) fprintf(stderr, "bridge: send: %s\n", strerror(errno));
        }
        if (--f->refs == 0) free(f);
    }
}

static void receive(int dir)
{
    static unsigned char buf[MAXFRAME];
    for (int k = 0; k < 64; k++) {
        struct virtio_net_hdr vh;
        struct iovec iv[2] = {{&vh, sizeof vh}, {buf, MAXFRAME}};
        struct msghdr m = {.msg_iov = iv, .msg_iovlen = 2};
        ssize_t n = recvmsg(fd[dir], &m, MSG_DONTWAIT);
        if (n <= (ssize_t)sizeof vh) return;
        n -= sizeof vh;
        struct frame *f = malloc(sizeof *f + n);
        f->vh = vh;
        f->len = n;
        f->dir = dir;
        f->refs = 0;
        memcpy(f->b, buf, n);
        handle(f);
    }
}

static int open_socket(const char *ifname)
{
    int s = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), one = 1, big = 64 << 20;
    struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = if_nametoindex(ifname)};
    if (s < 0 || !a.sll_ifindex) {
        perror(ifname);
        exit(1);
    }
    setsockopt(s, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
    /* With the virtio header a super-frame of TSO crosses the bridge in one piece. */
    if (setsockopt(s, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof one)) {
        perror("vnet_hdr");
        exit(1);
    }
    setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof big);
    setsockopt(s, SOL_SOCKET, SO_SNDBUFFORCE, &big, sizeof big);
    setsockopt(s, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one);
    if (bind(s, (void *)&a, sizeof a)) {
        perror("bind");
        exit(1);
    }
    return s;
}

static void run(void)
{
    const u64 longest = 50000000;
    while (!stop) {
        due();
        struct pollfd p[2] = {{fd[0], POLLIN, 0}, {fd[1], POLLIN, 0}};
        u64 t = now_ns(), w = heap_len ? (heap[0].t > t ? heap[0].t - t : 0) : longest;
        struct timespec ts = {0, (long)(w > longest ? longest : w)};
        if (ppoll(p, 2, &ts, NULL) <= 0) continue;
        for (int d = 0; d < 2; d++)
            if (p[d].revents & POLLIN) receive(d);
    }
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "usage: bridge IF_CLIENT IF_SERVER CONFIG LOG.tsv MID.pcap\n");
        return 2;
    }
    config(argv[3]);
    log_file = fopen(argv[4], "w");
    mid_file = fopen(argv[5], "w");
    if (!log_file || !mid_file) {
        perror("open");
        return 1;
    }
    setvbuf(log_file, NULL, _IOFBF, 1 << 20);
    setvbuf(mid_file, NULL, _IOFBF, 1 << 20);
    u32 header[6] = {0xa1b23c4d, 2 | 4 << 16, 0, 0, MIDSNAP, 1};
    fwrite(header, 24, 1, mid_file);
    fd[0] = open_socket(argv[1]);
    fd[1] = open_socket(argv[2]);
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    prctl(PR_SET_TIMERSLACK, 1);
    start_ns = now_ns();
    printf("ready\n");
    fflush(stdout);
    run();
    struct tpacket_stats st;
    socklen_t sl = sizeof st;
    unsigned drops = 0;
    for (int d = 0; d < 2; d++)
        if (!getsockopt(fd[d], SOL_PACKET, PACKET_STATISTICS, &st, &sl)) drops += st.tp_drops;
    fprintf(log_file, "X\tsocket_drops\t%u\n", drops);
    fclose(log_file);
    fclose(mid_file);
    return 0;
}

/* Shared by the three parts of the impairment bridge: bridge.c (frames, clock, sockets), rules.c (the
 * configuration and what it asks of a segment), segment.c (reading, clamping and forging TCP segments).
 * Numbers are host order and nanoseconds unless a name says otherwise. */
#ifndef BRIDGE_H
#define BRIDGE_H
#include <stdint.h>
#include <linux/virtio_net.h>

typedef uint64_t u64;
typedef uint32_t u32;
#define MAXRULES 32
#define LLU(x) ((unsigned long long)(x))

/* One direction of the path: 0 client to server, 1 server to client. */
struct link {
    u64 delay, jitter, rate_kbps, queue, mark, dup_ns, reorder_ns; /* mark: wait in the queue from which it marks; 0 never */
    u32 loss, dup, reorder; /* parts per million */
    int keep, at;           /* keep order; stage of random events (0: a seeded coin) */
    u64 last_tx, q_free;
};

/* What a segment is, as far as rules can name it. */
enum {
    M_SYN = 1, M_SYNACK = 2, M_HSACK = 4, M_ACK = 8, M_DATA = 16, M_NEWDATA = 32, M_RTX = 64, M_FIN = 128,
    M_ACKOFFIN = 256, M_RST = 512, M_ANY = 1024
};

struct rule {
    int dir, match, nlo, nhi, clo, chi, stage, iplen_gt;
    long relge, rellt, after, before, gafter, gbefore; /* bytes since the ISN; milliseconds */
    u32 prob;
    char act[16];
    u64 arg;
    char txt[512];
};

/* A connection as the bridge sees it: enough to say "the second FIN" or "the first repeat". */
struct conn {
    struct conn *next;
    unsigned char addr[2][16];
    uint16_t port[2];
    int idx;
    u64 t0;
    struct {
        u32 isn, maxend, fin_end, tsv;
        uint16_t win;
        int have, have_fin, nonsyn;
    } d[2];
    uint16_t cnt[MAXRULES];
};

struct frame {
    struct virtio_net_hdr vh;
    int len, dir, refs;
    u64 idx;
    unsigned char b[];
};

/* A frame read as TCP; tcp is 0 for anything else, and then only the texts are valid. */
struct segment {
    int tcp, v6, l4, iplen, paylen, flags, mask;
    u32 seq, ack, tsv, ipid;
    uint16_t port[2];
    unsigned char addr[2][16];
    char src[50], dst[50];
    unsigned char *th;
    struct conn *c;
};

/* What happens to a frame. */
struct verdict {
    const char *name, *why;
    int drop, dup, stage, extra_stage;
    u64 extra, dup_ns;
};

extern struct link links[2];
extern int mid_vlan;
extern u64 start_ns;

u64 now_ns(void);
u64 rnd(void);
int chance(u32 ppm);

void config(const char *file);
void judge(struct frame *f, struct segment *s, u64 t, struct verdict *v);

void read_segment(struct frame *f, struct segment *s, u64 t);
int clamp_mss(struct segment *s, unsigned limit);
int mark_congestion(struct frame *f, const struct segment *s);
int corrupt(struct segment *s, int at);
struct frame *forge_rst(struct frame *f, int toward_sender);
struct frame *forge_ack(const struct frame *f, const struct segment *s);
/* Takes a forged frame into the schedule and the log: by the tap half-way, or at once from beside its receiver. */
void inject(struct frame *g, u64 after, const char *why);
#endif

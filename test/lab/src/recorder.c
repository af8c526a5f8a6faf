/* Loads truth.bpf.o, writes one JSON object per kernel event to a file until SIGINT/SIGTERM.
 * usage: recorder truth.bpf.o out.jsonl   (prints "ready" on stdout once attached) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <time.h>
#include <arpa/inet.h>
#include <bpf/libbpf.h>
#include <bpf/btf.h>
#include "truth.h"

static volatile sig_atomic_t stop;
static void on_sig(int s)
{
    (void)s;
    stop = 1;
}
static FILE *out;
static unsigned long long nev;

static struct sym {
    unsigned long long a;
    char n[56];
} * syms;
static size_t nsyms;
static int symcmp(const void *x, const void *y)
{
    const struct sym *a = x, *b = y;
    return a->a < b->a ? -1 : a->a > b->a;
}
static void load_syms(void)
{
    FILE *f = fopen("/proc/kallsyms", "r");
    char line[512];
    size_t cap = 0;
    while (f && fgets(line, sizeof line, f)) {
        unsigned long long a;
        char t, n[256];
        if (sscanf(line, "%llx %c %255s", &a, &t, n) != 3 || (t != 't' && t != 'T')) continue;
        if (nsyms == cap) {
            cap = cap ? cap * 2 : 65536;
            syms = realloc(syms, cap * sizeof *syms);
        }
        syms[nsyms].a = a;
        snprintf(syms[nsyms].n, sizeof syms[nsyms].n, "%s", n);
        nsyms++;
    }
    if (f) fclose(f);
    qsort(syms, nsyms, sizeof *syms, symcmp);
}
static const char *symof(unsigned long long a)
{
    size_t lo = 0, hi = nsyms;
    while (lo + 1 < hi) {
        size_t m = (lo + hi) / 2;
        if (syms[m].a <= a)
            lo = m;
        else
            hi = m;
    }
    return nsyms && syms[lo].a <= a ? syms[lo].n : "?";
}
static struct btf *vbtf;
static const char *enum_name(const char *en, int v, const char *strip)
{
    int id = vbtf ? btf__find_by_name_kind(vbtf, en, BTF_KIND_ENUM) : -1;
    if (id < 0) return "?";
    const struct btf_type *t = btf__type_by_id(vbtf, id);
    const struct btf_enum *e = btf_enum(t);
    for (int i = 0; i < btf_vlen(t); i++)
        if (e[i].val == v) {
            const char *n = btf__name_by_offset(vbtf, e[i].name_off);
            return strncmp(n, strip, strlen(strip)) ? n : n + strlen(strip);
        }
    return "?";
}
static const char *st[] = {"?",     "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",    "TIME_WAIT",
                           "CLOSE", "CLOSE_WAIT",  "LAST_ACK", "LISTEN",   "CLOSING",   "NEW_SYN_RECV", "BOUND_INACTIVE"};
#define ST(x) ((x) < 14 ? st[x] : "?")

static void put_addr(const char *k, int fam, const unsigned char *a)
{
    char b[64] = "";
    inet_ntop(fam == 10 ? AF_INET6 : AF_INET, a, b, sizeof b);
    fprintf(out, ",\"%s\":\"%s\"", k, b);
}
static void put_sock(const struct tr_sock *s, int full)
{
    if (!s->sk) return;
    fprintf(out, ",\"sk\":\"%llx\",\"state\":\"%s\"", s->sk & 0xffffffffffffULL, ST(s->state));
    put_addr("laddr", s->family, s->saddr);
    fprintf(out, ",\"lport\":%u", s->sport);
    put_addr("raddr", s->family, s->daddr);
    fprintf(out, ",\"rport\":%u", s->dport);
    if (!s->valid) return;
    fprintf(out, ",\"ca\":%u,\"retransmits\":%u,\"backoff\":%u,\"snd_una\":%u,\"snd_nxt\":%u,\"tlp_high\":%u,\"rcv_nxt\":%u",
            s->ca_state, s->retransmits, s->backoff, s->snd_una, s->snd_nxt, s->tlp_high_seq, s->rcv_nxt);
    if (full)
        fprintf(out,
                ",\"snd_wnd\":%u,\"rcv_wnd\":%u,\"packets_out\":%u,\"lost_out\":%u,\"sacked_out\":%u,\"retrans_out\":%u,\"total_"
                "retrans\":%u,\"srtt_us\":%u,\"min_rtt_us\":%u,\"cwnd\":%u,\"mss\":%u,\"reordering\":%u,\"reord_seen\":%u,"
                "\"dsack_dups\":%u,\"segs_out\":%u,\"segs_in\":%u,\"data_segs_out\":%u,\"data_segs_in\":%u,\"bytes_sent\":%llu,"
                "\"bytes_retrans\":%llu,\"bytes_acked\":%llu,\"bytes_received\":%llu",
                s->snd_wnd, s->rcv_wnd, s->packets_out, s->lost_out, s->sacked_out, s->retrans_out, s->total_retrans, s->srtt_us,
                s->rttmin_us, s->snd_cwnd, s->mss, s->reordering, s->reord_seen, s->dsack_dups, s->segs_out, s->segs_in,
                s->data_segs_out, s->data_segs_in, s->bytes_sent, s->bytes_retrans, s->bytes_acked, s->bytes_received);
}
/* innermost first; stop at the softirq boundary so that an outer context is never blamed */
static void put_stack(const struct tr_event *e)
{
    int n = 0;
    fprintf(out, ",\"stk\":\"");
    for (int i = 0; i < e->nstack && i < TR_STACK; i++) {
        const char *s = symof(e->stack[i] - 1);
        if (!strncmp(s, "handle_softirqs", 15) || !strncmp(s, "__do_softirq", 12)) break;
        if (strstr(s, "tcp") || !strncmp(s, "inet_", 5) || strstr(s, "_release") || strstr(s, "call_timer") ||
            strstr(s, "do_exit"))
            fprintf(out, "%s%s", n++ ? "<" : "", s);
    }
    fprintf(out, "\"");
}
static int put_pkt(const struct tr_event *e)
{
    const unsigned char *h = e->hdr, *t;
    int iplen, l4;
    unsigned id = 0;
    if (e->hdrlen < 40) return 0;
    if (h[0] >> 4 == 4) {
        if (h[9] != 6) return 0;
        l4 = (h[0] & 15) * 4;
        iplen = h[2] << 8 | h[3];
        id = h[4] << 8 | h[5];
        put_addr("src", 2, h + 12);
        put_addr("dst", 2, h + 16);
    } else if (h[0] >> 4 == 6) {
        if (h[6] != 6) return 0;
        l4 = 40;
        iplen = (h[4] << 8 | h[5]) + 40;
        put_addr("src", 10, h + 8);
        put_addr("dst", 10, h + 24);
    } else
        return 0;
    t = h + l4;
    int doff = (t[12] >> 4) * 4;
    unsigned seq = ntohl(*(unsigned *)(t + 4)), ack = ntohl(*(unsigned *)(t + 8)), tsv = 0, tse = 0;
    if (iplen <= l4) iplen = e->skblen; /* BIG TCP */
    for (int o = 20; o + 1 < doff && l4 + o + 10 <= (int)e->hdrlen;) {
        if (t[o] == 0) break;
        if (t[o] == 1) {
            o++;
            continue;
        }
        if (t[o] == 8 && t[o + 1] == 10) {
            tsv = ntohl(*(unsigned *)(t + o + 2));
            tse = ntohl(*(unsigned *)(t + o + 6));
        }
        if (t[o + 1] < 2) break;
        o += t[o + 1];
    }
    fprintf(
        out,
        ",\"sport\":%u,\"dport\":%u,\"seq\":%u,\"ack\":%u,\"flags\":%u,\"len\":%d,\"ipid\":%u,\"win\":%u,\"tsv\":%u,\"tse\":%u",
        t[0] << 8 | t[1], t[2] << 8 | t[3], seq, ack, t[13], iplen - l4 - doff, id, t[14] << 8 | t[15], tsv, tse);
    return 1;
}
static int on_event(void *ctx, void *data, size_t sz)
{
    const struct tr_event *e = data;
    (void)ctx;
    (void)sz;
    static const char *names[] = {"?", "xmit", "rtx", "rtx_synack", "send_rst", "recv_rst", "state", "ca", "kfree", "destroy"};
    if (e->type == EV_XMIT) { /* non-TCP frames are of no interest */
        const unsigned char *h = e->hdr;
        if (e->hdrlen < 40 || !((h[0] >> 4 == 4 && h[9] == 6) || (h[0] >> 4 == 6 && h[6] == 6))) return 0;
    }
    fprintf(out, "{\"ev\":\"%s\",\"ts\":%llu", names[e->type], e->ts);
    switch (e->type) {
    case EV_XMIT:
        fprintf(out, ",\"host\":\"%c\"", e->host);
        put_pkt(e);
        fprintf(out, ",\"gso\":%u", e->gso_segs);
        put_sock(&e->s, 0);
        put_stack(e);
        break;
    case EV_RTX:
        fprintf(out, ",\"seq\":%u,\"end_seq\":%u,\"err\":%d", e->a, e->b, e->err);
        put_sock(&e->s, 0);
        put_stack(e);
        break;
    case EV_RTX_SYNACK:
        put_sock(&e->s, 0);
        put_stack(e);
        break;
    case EV_SEND_RST:
        fprintf(out, ",\"reason\":\"%s\"", enum_name("sk_rst_reason", e->a, "SK_RST_REASON_"));
        fprintf(out, ",\"cause\":{\"x\":0");
        put_pkt(e);
        fprintf(out, "}");
        put_sock(&e->s, 0);
        put_stack(e);
        break;
    case EV_RECV_RST:
        put_sock(&e->s, 0);
        put_stack(e);
        break;
    case EV_STATE:
        fprintf(out, ",\"old\":\"%s\",\"new\":\"%s\",\"sk_err\":%d", ST(e->a), ST(e->b), e->err);
        put_sock(&e->s, e->b == 7);
        put_stack(e);
        break;
    case EV_CA:
        fprintf(out, ",\"new_ca\":%u", e->a);
        put_sock(&e->s, 0);
        put_stack(e);
        break;
    case EV_KFREE:
        fprintf(out, ",\"reason\":\"%s\",\"at\":\"%s\"", enum_name("skb_drop_reason", e->a, "SKB_DROP_REASON_"), symof(e->loc));
        put_pkt(e);
        break;
    case EV_DESTROY: put_sock(&e->s, 1); break;
    }
    fprintf(out, "}\n");
    nev++;
    return 0;
}
static int quiet(enum libbpf_print_level l, const char *f, va_list a) { return l <= LIBBPF_WARN ? vfprintf(stderr, f, a) : 0; }
int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: recorder truth.bpf.o out.jsonl\n");
        return 2;
    }
    libbpf_set_print(quiet);
    load_syms();
    vbtf = btf__load_vmlinux_btf();
    struct bpf_object *o = bpf_object__open_file(argv[1], NULL);
    if (!o || bpf_object__load(o)) {
        fprintf(stderr, "load failed\n");
        return 1;
    }
    struct bpf_program *p;
    bpf_object__for_each_program(p, o) if (!bpf_program__attach(p))
    {
        fprintf(stderr, "attach %s failed\n", bpf_program__name(p));
        return 1;
    }
    struct ring_buffer *r = ring_buffer__new(bpf_object__find_map_fd_by_name(o, "rb"), on_event, NULL, NULL);
    if (!r || !(out = fopen(argv[2], "w"))) {
        fprintf(stderr, "no ring/out\n");
        return 1;
    }
    signal(SIGINT, on_sig);
    signal(SIGTERM, on_sig);
    printf("ready\n");
    fflush(stdout);
    while (!stop) ring_buffer__poll(r, 100);
    ring_buffer__consume(r);
    struct timespec a, b;
    clock_gettime(CLOCK_REALTIME, &a);
    clock_gettime(CLOCK_TAI, &b);
    unsigned long long lost = 0;
    unsigned z = 0;
    struct bpf_map *m = bpf_object__find_map_by_name(o, ".bss");
    if (m) {
        char buf[64] = "";
        if (!bpf_map__lookup_elem(m, &z, 4, buf, bpf_map__value_size(m) < 64 ? bpf_map__value_size(m) : 64, 0))
            lost = *(unsigned long long *)buf;
    }
    fprintf(out, "{\"ev\":\"end\",\"ts\":0,\"events\":%llu,\"lost\":%llu,\"tai_minus_real_s\":%ld}\n", nev, lost,
            (long)(b.tv_sec - a.tv_sec));
    fclose(out);
    return 0;
}

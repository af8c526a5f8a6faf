// Kernel truth: BTF tracepoints of the TCP stack, each with the kernel call stack
// (the call stack tells a tail-loss probe from an RTO from a RACK retransmission).
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "truth.h"
#define bpf_ntohs_(x) __builtin_bswap16(x)
char LICENSE[] SEC("license") = "GPL";

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 256 << 20);
} rb SEC(".maps");
__u64 lost = 0;
const volatile __u32 loopback_too = 0;

static __always_inline void fill_sock(struct tr_sock *o, const struct sock *sk)
{
    __builtin_memset(o, 0, sizeof(*o));
    if (!sk) return;
    o->sk = (unsigned long long)sk;
    o->family = BPF_CORE_READ(sk, __sk_common.skc_family);
    o->state = BPF_CORE_READ(sk, __sk_common.skc_state);
    o->dport = bpf_ntohs_(BPF_CORE_READ(sk, __sk_common.skc_dport));
    o->sport = BPF_CORE_READ(sk, __sk_common.skc_num);
    if (o->family == 10) {
        BPF_CORE_READ_INTO(&o->saddr, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
        BPF_CORE_READ_INTO(&o->daddr, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
    } else {
        __u32 a = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr), d = BPF_CORE_READ(sk, __sk_common.skc_daddr);
        __builtin_memcpy(o->saddr, &a, 4);
        __builtin_memcpy(o->daddr, &d, 4);
    }
    if (o->state == 12 || o->state == 6 || o->state == 10) return; /* minisocks, listeners */
    const struct inet_connection_sock *ic = (const void *)sk;
    const struct tcp_sock *tp = (const void *)sk;
    if (BPF_CORE_READ_BITFIELD_PROBED(sk, sk_protocol) != 6) return;
    o->valid = 1;
    o->ca_state = BPF_CORE_READ_BITFIELD_PROBED(ic, icsk_ca_state);
    o->retransmits = BPF_CORE_READ(ic, icsk_retransmits);
    o->backoff = BPF_CORE_READ(ic, icsk_backoff);
    o->pending = BPF_CORE_READ(ic, icsk_pending);
    o->probes_out = BPF_CORE_READ(ic, icsk_probes_out);
    o->snd_una = BPF_CORE_READ(tp, snd_una);
    o->snd_nxt = BPF_CORE_READ(tp, snd_nxt);
    o->rcv_nxt = BPF_CORE_READ(tp, rcv_nxt);
    o->snd_wnd = BPF_CORE_READ(tp, snd_wnd);
    o->rcv_wnd = BPF_CORE_READ(tp, rcv_wnd);
    o->tlp_high_seq = BPF_CORE_READ(tp, tlp_high_seq);
    o->packets_out = BPF_CORE_READ(tp, packets_out);
    o->lost_out = BPF_CORE_READ(tp, lost_out);
    o->sacked_out = BPF_CORE_READ(tp, sacked_out);
    o->retrans_out = BPF_CORE_READ(tp, retrans_out);
    o->total_retrans = BPF_CORE_READ(tp, total_retrans);
    o->srtt_us = BPF_CORE_READ(tp, srtt_us) >> 3;
    o->rttmin_us = BPF_CORE_READ(tp, rtt_min.s[0].v);
    o->snd_cwnd = BPF_CORE_READ(tp, snd_cwnd);
    o->mss = BPF_CORE_READ(tp, mss_cache);
    o->reordering = BPF_CORE_READ(tp, reordering);
    o->reord_seen = BPF_CORE_READ(tp, reord_seen);
    o->dsack_dups = BPF_CORE_READ(tp, dsack_dups);
    o->segs_out = BPF_CORE_READ(tp, segs_out);
    o->segs_in = BPF_CORE_READ(tp, segs_in);
    o->data_segs_out = BPF_CORE_READ(tp, data_segs_out);
    o->data_segs_in = BPF_CORE_READ(tp, data_segs_in);
    o->rto_us = BPF_CORE_READ(ic, icsk_rto);
    o->undo_retrans = BPF_CORE_READ(tp, undo_retrans);
    o->bytes_sent = BPF_CORE_READ(tp, bytes_sent);
    o->bytes_retrans = BPF_CORE_READ(tp, bytes_retrans);
    o->bytes_acked = BPF_CORE_READ(tp, bytes_acked);
    o->bytes_received = BPF_CORE_READ(tp, bytes_received);
}

static __always_inline int ours(const struct tr_sock *o)
{
    if (o->family == 2)
        return (o->saddr[0] == 10 && o->saddr[1] == 77) || (o->daddr[0] == 10 && o->daddr[1] == 77) ||
               (loopback_too && o->saddr[0] == 127);
    if (o->family == 10) return (o->saddr[0] == 0xfd && o->saddr[1] == 0x77) || (o->daddr[0] == 0xfd && o->daddr[1] == 0x77);
    return 0;
}

/* the wildcard listener (0.0.0.0) is "ours" when in one of our namespaces; checked by device in XMIT */
static __always_inline struct tr_event *ev(unsigned int type)
{
    struct tr_event *e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);
    if (!e) {
        __sync_fetch_and_add(&lost, 1);
        return 0;
    }
    e->ts = bpf_ktime_get_tai_ns();
    e->type = type;
    e->host = 0;
    e->a = e->b = 0;
    e->err = 0;
    e->hdrlen = 0;
    e->skblen = 0;
    e->gso_segs = 0;
    e->loc = 0;
    e->nstack = 0;
    e->netns = 0;
    return e;
}

static __always_inline void fill_hdr(struct tr_event *e, const struct sk_buff *skb)
{
    unsigned char *head = BPF_CORE_READ(skb, head);
    __u16 nh = BPF_CORE_READ(skb, network_header);
    e->skblen = BPF_CORE_READ(skb, len);
    struct skb_shared_info *si = (void *)(head + BPF_CORE_READ(skb, end));
    e->gso_segs = BPF_CORE_READ(si, gso_segs);
    if (nh == 0xffff) return;
    if (bpf_probe_read_kernel(e->hdr, TR_HDR, head + nh) == 0) e->hdrlen = TR_HDR;
}

static __always_inline void stk(void *ctx, struct tr_event *e)
{
    long n = bpf_get_stack(ctx, e->stack, sizeof(e->stack), 0);
    e->nstack = n > 0 ? (int)((unsigned long)n >> 3) : 0;
}

static __always_inline int devhost(const struct net_device *dev)
{
    char n[16] = {};
    if (!dev) return 0;
    BPF_CORE_READ_STR_INTO(&n, dev, name);
    if (n[0] == 'g' && n[1] == 't' && (n[2] == 'c' || n[2] == 's') && n[3] == '0') return n[2];
    return 0;
}

SEC("tp_btf/net_dev_start_xmit")
int BPF_PROG(on_xmit, const struct sk_buff *skb, const struct net_device *dev)
{
    int h = devhost(dev);
    if (!h) return 0;
    struct tr_event *e = ev(EV_XMIT);
    if (!e) return 0;
    e->host = h;
    fill_hdr(e, skb);
    fill_sock(&e->s, BPF_CORE_READ(skb, sk));
    stk(ctx, e);
    bpf_ringbuf_submit(e, 0);
    return 0;
}

SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(on_rtx, const struct sock *sk, const struct sk_buff *skb, int err)
{
    struct tr_event *e = ev(EV_RTX);
    if (!e) return 0;
    fill_sock(&e->s, sk);
    if (!ours(&e->s)) {
        bpf_ringbuf_discard(e, 0);
        return 0;
    }
    const struct tcp_skb_cb *cb = (const void *)&skb->cb;
    e->a = BPF_CORE_READ(cb, seq);
    e->b = BPF_CORE_READ(cb, end_seq);
    e->skblen = BPF_CORE_READ(skb, len);
    e->err = err;
    stk(ctx, e);
    bpf_ringbuf_submit(e, 0);
    return 0;
}

SEC("tp_btf/tcp_retransmit_synack")
int BPF_PROG(on_rtx_synack, const struct sock *sk, const struct request_sock *req)
{
    struct tr_event *e = ev(EV_RTX_SYNACK);
    if (!e) return 0;
    fill_sock(&e->s, (const struct sock *)req);
    if (!ours(&e->s)) {
        bpf_ringbuf_discard(e, 0);
        return 0;
    }
    stk(ctx, e);
    bpf_ringbuf_submit(e, 0);
    return 0;
}

SEC("tp_btf/tcp_send_reset")
int BPF_PROG(on_send_rst, const struct sock *sk, const struct sk_buff *skb, const enum sk_rst_reason reason)
{
    struct tr_event *e = ev(EV_SEND_RST);
    if (!e) return 0;
    fill_sock(&e->s, sk);
    if (skb) fill_hdr(e, skb);
    if (sk && !skb && !ours(&e->s)) {
        bpf_ringbuf_discard(e, 0);
        return 0;
    }
    e->a = reason;
    stk(ctx, e);
    bpf_ringbuf_submit(e, 0);
    return 0;
}

SEC("tp_btf/tcp_receive_reset")
int BPF_PROG(on_recv_rst, const struct sock *sk)
{
    struct tr_event *e = ev(EV_RECV_RST);
    if (!e) return 0;
    fill_sock(&e->s, sk);
    if (!ours(&e->s)) {
        bpf_ringbuf_discard(e, 0);
        return 0;
    }
    stk(ctx, e);
    bpf_ringbuf_submit(e, 0);
    return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_state, const struct sock *sk, const int oldstate, const int newstate)
{
    struct tr_event *e = ev(EV_STATE);
    if (!e) return 0;
    fill_sock(&e->s, sk);
    if (!ours(&e->s) || BPF_CORE_READ_BITFIELD_PROBED(sk, sk_protocol) != 6) {
        bpf_ringbuf_discard(e, 0);
        return 0;
    }
    e->a = oldstate;
    e->b = newstate;
    e->err = BPF_CORE_READ(sk, sk_err);
    stk(ctx, e);
    bpf_ringbuf_submit(e, 0);
    return 0;
}

SEC("tp_btf/tcp_cong_state_set")
int BPF_PROG(on_ca, const struct sock *sk, const u8 ca_state)
{
    struct tr_event *e = ev(EV_CA);
    if (!e) return 0;
    fill_sock(&e->s, sk);
    if (!ours(&e->s)) {
        bpf_ringbuf_discard(e, 0);
        return 0;
    }
    e->a = ca_state;
    stk(ctx, e);
    bpf_ringbuf_submit(e, 0);
    return 0;
}

SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(on_destroy, const struct sock *sk)
{
    struct tr_event *e = ev(EV_DESTROY);
    if (!e) return 0;
    fill_sock(&e->s, sk);
    if (!ours(&e->s)) {
        bpf_ringbuf_discard(e, 0);
        return 0;
    }
    bpf_ringbuf_submit(e, 0);
    return 0;
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(on_kfree, const struct sk_buff *skb, void *location, enum skb_drop_reason reason)
{
    if ((int)reason <= 2 || reason == SKB_DROP_REASON_OTHERHOST || reason == SKB_DROP_REASON_UNHANDLED_PROTO) return 0;
    __u16 proto = BPF_CORE_READ(skb, protocol);
    if (proto != 0x0008 && proto != 0xdd86) return 0;
    struct tr_event *e = ev(EV_KFREE);
    if (!e) return 0;
    fill_hdr(e, skb);
    int ok = 0;
    if (e->hdrlen) {
        if (proto == 0x0008)
            ok = e->hdr[9] == 6 && e->hdr[12] == 10 && e->hdr[13] == 77;
        else
            ok = e->hdr[6] == 6 && e->hdr[8] == 0xfd && e->hdr[9] == 0x77;
    }
    if (!ok) {
        bpf_ringbuf_discard(e, 0);
        return 0;
    }
    __builtin_memset(&e->s, 0, sizeof(e->s));
    e->a = reason;
    e->loc = (unsigned long long)location;
    bpf_ringbuf_submit(e, 0);
    return 0;
}

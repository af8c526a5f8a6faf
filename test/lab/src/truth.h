/* Shared between truth.bpf.c (kernel side) and recorder.c (user side). */
#ifndef TRUTH_H
#define TRUTH_H
#define TR_STACK 40
#define TR_HDR 112
enum { EV_XMIT = 1, EV_RTX, EV_RTX_SYNACK, EV_SEND_RST, EV_RECV_RST, EV_STATE, EV_CA, EV_KFREE, EV_DESTROY };
struct tr_sock {
	unsigned long long sk;
	unsigned char family, state, ca_state, retransmits, backoff, pending, probes_out, valid;
	unsigned short sport, dport;
	unsigned char saddr[16], daddr[16];
	unsigned int snd_una, snd_nxt, rcv_nxt, snd_wnd, rcv_wnd, tlp_high_seq, packets_out, lost_out, sacked_out, retrans_out;
	unsigned int total_retrans, srtt_us, rttmin_us, snd_cwnd, mss, reordering, reord_seen, dsack_dups;
	unsigned int segs_out, segs_in, data_segs_out, data_segs_in, rto_us, undo_retrans;
	unsigned long long bytes_sent, bytes_retrans, bytes_acked, bytes_received;
};
struct tr_event {
	unsigned long long ts;      /* CLOCK_TAI == CLOCK_REALTIME when tai offset is 0 */
	unsigned int type, host;    /* host: 'c' / 's' / 0 */
	unsigned int a, b;          /* STATE: old,new; RTX: seq,end_seq; RST: reason,_; CA: new */
	int err;
	unsigned int hdrlen, skblen, gso_segs;
	unsigned long long loc;
	int nstack;
	unsigned int netns;
	struct tr_sock s;
	unsigned char hdr[TR_HDR];
	unsigned long long stack[TR_STACK];
};
#endif

/*
 * Sends TCP conversations at a given rate on an interface, to measure what a capture loses.
 *
 *   sender INTERFACE PACKETS_PER_SECOND SECONDS [syn]
 *
 * Each conversation is 102 packets: handshake, 24 requests of 200 bytes with responses of 400, their acknowledgments, both
 * FINs. Ports and addresses change with each. With `syn` every packet is a SYN of its own from another port or address.
 * Prints how many packets were sent, and the rate that was reached.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 64, HEAD = 54, LARGEST = HEAD + 400, KINDS = 10, EXCHANGE = 3, EXCHANGES = 24, STEPS = KINDS + 4 * (EXCHANGES - 1) };

static const struct { int from_client, syn, ack, fin, bytes; } story[KINDS] = {
    {1, 1, 0, 0, 0}, {0, 1, 1, 0, 0}, {1, 0, 1, 0, 0}, {1, 0, 1, 0, 200}, {0, 0, 1, 0, 0},
    {0, 0, 1, 0, 400}, {1, 0, 1, 0, 0}, {1, 0, 1, 1, 0}, {0, 0, 1, 1, 0}, {1, 0, 1, 0, 0},
};

static uint32_t next_of[2];

static void put16(uint8_t *at, uint32_t value) { at[0] = value >> 8; at[1] = value; }
static void put32(uint8_t *at, uint32_t value) { put16(at, value >> 16); put16(at + 2, value); }

static uint32_t sum(const uint8_t *at, int bytes, uint32_t from) {
    for (int i = 0; i + 1 < bytes; i += 2) from += at[i] << 8 | at[i + 1];
    return from;
}

static uint16_t folded(uint32_t value) {
    while (value >> 16) value = (value & 0xffff) + (value >> 16);
    return ~value;
}

/* The packet of one step of the conversation `number`; answers with its length. */
static int build(uint8_t *out, uint64_t number, int at_step) {
    int exchanges_end = EXCHANGE + 4 * EXCHANGES;
    int step = at_step < EXCHANGE ? at_step : at_step < exchanges_end ? EXCHANGE + (at_step - EXCHANGE) % 4 : at_step - 4 * (EXCHANGES - 1);
    int from_client = story[step].from_client, bytes = story[step].bytes;
    uint32_t client = 0x0a000000 | (number / 60000 & 0xffffff), server = 0xac100001;
    uint32_t port = 1024 + number % 60000;
    uint32_t *mine = &next_of[!from_client], *other = &next_of[from_client];
    memset(out, 0, HEAD);
    memset(out, 2, 12);
    put16(out + 12, ETH_P_IP);
    uint8_t *ip = out + 14, *tcp = ip + 20;
    ip[0] = 0x45, ip[8] = 64, ip[9] = IPPROTO_TCP;
    put16(ip + 2, 40 + bytes);
    put16(ip + 4, number);
    put32(ip + 12, from_client ? client : server);
    put32(ip + 16, from_client ? server : client);
    put16(ip + 10, folded(sum(ip, 20, 0)));
    put16(tcp, from_client ? port : 80);
    put16(tcp + 2, from_client ? 80 : port);
    if (step == 0) *mine = number * 64000, *other = number * 77000;
    put32(tcp + 4, *mine);
    if (story[step].ack) put32(tcp + 8, *other);
    tcp[12] = 0x50;
    tcp[13] = story[step].syn * 2 | story[step].ack * 16 | story[step].fin;
    put16(tcp + 14, 65000);
    memset(tcp + 20, 'x', bytes);
    *mine += bytes + story[step].syn + story[step].fin;
    put16(tcp + 16, folded(sum(tcp, 20 + bytes, sum(ip + 12, 8, IPPROTO_TCP + 20 + bytes))));
    return HEAD + bytes;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    if (argc < 4) return fprintf(stderr, "usage: sender INTERFACE PACKETS_PER_SECOND SECONDS [syn]\n"), 2;
    double rate = atof(argv[2]), seconds = atof(argv[3]);
    int only_syn = argc > 4 && !strcmp(argv[4], "syn");
    int fd = socket(AF_PACKET, SOCK_RAW, 0);
    struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(argv[1]), .sll_halen = 6};
    if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof to)) return perror(argv[1]), 1;
    int one = 1;
    /* Past the queueing discipline: nothing is dropped on the way but by who receives. */
    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one);
    static uint8_t frames[BATCH][LARGEST];
    struct iovec parts[BATCH];
    struct mmsghdr messages[BATCH];
    memset(messages, 0, sizeof messages);
    uint64_t sent = 0, number = 1;
    int step = 0;
    double from = now(), until = from + seconds;
    while (now() < until) {
        double due = sent / rate - (now() - from);
        if (due > 0) {
            struct timespec pause = {0, (long)(due * 1e9)};
            if (due > 60e-6) nanosleep(&pause, NULL);
            continue;
        }
        for (int i = 0; i < BATCH; i++) {
            parts[i].iov_base = frames[i];
            parts[i].iov_len = build(frames[i], number, step);
            messages[i].msg_hdr.msg_iov = &parts[i];
            messages[i].msg_hdr.msg_iovlen = 1;
            step = only_syn ? 0 : (step + 1) % STEPS;
            number += step == 0;
        }
        for (int done = 0; done < BATCH;) {
            int count = sendmmsg(fd, messages + done, BATCH - done, 0);
            if (count > 0) done += count, sent += count;
        }
    }
    printf("{\"sent\": %llu, \"perSecond\": %.0f}\n", (unsigned long long)sent, sent / (now() - from));
    return 0;
}

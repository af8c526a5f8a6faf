/* Configuration of the bridge, the seeded random source, and the judgement: which rule or random event befalls
 * a segment. Nothing here sends or delays; bridge.c carries the verdict out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bridge.h"

struct link links[2] = {{.keep = 1}, {.keep = 1}};
int mid_vlan;

static const struct {
    const char *name;
    int mask;
} kinds[] = {{"SYN", M_SYN}, {"SYNACK", M_SYNACK}, {"HSACK", M_HSACK}, {"ACK", M_ACK}, {"DATA", M_DATA}, {"NEWDATA", M_NEWDATA},
             {"RTX", M_RTX}, {"FIN", M_FIN}, {"ACKOFFIN", M_ACKOFFIN}, {"RST", M_RST}, {"ANY", M_ANY}};
static struct rule rules[MAXRULES];
static int rule_count;

/* xorshift64: the same seed gives the same losses. */
static u64 random_state = 88172645463325252ULL;
u64 rnd(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}
int chance(u32 ppm) { return ppm && rnd() % 1000000 < ppm; }

static void range(const char *v, int *lo, int *hi)
{
    char *e;
    *lo = strtol(v, &e, 10);
    *hi = *e == '+' ? 1 << 30 : *e == '-' ? atoi(e + 1) : *lo;
}

static int is(const char *a, const char *b) { return !strcmp(a, b); }

static void link_key(struct link *l, const char *k, u64 x)
{
    if (is(k, "delay_us")) l->delay = x * 1000;
    else if (is(k, "jitter_us")) l->jitter = x * 1000;
    else if (is(k, "rate_kbps")) l->rate_kbps = x;
    else if (is(k, "queue_bytes")) l->queue = x;
    else if (is(k, "mark_us")) l->mark = x * 1000;
    else if (is(k, "loss_ppm")) l->loss = x;
    else if (is(k, "dup_ppm")) l->dup = x;
    else if (is(k, "dup_us")) l->dup_ns = x * 1000;
    else if (is(k, "reorder_ppm")) l->reorder = x;
    else if (is(k, "reorder_us")) l->reorder_ns = x * 1000;
    else if (is(k, "keep_order")) l->keep = x;
    else if (is(k, "at")) l->at = x;
    else fprintf(stderr, "bridge: unknown %s\n", k);
}

static void rule_key(struct rule *r, const char *k, char *v)
{
    if (is(k, "dir")) r->dir = is(v, "c2s") ? 0 : is(v, "s2c") ? 1 : -1;
    else if (is(k, "match")) {
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            if (is(v, kinds[i].name)) r->match = kinds[i].mask;
    } else if (is(k, "nth")) range(v, &r->nlo, &r->nhi);
    else if (is(k, "conn")) range(v, &r->clo, &r->chi);
    else if (is(k, "relge")) r->relge = atol(v);
    else if (is(k, "rellt")) r->rellt = atol(v);
    else if (is(k, "after_ms")) r->after = atol(v);
    else if (is(k, "before_ms")) r->before = atol(v);
    else if (is(k, "gafter_ms")) r->gafter = atol(v);
    else if (is(k, "gbefore_ms")) r->gbefore = atol(v);
    else if (is(k, "iplen_gt")) r->iplen_gt = atoi(v);
    else if (is(k, "prob_ppm")) r->prob = atoi(v);
    else if (is(k, "stage")) r->stage = atoi(v);
    else if (is(k, "action")) {
        char *arg = strchr(v, ':');
        if (arg) {
            *arg++ = 0;
            r->arg = strtoull(arg, 0, 10);
        }
        snprintf(r->act, sizeof r->act, "%s", v);
    } else fprintf(stderr, "bridge: unknown %s\n", k);
}

/* Reads the next key=value of the line; returns the key, or NULL at its end. */
static char *pair(char **value)
{
    char *w;
    while ((w = strtok(NULL, " \t\n")))
        if ((*value = strchr(w, '='))) {
            *(*value)++ = 0;
            return w;
        }
    return NULL;
}

static void directive(char *line)
{
    char text[512], *k, *v;
    snprintf(text, sizeof text, "%s", line);
    text[strcspn(text, "\n")] = 0;
    line[strcspn(line, "#")] = 0;
    char *w = strtok(line, " \t\n");
    if (!w) return;
    if (is(w, "seed")) {
        random_state ^= strtoull(strtok(NULL, " \n"), 0, 10) * 0x9E3779B97F4A7C15ULL;
        for (int i = 0; i < 16; i++) rnd();
    } else if (is(w, "mid_vlan")) mid_vlan = atoi(strtok(NULL, " \n"));
    else if (is(w, "link")) {
        struct link *l = &links[is(strtok(NULL, " \n"), "s2c")];
        while ((k = pair(&v))) link_key(l, k, strtoull(v, 0, 10));
    } else if (is(w, "rule")) {
        if (rule_count == MAXRULES) {
            fprintf(stderr, "bridge: more than %d rules\n", MAXRULES);
            exit(1);
        }
        struct rule *r = &rules[rule_count++];
        *r = (struct rule){.dir = -1, .match = M_ANY, .nlo = 1, .nhi = 1 << 30, .clo = 1, .chi = 1 << 30, .stage = 1, .relge = -1,
                           .rellt = -1, .after = -1, .before = -1, .gafter = -1, .gbefore = -1, .act = "drop"};
        snprintf(r->txt, sizeof r->txt, "%.400s", text + 5);
        while ((k = pair(&v))) rule_key(r, k, v);
    } else fprintf(stderr, "bridge: unknown directive %s\n", w);
}

void config(const char *file)
{
    char line[512];
    FILE *f = fopen(file, "r");
    if (!f) {
        perror(file);
        exit(1);
    }
    while (fgets(line, sizeof line, f)) directive(line);
    fclose(f);
}

/* Whether the conditions of a rule hold; `nth` counts only segments for which all the others do. */
static int applies(struct rule *r, int i, const struct segment *s, int dir, u64 t)
{
    struct conn *c = s->c;
    long rel = (long)(u32)(s->seq - c->d[dir].isn - 1);
    u64 age = t - c->t0, run = t - start_ns, ms = 1000000;
    if (r->dir >= 0 && r->dir != dir) return 0;
    if (!(r->match & s->mask) || c->idx < r->clo || c->idx > r->chi) return 0;
    if (r->relge >= 0 && rel + s->paylen <= r->relge) return 0;
    if (r->rellt >= 0 && rel >= r->rellt) return 0;
    if (r->after >= 0 && age < r->after * ms) return 0;
    if (r->before >= 0 && age >= r->before * ms) return 0;
    if (r->gafter >= 0 && run < r->gafter * ms) return 0;
    if (r->gbefore >= 0 && run >= r->gbefore * ms) return 0;
    if (r->iplen_gt && s->iplen <= r->iplen_gt) return 0;
    if (r->prob && !chance(r->prob)) return 0;
    int n = ++c->cnt[i];
    return n >= r->nlo && n <= r->nhi;
}

static void drop(struct verdict *v, int stage, const char *why)
{
    v->drop = 1;
    v->stage = stage;
    v->name = "drop";
    v->why = why;
}

/* Carries out one rule on the verdict; returns 1 when no further rule counts. */
static int apply(struct rule *r, struct frame *f, struct segment *s, u64 t, struct verdict *v)
{
    v->why = r->txt;
    if (is(r->act, "drop")) {
        drop(v, r->stage, r->txt);
        return 1;
    }
    if (is(r->act, "rst")) {
        inject(forge_rst(f, 0), 0, "middlebox-rst");
        inject(forge_rst(f, 1), 0, "middlebox-rst");
        drop(v, 1, r->txt);
        return 1;
    }
    if (is(r->act, "ack") && s->paylen > 0 && !s->v6) {
        inject(forge_ack(f, s), r->arg * 1000, "local-ack");
        v->name = "acked";
        return 0;
    }
    u64 until = s->c->t0 + r->arg * 1000000;
    if (is(r->act, "delay")) {
        v->extra += r->arg * 1000;
        v->extra_stage = r->stage;
        v->name = "delay";
    } else if (is(r->act, "holduntil") && until > t) {
        v->extra += until - t;
        v->extra_stage = r->stage;
        v->name = "hold";
    } else if (is(r->act, "dup")) {
        v->dup = 1;
        v->dup_ns = r->arg * 1000;
        v->name = "dup";
    } else if (is(r->act, "mss") && clamp_mss(s, r->arg)) v->name = "mss";
    else if (is(r->act, "corrupt") && corrupt(s, r->arg)) v->name = "corrupt";
    return 0;
}

void judge(struct frame *f, struct segment *s, u64 t, struct verdict *v)
{
    struct link *l = &links[f->dir];
    *v = (struct verdict){.name = "pass", .why = "-", .extra_stage = 1};
    if (!s->tcp) return;
    for (int i = 0; i < rule_count; i++)
        if (applies(&rules[i], i, s, f->dir, t) && apply(&rules[i], f, s, t, v)) break;
    int at = l->at ? l->at : 1 + (int)(rnd() & 1);
    if (!v->drop && chance(l->loss)) drop(v, at, "random");
    if (!v->drop && chance(l->reorder)) {
        v->extra += l->reorder_ns;
        v->extra_stage = at;
        v->name = "reorder";
        v->why = "random";
    }
    if (!v->drop && chance(l->dup)) {
        v->dup = 1;
        v->dup_ns = l->dup_ns;
        v->name = "dup";
        v->why = "random";
    }
}

#include "calibrate.h"

#include <stdint.h>
#include <time.h>

static long long now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Arithmetic, branches and loads in the proportions of ordinary code; no system call, nothing to optimise
 * away. */
static uint32_t work(void) {
    static uint32_t table[1024];
    uint32_t state = 2463534242u, sum = 0;
    for (int i = 0; i < 400000; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        uint32_t *slot = &table[state & 1023];
        sum += (*slot & 1) ? *slot : state;
        *slot = sum;
    }
    return sum;
}

long long calibrate_ns(void) {
    long long best = 0;
    for (int round = 0; round < 3; round++) {
        long long start = now_ns();
        volatile uint32_t sum = work();
        long long took = now_ns() - start;
        (void)sum;
        if (!best || took < best)
            best = took;
    }
    return best;
}

double uptime_seconds(void) {
    return (double)now_ns() / 1e9;
}

#include "calibrate.h"

#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CALLS 2000
#define PAGES 256
#define PAGE_BYTES 4096

static long long now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Arithmetic, branches and loads in the proportions of ordinary code; nothing to optimise away. */
static uint32_t compute(void) {
    static uint32_t table[1024];
    uint32_t state = 2463534242u, sum = 0;
    for (int i = 0; i < 200000; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        uint32_t *slot = &table[state & 1023];
        sum += (*slot & 1) ? *slot : state;
        *slot = sum;
    }
    return sum;
}

/*
 * What workloads spend most of their time on: entering the kernel, and its filling of pages. Emulation slows
 * these down several times more than arithmetic.
 */
static void enter_kernel(void) {
    for (int i = 0; i < CALLS; i++)
        syscall(SYS_getppid);
    char *pages = mmap(NULL, PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return;
    for (int i = 0; i < PAGES; i++)
        pages[i * PAGE_BYTES] = 1;
    munmap(pages, PAGES * PAGE_BYTES);
}

long long calibrate_ns(void) {
    long long best = 0;
    for (int round = 0; round < 3; round++) {
        long long start = now_ns();
        volatile uint32_t sum = compute();
        enter_kernel();
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

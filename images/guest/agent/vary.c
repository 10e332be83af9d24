#include "vary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HELD_PAGES_MAX 1024 /* 4 MiB: a sixteenth of the smallest machine, no reason to run out */
#define PIPES_MAX 48
#define CHILDREN_MAX 12
#define PHASE_MAX_NS 10000000 /* a tick of HZ=100, the slowest that kernels are built with */
#define PAGE_BYTES 4096

static void *held;
static size_t held_bytes;

/* xorshift32 (Marsaglia 2003); never 0 */
static uint32_t next(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void unvaried(const char *what) {
    printf("agent: not varied by %s: %s\n", what, strerror(errno));
}

/* Populated in one call: page by page, a fault each, it takes twice as long. */
static void hold_pages(uint32_t pages) {
    held_bytes = (size_t)pages * PAGE_BYTES;
    held = mmap(NULL, held_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (held == MAP_FAILED) {
        held = NULL;
        return unvaried("memory");
    }
    for (size_t at = 0; at < held_bytes; at += PAGE_BYTES)
        ((char *)held)[at] = 1; /* a page that populating left out */
}

/* Inodes, dentries and files come and go, in an order of the seed's: which object is reused next differs. */
static void shuffle_slabs(uint32_t *state, uint32_t pipes) {
    int ends[PIPES_MAX][2];
    uint32_t opened = 0;
    while (opened < pipes && pipe2(ends[opened], O_CLOEXEC) == 0)
        opened++;
    if (opened < pipes)
        unvaried("slabs");
    while (opened > 0) {
        uint32_t pick = next(state) % opened--;
        close(ends[pick][0]);
        close(ends[pick][1]);
        ends[pick][0] = ends[opened][0];
        ends[pick][1] = ends[opened][1];
    }
}

/* vfork: a pid and a task are what is wanted, not a copy of what is held. A function of its own, since the
 * child runs on its parent's stack. */
static __attribute__((noinline)) pid_t short_child(void) {
    pid_t pid = vfork();
    if (pid == 0)
        _exit(0);
    return pid;
}

static void spend_pids(uint32_t children) {
    while (children-- > 0) {
        pid_t pid = short_child();
        if (pid < 0 || waitpid(pid, NULL, 0) < 0)
            return unvaried("process ids");
    }
}

static void shift_phase(uint32_t nanoseconds) {
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - begin.tv_sec) * 1000000000LL + now.tv_nsec - begin.tv_nsec < nanoseconds);
}

void vary_machine(uint32_t seed) {
    uint32_t state = seed ? seed : 1;
    vary_release();
    /* small seeds differ in few bits, which a few rounds spread */
    for (int i = 0; i < 8; i++)
        next(&state);
    hold_pages(1 + next(&state) % HELD_PAGES_MAX);
    shuffle_slabs(&state, next(&state) % (PIPES_MAX + 1));
    spend_pids(next(&state) % (CHILDREN_MAX + 1));
    shift_phase(next(&state) % PHASE_MAX_NS);
}

void vary_release(void) {
    if (held && munmap(held, held_bytes) < 0)
        unvaried("what it holds");
    held = NULL;
}

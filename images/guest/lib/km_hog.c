#include "km_hog.h"

#include "km.h"
#include "km_file.h"
#include "km_process.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK_BYTES (4u << 20)
#define CHUNKS_MAX 512
#define LEFT_KIB (60 * 1024)
#define PAGE_BYTES 4096
#define REST_MS 50
#define NAME "km-hog"

/* What can be had without anybody's loss: MemAvailable says so since 3.14. tmpfs is in Cached, and can't. */
static long available_kib(void) {
    long available = km_meminfo("MemAvailable"), shared = km_meminfo("Shmem"), mapped = km_meminfo("Mapped");
    if (available >= 0)
        return available;
    available = km_meminfo("MemFree") + km_meminfo("Cached") + km_meminfo("Buffers");
    return available - (shared > 0 ? shared : 0) - (mapped > 0 ? mapped : 0);
}

static void die_first(void) {
    if (km_write("/proc/self/oom_score_adj", "1000") < 0) /* 2.6.36 */
        km_must(km_write("/proc/self/oom_adj", "15"), "oom_adj");
}

/* By this the harness knows whom the OOM killer may take (harness/diagnosis/oom-victims.ts). */
static void introduce_oneself(void) {
    char value[40];
    km_must(prctl(PR_SET_NAME, NAME), "PR_SET_NAME");
    snprintf(value, sizeof value, "%d %s", (int)getpid(), NAME);
    km_fact_text("hog", value, "takes memory, and is what the OOM killer takes first");
}

__attribute__((noreturn)) static void touch(void) {
    static char *chunks[CHUNKS_MAX];
    int count = 0;
    die_first();
    introduce_oneself();
    km_must(prctl(PR_SET_PDEATHSIG, SIGKILL), "PR_SET_PDEATHSIG");
    for (char round = 1;; round++) {
        long left = available_kib();
        if (left > LEFT_KIB + 2 * (long)(CHUNK_BYTES >> 10) && count < CHUNKS_MAX) {
            void *chunk = mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (chunk != MAP_FAILED)
                chunks[count++] = chunk;
        }
        for (; left < LEFT_KIB && count > 0; left += CHUNK_BYTES >> 10)
            munmap(chunks[--count], CHUNK_BYTES);
        for (int i = 0; i < count; i++)
            for (size_t at = 0; at < CHUNK_BYTES; at += PAGE_BYTES)
                chunks[i][at] = round;
        if (left <= LEFT_KIB + 2 * (long)(CHUNK_BYTES >> 10))
            km_sleep_ms(REST_MS);
    }
}

void km_hog(void) {
    for (;;) {
        pid_t pid = fork();
        km_must(pid, "fork of who takes memory");
        if (pid == 0)
            touch();
        int status = km_wait(pid);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
            km_end_as(status, "who takes memory");
        km_note("the OOM killer took who takes memory; begun anew");
    }
}

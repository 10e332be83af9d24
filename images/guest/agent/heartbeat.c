#include "heartbeat.h"

#include "calibrate.h"
#include "frames.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

/* The OOM killer must not take the witness; oom_score_adj since 2.6.36, oom_adj before. */
static void spare_from_oom(void) {
    int fd = open("/proc/self/oom_score_adj", O_WRONLY);
    const char *value = "-1000";
    size_t length = 5;
    if (fd < 0) {
        fd = open("/proc/self/oom_adj", O_WRONLY);
        value = "-17";
        length = 3;
    }
    if (fd < 0)
        return;
    if (write(fd, value, length) < 0)
        errno = 0; /* a beat is still better than none */
    close(fd);
}

/*
 * A process of its own: it shares no lock with the agent, and beats on when the workload, or the agent with
 * it, hangs in a system call. It reads no file while it beats, since /proc may be what hangs; sysinfo(2) and
 * the clock take no sleeping lock.
 */
static void beat(struct frame_writer *writer, const struct km_page *page, long long number) {
    struct sysinfo info = {0};
    struct frame frame;
    sysinfo(&info);
    frame_begin(&frame, "beat");
    frame_whole(&frame, "beat", number);
    frame_seconds(&frame, "uptime", uptime_seconds());
    frame_whole(&frame, "iterations", (long long)page->iterations);
    frame_whole(&frame, "memFreeKiB", (long long)((unsigned long long)info.freeram * info.mem_unit / 1024));
    frame_send(writer, &frame);
}

pid_t heartbeat_start(int serial, const struct km_page *page) {
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    setsid(); /* out of reach of the signals that end a workload's group */
    spare_from_oom();
    mlockall(MCL_CURRENT);
    struct frame_writer writer = {serial, "beat", 0};
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (long long number = 1;; number++) {
        beat(&writer, page, number);
        next.tv_sec++;
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR)
            ;
    }
}

#include "km_pidns.h"

#include "km.h"
#include "km_exec_again.h"
#include "km_file.h"
#include "km_process.h"

#include <stdio.h>
#include <unistd.h>

#define AFTER_EXEC_FD 9 /* the init reports here after its exec */
#define STAGE "after"

struct report {
    int threads, children_ended;
};

/* Each child is flushed from the namespace's proc mount when it ends. Exec leaves one thread of a process;
 * /proc is the machine's own, the namespace has none mounted. */
void km_pidns_image(void) {
    if (!km_is("stage", STAGE))
        return;
    km_exec_check(km_is("arm", "thread"));
    struct report report = {km_threads(), 0};
    report.children_ended = km_children(km_number("children", 3, 0, 10000));
    if (km_write_all(AFTER_EXEC_FD, &report, sizeof report) < 0)
        _exit(124);
    _exit(0);
}

__attribute__((noreturn)) static void become_init(int by_thread, long children) {
    char argument[40];
    char *words[] = {"pidns", "stage=" STAGE, by_thread ? "arm=thread" : "arm=leader", argument, NULL};
    snprintf(argument, sizeof argument, "children=%ld", children);
    km_exec_again(by_thread, words);
}

void km_pidns_run(unsigned long flags, int by_thread, long children) {
    struct report report;
    int fds[2];
    km_must(pipe(fds), "pipe");
    pid_t pid = km_clone(flags | CLONE_NEWPID);
    km_must(pid, "clone(CLONE_NEWPID)");
    if (pid == 0) {
        if (dup2(fds[1], AFTER_EXEC_FD) < 0)
            _exit(126);
        close(fds[0]);
        if (fds[1] != AFTER_EXEC_FD)
            close(fds[1]);
        become_init(by_thread, children);
    }
    close(fds[1]);
    int answered = km_read_all(fds[0], &report, sizeof report) == 0;
    close(fds[0]);
    km_end_as(km_wait(pid), "the container's init");
    if (!answered)
        km_fail("the container's init ended without its report");
    if (report.threads != 1)
        km_fail("the container's init has %d threads after its exec", report.threads);
    if (report.children_ended != children)
        km_fail("%d of %ld children in the container ended well", report.children_ended, children);
}

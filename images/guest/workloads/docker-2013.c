/*
 * moby#407 as its users met it: what Docker's own reproducer of April 2013 did (contrib/crashTest.go), short
 * containers back to back from a parent that is killed and started again, beside a busy loop. Docker's daemon
 * and the init that it put into containers were Go programs, whose one line of execution goes on in whichever
 * thread is free (km_runtime.h): so the user's command was exec'd from any thread of the namespace's pid 1,
 * now and then the leader. That is the defect of pidns-exec.c (de_thread, proc_flush_task,
 * pid_ns_release_proc); nothing here aims at it, and the mounts of the next container are what takes the
 * released memory. A container has namespaces of all kinds, its root on a storage driver, and the checks of
 * lifecycle.
 *
 * storage=plain|overlay|aufs; restart_seconds=N between kills of the daemon; busy=N processes that only
 * compute; threads=N of the daemon and of the container's init (1: no exec but from the leader, the control);
 * containers=N at a time; children=N processes of the command; churn=, refused= and pressure= as in
 * km_churn.h; break= as in lifecycle.c.
 */
#include "km.h"
#include "km_churn.h"
#include "km_container.h"
#include "km_docker.h"
#include "km_file.h"
#include "km_namespaces.h"
#include "km_netlink.h"
#include "km_process.h"
#include "km_runtime.h"
#include "km_storage.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUSY_MAX 8
#define JUDGED_FROM 20 /* so many execs from the leader alone have a chance under 1e-6 with two threads */

/* What became of a container. Shorter than PIPE_BUF, so that those of several clients never mix. */
struct record {
    int daemon;     /* number of the daemon that started it */
    int status;     /* of its client, by wait */
    int not_leader; /* its command was exec'd from another thread than the leader */
};

struct daemon {
    pid_t pid;
    int number, requests; /* a byte there asks for a container */
    long under_way;
    double started;
};

static const char *program;
static int results[2];

/* ---- the daemon and its clients ---- */

static void run_client(int number) {
    struct record record = {number, 0, 0};
    pid_t pid = fork();
    km_must(pid, "fork of a client");
    if (pid == 0) {
        record.not_leader = km_docker_run(program);
        km_must(km_write_all(results[1], &record, sizeof record), "a client's record");
        _exit(0);
    }
    /* one more process, since the record of a client that fails must not depend on a daemon that gets killed
     */
    if ((record.status = km_wait(pid)))
        km_must(km_write_all(results[1], &record, sizeof record), "a client's record");
    _exit(0);
}

static void serve(void *own) {
    const struct daemon *daemon = own;
    char byte;
    if (km_read_all(daemon->requests, &byte, 1) < 0)
        _exit(0);
    km_random(); /* clients get a copy of its state */
    pid_t pid = fork();
    km_must(pid, "fork of the daemon");
    if (pid > 0)
        return;
    signal(SIGCHLD, SIG_DFL);
    close(daemon->requests);
    run_client(daemon->number);
}

static void start_daemon(struct daemon *daemon) {
    int fds[2];
    km_must(pipe(fds), "pipe");
    daemon->number++;
    daemon->under_way = 0;
    daemon->started = km_now();
    daemon->pid = fork();
    km_must(daemon->pid, "fork of the daemon");
    if (daemon->pid == 0) {
        close(fds[1]);
        close(results[0]);
        daemon->requests = fds[0];
        signal(SIGCHLD, SIG_IGN);
        for (int skipped = 0; skipped < daemon->number; skipped++)
            km_random();
        km_runtime_run(km_number("threads", 4, 1, KM_RUNTIME_THREADS_MAX), serve, daemon);
    }
    close(fds[0]);
    daemon->requests = fds[1];
}

/* As crashTest.go: the containers that it started go on without it. */
static void kill_daemon(struct daemon *daemon) {
    km_kill(daemon->pid);
    close(daemon->requests);
}

/* ---- who asks for containers ---- */

static void ask(struct daemon *daemon, long at_a_time) {
    unsigned long long asked = (unsigned long long)km_number("iterations", 0, 0, 0x7fffffffL);
    while (daemon->under_way < at_a_time && km_continue() &&
           (!asked || km_iterations() + (unsigned long long)daemon->under_way < asked)) {
        km_must(km_write_all(daemon->requests, "r", 1), "asking the daemon");
        daemon->under_way++;
    }
}

/* 0 at the end of all who could write one. */
static int take_record(struct daemon *daemon, unsigned long *not_leader) {
    struct record record;
    if (km_read_all(results[0], &record, sizeof record) < 0)
        return 0;
    km_end_as(record.status, "a container's client");
    *not_leader += (unsigned long)record.not_leader;
    daemon->under_way -= record.daemon == daemon->number;
    km_iteration_done();
    return 1;
}

/* Waits for a record, the daemon's end, or the time for its next. */
static void await_record(struct daemon *daemon, unsigned long *not_leader) {
    double left = daemon->started + (double)km_number("restart_seconds", 20, 1, 100000) - km_now();
    struct pollfd ready[] = {{results[0], POLLIN, 0}, {daemon->requests, 0, 0}};
    if (left > 0 && poll(ready, 2, (int)(left * 1000) + 1) < 0 && errno != EINTR)
        km_fail("poll: %s", strerror(errno));
    if (left <= 0) {
        kill_daemon(daemon);
        start_daemon(daemon);
    } else if (ready[0].revents) {
        take_record(daemon, not_leader);
    } else if (ready[1].revents) {
        km_end_as(km_wait(daemon->pid), "the daemon");
        km_fail("the daemon ended of itself");
    }
}

static void run_containers(const struct km_churn *churn) {
    struct daemon daemon = {0, 0, 0, 0, 0};
    unsigned long not_leader = 0;
    long at_a_time = km_number("containers", 1, 1, 64);
    km_must(pipe(results), "pipe");
    start_daemon(&daemon);
    for (ask(&daemon, at_a_time); daemon.under_way > 0; ask(&daemon, at_a_time)) {
        await_record(&daemon, &not_leader);
        km_churn_check(churn);
        if (!km_continue())
            break;
    }
    close(daemon.requests);
    km_end_as(km_wait(daemon.pid), "the daemon");
    close(results[1]);
    while (take_record(&daemon, &not_leader))
        ;
    km_sample("execs-not-by-leader", (double)not_leader);
    km_sample("daemon-restarts", daemon.number - 1);
    if (km_number("threads", 4, 1, KM_RUNTIME_THREADS_MAX) == 1 && not_leader)
        km_fail("%lu execs were not by the leader, the only thread", not_leader);
    if (km_number("threads", 4, 1, KM_RUNTIME_THREADS_MAX) > 1 && !not_leader &&
        km_iterations() >= JUDGED_FROM)
        km_fail("every exec was by the leader, so nothing was provoked");
}

static void require(void) {
    km_namespaces_require(KM_NAMESPACES_ALL);
    km_storage_require(km_text("storage", "plain"));
    if (shmget(KM_HOST_KEY, 4096, IPC_CREAT | 0600) < 0)
        km_unsupported("SysV shared memory: %s", strerror(errno));
    int result = km_link_create_veth(KM_DOCKER_WITNESS, "ckmdocker");
    if (result == -EOPNOTSUPP)
        km_unsupported("veth: %s", strerror(-result));
    if (result != -EEXIST)
        km_must(result, "create a veth pair");
}

static void start_busy(pid_t *pids, long count) {
    for (long i = 0; i < count; i++) {
        pids[i] = fork();
        km_must(pids[i], "fork of a busy process");
        for (volatile unsigned long turns = 0; pids[i] == 0; turns++)
            ;
    }
}

int main(int argc, char **argv) {
    struct km_churn churn;
    pid_t busy[BUSY_MAX];
    km_args(argc, argv);
    if (km_is("stage", "sysinit"))
        km_docker_sysinit();
    if (km_is("stage", "command"))
        km_docker_command();
    program = argv[0];
    long busy_count = km_number("busy", 1, 0, BUSY_MAX);
    signal(SIGPIPE, SIG_IGN);
    require();
    km_must(km_folder(KM_CONTAINERS), "mkdir " KM_CONTAINERS);
    km_must(mount("km-docker", KM_CONTAINERS, "tmpfs", 0, "size=32m"), "mount " KM_CONTAINERS);
    start_busy(busy, busy_count);
    km_churn_start(&churn);
    run_containers(&churn);
    km_churn_stop(&churn);
    for (long i = 0; i < busy_count; i++)
        km_kill(busy[i]);
    km_must(umount(KM_CONTAINERS), "umount " KM_CONTAINERS);
    return 0;
}

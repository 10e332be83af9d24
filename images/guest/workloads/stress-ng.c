/*
 * stress-ng's stressors of what containers are made of, one after another: each in a container of its own,
 * with all namespaces (copy_namespaces, unshare_nsproxy_namespaces) and a root on the storage driver. What a
 * userland's version lacks, or says of itself that this kernel hasn't got, is a fact and no failure. Needs a
 * userland (km_userland.h).
 *
 * stressors=NAME,NAME…: one per iteration, begun anew after the last; workers=N of each; ops=N rounds of each
 * (bogo-ops); seconds=N at most for one. storage= (km_roots.h). Seeds are stress-ng's constant ones.
 * break=kill: each is killed within a second on purpose, and must be found.
 */
#include "km.h"
#include "km_command.h"
#include "km_enter.h"
#include "km_file.h"
#include "km_namespaces.h"
#include "km_netlink.h"
#include "km_process.h"
#include "km_roots.h"
#include "km_userland.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER "/run/km-stress"
#define STRESSORS_MAX 24

/* stress-ng(1), "EXIT STATUS" */
enum ending { SUCCESS = 0, NO_RESOURCE = 3, NOT_IMPLEMENTED = 4 };
#define NOT_RUN 10 /* how a container's init ends then */

/* What became of a container's stress-ng; shared with its init. */
static struct killed {
    int signal; /* 0 if it wasn't killed */
    double seconds;
} *killed;

static char names[512], *stressors[STRESSORS_MAX];
static int stressor_count;

static void read_stressors(void) {
    snprintf(names, sizeof names, "%s", km_text("stressors", "clone"));
    for (char *name = strtok(names, ","); name; name = strtok(NULL, ",")) {
        if (stressor_count == STRESSORS_MAX)
            km_fail("more than %d stressors", STRESSORS_MAX);
        stressors[stressor_count++] = name;
    }
    if (!stressor_count)
        km_fail("stressors= names none");
}

static int has_stressor(struct km_log *log, const char *name) {
    char *const list[] = {"stress-ng", "--stressors", NULL};
    size_t length = strlen(name);
    km_log_begin(log, NULL);
    int status = km_command(list, log, 60);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != SUCCESS)
        km_fail("stress-ng --stressors: %s", km_log_tail(log, 2));
    for (const char *at = strstr(log->text, name); at; at = strstr(at + 1, name))
        if ((at == log->text || strchr(" \n", at[-1])) && strchr(" \n", at[length]))
            return 1;
    return 0;
}

/* bogo-ops, the first number after its name in the table of --metrics-brief; 0 where there is none. */
static unsigned long rounds_in(const char *text, const char *name) {
    size_t length = strlen(name);
    for (const char *at = strstr(text, name); at; at = strstr(at + 1, name)) {
        char *end;
        unsigned long rounds = strtoul(at + length, &end, 10);
        if (at > text && at[-1] == ' ' && at[length] == ' ' && end > at + length && *end == ' ')
            return rounds;
    }
    return 0;
}

/* The container's end, as its init's exit or kill. */
__attribute__((noreturn)) static void stress(const char *name) {
    static struct km_log log;
    static char workers_option[64], ops_option[64], workers[16], ops[16], seconds[16];
    if (!has_stressor(&log, name)) {
        km_fact_text(name, "not in this version", "stress-ng --stressors doesn't list it");
        _exit(NOT_RUN);
    }
    long limit = km_number("seconds", 60, 1, 3600);
    snprintf(workers_option, sizeof workers_option, "--%s", name);
    snprintf(ops_option, sizeof ops_option, "--%s-ops", name);
    snprintf(workers, sizeof workers, "%ld", km_number("workers", 2, 1, 64));
    snprintf(ops, sizeof ops, "%ld", km_number("ops", 100, 1, 1000000));
    snprintf(seconds, sizeof seconds, "%ld", limit);
    /* bind-mount is among those that it takes for too dangerous otherwise */
    char *const words[] = {
        "stress-ng", "--metrics-brief", "--no-rand-seed", "--pathological", "--temp-path", "/tmp",
        "--timeout", seconds,           workers_option,   workers,          ops_option,    ops,
        NULL};
    km_log_begin(&log, NULL);
    double start = km_now();
    /* it ends by itself; a kernel that keeps it from that is why it would take twice as long */
    double patience = km_is("break", "kill") ? 1 : 2.0 * (double)limit + 30;
    int status = km_command(words, &log, patience);
    double took = km_now() - start;
    if (status == KM_COMMAND_STUCK)
        km_fail("stress-ng --%s didn't end, and could not be killed after %.1f s", name, took);
    if (took >= patience && !km_is("break", "kill"))
        km_fail("stress-ng --%s was told to end after %ld s and hadn't after %.1f s: %s", name, limit, took,
                km_log_tail(&log, 2));
    if (WIFSIGNALED(status)) {
        km_log_notes(&log, "stress-ng: ", 40);
        /* said outside: the init of a pid namespace can't end itself by a signal (pid_namespaces(7)) */
        killed->signal = WTERMSIG(status);
        killed->seconds = took;
        _exit(0);
    }
    switch (WEXITSTATUS(status)) {
    case SUCCESS:
        km_fact_text(name, "passed", "%lu rounds by %s worker%s, %s of each asked for, %.1f s",
                     rounds_in(log.text, name), workers, strcmp(workers, "1") ? "s" : "", ops, took);
        _exit(0);
    case NO_RESOURCE:
    case NOT_IMPLEMENTED:
        km_fact_text(name, "not run", "stress-ng ended with %d: %s", WEXITSTATUS(status),
                     km_log_tail(&log, 2));
        _exit(NOT_RUN);
    default:
        km_log_notes(&log, "stress-ng: ", 40);
        km_fail("stress-ng --%s ended with %d after %.1f s: %s", name, WEXITSTATUS(status), took,
                km_log_tail(&log, 2));
    }
}

__attribute__((noreturn)) static void be_container(const char *name, const char *base) {
    char root[96];
    km_must(km_link_up("lo"), "lo up");
    km_must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make mounts private");
    km_roots_make(km_text("storage", "plain"), base);
    snprintf(root, sizeof root, "%s/root", base);
    km_enter(root);
    km_command_prepare();
    stress(name);
}

int main(int argc, char **argv) {
    km_args(argc, argv);
    const char *storage = km_text("storage", "plain");
    read_stressors();
    killed = mmap(NULL, sizeof *killed, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (killed == MAP_FAILED)
        km_must(-1, "memory to share");
    km_namespaces_require(KM_NAMESPACES_ALL);
    km_roots_require(storage);
    km_userland_mount();
    km_must(km_folder(FOLDER), "mkdir " FOLDER);
    km_must(km_folder(FOLDER "/1"), "mkdir " FOLDER "/1");
    km_roots_open(storage);
    int mounts = km_mount_count();
    unsigned long long ran = 0;
    while (km_continue()) {
        const char *name = stressors[km_iterations() % (unsigned)stressor_count];
        pid_t pid = km_clone(KM_NAMESPACES_ALL);
        km_must(pid, "clone with namespaces");
        if (pid == 0)
            be_container(name, FOLDER "/1");
        int status = km_wait(pid);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != NOT_RUN) {
            km_end_as(status, "the stressors' container");
            if (killed->signal)
                km_die_of(killed->signal, "stress-ng --%s was killed by signal %d after %.1f s", name,
                          killed->signal, killed->seconds);
            ran++;
        }
        if (km_mount_count() != mounts)
            km_fail("%d mounts before %s, %d after", mounts, name, km_mount_count());
        km_roots_remove(storage, FOLDER "/1");
        km_iteration_done();
    }
    km_roots_close(storage);
    km_must(umount(KM_USERLAND), "umount " KM_USERLAND);
    if (!ran)
        km_unsupported("stress-ng: none of %s can run here", km_text("stressors", "clone"));
    return 0;
}

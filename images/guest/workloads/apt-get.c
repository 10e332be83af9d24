/*
 * moby#407's first symptom, "a container killed in the middle of an apt-get", for real: containers in which
 * apt-get and dpkg install, upgrade and purge packages, on a storage driver, under load. Each of dpkg's
 * hundreds of short processes is flushed from the container's proc mount as it ends (proc_flush_task ->
 * d_hash_and_lookup), each file goes through the driver's copy-up, rename and whiteout, and beside it
 * containers with the ingredients come and go (pidns-exec.c). Needs a userland (km_userland.h).
 *
 * containers=N at a time, one per iteration; storage= (km_roots.h); load= (km_load.h); ingredients=0: inits
 * exec from their leader, in the churn and in apt-get's own containers (else from another thread, as Docker's
 * did). break=kill: the first container's dpkg is killed on purpose.
 */
#include "km.h"
#include "km_apt.h"
#include "km_command.h"
#include "km_crowd.h"
#include "km_enter.h"
#include "km_exec_again.h"
#include "km_file.h"
#include "km_groups.h"
#include "km_load.h"
#include "km_namespaces.h"
#include "km_netlink.h"
#include "km_pidns.h"
#include "km_roots.h"
#include "km_userland.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER "/run/km-apt"
#define RESULT_FD 9 /* of a container's init: how it went, as struct km_apt */
#define STAGE "container"
#define CONTAINERS_MAX 16
#define LOOK_MS 1000 /* the load is looked at so often while all containers are busy */

static char **own_arguments;
static volatile int *numbers; /* the next container's, shared by all workers */
static double origin;

/* ---- the container's init, after its exec ---- */

__attribute__((noreturn)) static void be_container(void) {
    static struct km_apt apt;
    const char *base = km_text("base", ""), *storage = km_text("storage", "plain");
    char root[128], name[32];
    apt.number = (int)km_number("number", 0, 0, 1 << 20);
    apt.began = km_now();
    apt.origin = (double)km_number("origin", 0, 0, 0x7fffffffL) / 1000;
    km_exec_check(km_load_has_ingredients());
    snprintf(name, sizeof name, "km-apt%d", apt.number);
    km_must(sethostname(name, strlen(name)), "sethostname");
    km_must(km_link_up("lo"), "lo up");
    km_must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make mounts private");
    km_roots_make(storage, base);
    snprintf(root, sizeof root, "%s/root", base);
    km_enter(root);
    km_sample("apt-root-seconds", km_now() - apt.began);
    km_command_prepare();
    km_apt_run(&apt, km_is("break", "kill") && apt.number == 0);
    km_must(km_write_all(RESULT_FD, &apt, sizeof apt), "telling how it went");
    _exit(0);
}

/* ---- outside ---- */

__attribute__((noreturn)) static void become_init(int number, const char *base) {
    char *words[KM_EXEC_WORDS + 1], own[3][160];
    int count = 0;
    snprintf(own[0], sizeof own[0], "number=%d", number);
    snprintf(own[1], sizeof own[1], "base=%s", base);
    snprintf(own[2], sizeof own[2], "origin=%.0f", origin * 1000);
    words[count++] = own_arguments[0];
    words[count++] = "stage=" STAGE;
    for (int i = 0; i < 3; i++)
        words[count++] = own[i];
    for (char **argument = own_arguments + 1; *argument; argument++) {
        if (count == KM_EXEC_WORDS)
            km_fail("too many arguments for a container's init");
        words[count++] = *argument;
    }
    words[count] = NULL;
    km_exec_again(km_load_has_ingredients(), words);
}

static void end_as(const struct km_apt *apt) {
    char name[32], value[40];
    snprintf(name, sizeof name, "container-%d", apt->number);
    if (!apt->reason[0]) {
        km_fact_text(name, "clean", "each exit status 0: %s", apt->record);
        return;
    }
    snprintf(value, sizeof value, apt->signal ? "killed by signal %d" : "failed", apt->signal);
    km_fact_text(name, value, "%s; %s", apt->record, apt->reason);
    if (apt->signal)
        km_die_of(apt->signal, "%s", apt->reason);
    km_fail("%s", apt->reason);
}

static void run_container(void *unused) {
    /* no limit of memory: what is written to the root is, too, in memory, and the group's */
    static const struct km_limit limits[] = {{"cpu", "cpu.shares", "1024"}, {"pids", "pids.max", "256"}, {0}};
    static struct km_apt apt;
    char base[64], name[32];
    int result[2], go[2], number = __sync_fetch_and_add(numbers, 1);
    (void)unused;
    snprintf(name, sizeof name, "km-apt%d", number);
    snprintf(base, sizeof base, FOLDER "/%d", number);
    km_must(km_folder(base), base);
    km_must(pipe(result), "pipe");
    km_must(pipe2(go, O_CLOEXEC), "pipe");
    pid_t pid = km_clone(KM_NAMESPACES_ALL);
    km_must(pid, "clone with namespaces");
    if (pid == 0) {
        char byte;
        close(result[0]);
        close(go[1]);
        if (dup2(result[1], RESULT_FD) < 0 || km_read_all(go[0], &byte, 1) < 0)
            _exit(126);
        if (result[1] != RESULT_FD)
            close(result[1]);
        become_init(number, base);
    }
    close(result[1]);
    close(go[0]);
    km_groups_make(name, limits);
    km_groups_add(name, pid);
    km_groups_check(name, pid);
    km_must(km_write_all(go[1], "g", 1), "telling the container");
    close(go[1]);
    int answered = km_read_all(result[0], &apt, sizeof apt) == 0;
    close(result[0]);
    /* before it is waited for: after an oops a namespace may never end */
    if (answered)
        end_as(&apt);
    km_end_as(km_wait(pid), "the init of apt-get's container");
    if (!answered)
        km_fail("container %d ended without a word", number);
    km_groups_remove(name);
    km_roots_remove(km_text("storage", "plain"), base);
    km_must(rmdir(base), base);
}

static void between_containers(void *unused) {
    (void)unused;
    km_load_check();
}

static long containers_at_a_time(const char *storage) {
    long asked = km_number("containers", 1, 1, CONTAINERS_MAX);
    return asked > KM_ROOTS_COPIES_MAX && km_roots_are_copies(storage) ? KM_ROOTS_COPIES_MAX : asked;
}

int main(int argc, char **argv) {
    const char *storage;
    own_arguments = argv;
    km_args(argc, argv);
    km_pidns_image();
    if (km_is("stage", STAGE))
        be_container();
    origin = km_now();
    signal(SIGPIPE, SIG_IGN);
    storage = km_text("storage", "plain");
    km_namespaces_require(KM_NAMESPACES_ALL);
    km_groups_require();
    km_roots_require(storage);
    km_userland_mount();
    numbers = mmap(NULL, sizeof *numbers, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (numbers == MAP_FAILED)
        km_must(-1, "memory for a count");
    km_must(km_folder(FOLDER), "mkdir " FOLDER);
    km_roots_open(storage);
    int mounts = km_mount_count();
    km_load_start();
    km_crowd_run(containers_at_a_time(storage), run_container, between_containers, NULL, LOOK_MS);
    km_load_stop();
    if (km_mount_count() != mounts)
        km_fail("%d mounts before the containers, %d after", mounts, km_mount_count());
    km_roots_close(storage);
    km_must(umount(KM_USERLAND), "umount " KM_USERLAND);
    return 0;
}

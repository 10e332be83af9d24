#include "km_users.h"

#include "km.h"
#include "km_file.h"
#include "km_process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define USERS 3
#define WORDS 1024
#define PATIENCE_SECONDS 60

struct shared {
    int stop;
    unsigned rounds[USERS];
};

static volatile struct shared *shared;
static pid_t users[USERS];
static unsigned awaited[USERS];

static void write_and_read(const char *path) {
    static uint32_t wrote[WORDS], found[WORDS];
    for (int i = 0; i < WORDS; i++)
        wrote[i] = km_random();
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    km_must(file, "a process in the mount: open");
    km_must(km_write_all(file, wrote, sizeof wrote), "a process in the mount: write");
    if (pread(file, found, sizeof found, 0) != (ssize_t)sizeof found || memcmp(wrote, found, sizeof wrote))
        km_fail("a process in the mount did not read what it wrote");
    close(file);
}

__attribute__((noreturn)) static void use(int number, const char *root, const char *path, const char *text) {
    char own[2][32], found[64];
    km_must(chdir(root), "chdir into the mount");
    snprintf(own[0], sizeof own[0], "user-%d", number);
    snprintf(own[1], sizeof own[1], "user-%d-moved", number);
    for (int i = 0; i < number; i++)
        km_random(); /* otherwise all of them would write the same */
    while (!shared->stop) {
        write_and_read(own[0]);
        km_must(rename(own[0], own[1]), "a process in the mount: rename");
        if (km_read(path, found, sizeof found) < 0 || strcmp(found, text))
            km_fail("a process in the mount read something else than %s has", path);
        km_must(unlink(own[1]), "a process in the mount: unlink");
        shared->rounds[number]++;
        km_sleep_ms(1); /* leaves the processor to the rest of the machine */
    }
    _exit(0);
}

/* One that failed has told why: the workload ends with that at once, not when its time is over. */
static void end_with_failed(void) {
    int status;
    for (int i = 0; i < USERS; i++)
        if (waitpid(users[i], &status, WNOHANG) == users[i]) {
            shared->stop = 1;
            km_end_as(status, "a process in the mount");
            km_fail("a process in the mount ended before it was told to");
        }
}

static int have_worked(void *unused) {
    (void)unused;
    end_with_failed();
    for (int i = 0; i < USERS; i++)
        if (shared->rounds[i] < awaited[i])
            return 0;
    return 1;
}

static void await_rounds(unsigned more) {
    for (int i = 0; i < USERS; i++)
        awaited[i] = shared->rounds[i] + more;
    if (!km_wait_until(have_worked, NULL, PATIENCE_SECONDS))
        km_fail("a process in the mount has stood still for %d s", PATIENCE_SECONDS);
}

void km_users_start(const char *root, const char *file, const char *text) {
    if (!shared)
        shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        km_must(-1, "memory to share");
    memset((void *)shared, 0, sizeof *shared);
    for (int i = 0; i < USERS; i++) {
        users[i] = fork();
        km_must(users[i], "fork");
        if (users[i] == 0)
            use(i, root, file, text);
    }
    await_rounds(1);
}

void km_users_check(void) {
    await_rounds(2);
}

void km_users_stop(void) {
    shared->stop = 1;
    for (int i = 0; i < USERS; i++)
        km_end_as(km_wait(users[i]), "a process in the mount");
}

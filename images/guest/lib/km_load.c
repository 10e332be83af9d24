#include "km_load.h"

#include "km.h"
#include "km_hog.h"
#include "km_namespaces.h"
#include "km_pidns.h"
#include "km_process.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHURN_CHILDREN 3

static pid_t pids[KM_LOADS];
static volatile unsigned long *churned; /* containers, counted by another process */

int km_load_has_ingredients(void) {
    return (int)km_number("ingredients", 1, 0, 1);
}

__attribute__((noreturn)) static void be_busy(void) {
    for (volatile uint32_t sum = 0;; sum += km_random())
        ;
}

__attribute__((noreturn)) static void churn(void) {
    int by_thread = km_load_has_ingredients();
    for (;; (*churned)++)
        km_pidns_run(KM_NAMESPACES_ALL, by_thread, CHURN_CHILDREN);
}

/* Nicer than who works: what only has to be there need not take a share of the time like a container's. */
static const struct {
    const char *name;
    void (*body)(void);
    int nice;
} loads[KM_LOADS] = {{"cpu", be_busy, 10}, {"memory", km_hog, 10}, {"churn", churn, 0}};

static int number_of(const char *name, size_t length) {
    for (int i = 0; i < KM_LOADS; i++)
        if (strlen(loads[i].name) == length && !strncmp(loads[i].name, name, length))
            return i;
    km_fail("load=%s: %.*s is neither cpu, memory nor churn", km_text("load", ""), (int)length, name);
}

void km_load_start(void) {
    churned = mmap(NULL, sizeof *churned, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (churned == MAP_FAILED)
        km_must(-1, "memory for a count");
    for (const char *at = km_text("load", ""); *at;) {
        size_t length = strcspn(at, ",");
        int number = number_of(at, length);
        at += length + (at[length] == ',');
        if (pids[number])
            continue;
        pids[number] = fork();
        km_must(pids[number], "fork of a load");
        if (pids[number] == 0) {
            km_must(setpriority(PRIO_PROCESS, 0, loads[number].nice), "setpriority");
            loads[number].body();
        }
    }
}

void km_load_check(void) {
    int status;
    for (int i = 0; i < KM_LOADS; i++)
        if (pids[i] && waitpid(pids[i], &status, WNOHANG) > 0)
            km_end_as(status, loads[i].name);
}

void km_load_stop(void) {
    for (int i = 0; i < KM_LOADS; i++)
        if (pids[i])
            km_kill(pids[i]);
    if (*churned)
        km_sample("churned-containers", (double)*churned);
}

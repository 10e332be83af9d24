#include "km.h"

#include "km_module.h"
#include "km_page.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char **arguments;
static long iterations_asked;
static uint64_t random_state;
static struct km_page own_page;
static struct km_page *page = &own_page;
static int report_fd = 1;

void km_args(int argc, char **argv) {
    struct stat about;
    arguments = argv + (argc > 0);
    if (fstat(KM_PAGE_FD, &about) == 0 && S_ISREG(about.st_mode) && about.st_size == KM_PAGE_SIZE) {
        void *shared = mmap(NULL, KM_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, KM_PAGE_FD, 0);
        if (shared == MAP_FAILED)
            km_fail("the agent's page can't be mapped: %s", strerror(errno));
        page = shared;
        report_fd = KM_REPORT_FD;
    }
    iterations_asked = km_number("iterations", 0, 0, 0x7fffffffL);
    random_state = (uint64_t)km_number("seed", 1, 0, 0xffffffffL) * 0x9e3779b97f4a7c15ull + 1;
}

const char *km_text(const char *key, const char *fallback) {
    size_t length = strlen(key);
    for (char **argument = arguments; *argument; argument++)
        if (!strncmp(*argument, key, length) && (*argument)[length] == '=')
            return *argument + length + 1;
    return fallback;
}

long km_number(const char *key, long fallback, long min, long max) {
    const char *text = km_text(key, NULL);
    char *end;
    if (!text)
        return fallback;
    long value = strtol(text, &end, 10);
    if (!*text || *end || value < min || value > max)
        km_fail("argument %s=%s is not a whole number from %ld to %ld", key, text, min, max);
    return value;
}

int km_is(const char *key, const char *value) {
    return !strcmp(km_text(key, ""), value);
}

int km_continue(void) {
    return !page->stop && (!iterations_asked || page->iterations < (uint64_t)iterations_asked);
}

void km_iteration_done(void) {
    page->iterations++;
}

unsigned long long km_iterations(void) {
    return page->iterations;
}

/* One write() a line, shorter than PIPE_BUF, so that lines of several processes never mix (pipe(7)). */
static void tell(char *line, int length, size_t size) {
    if (length < 0)
        return;
    size_t bytes = (size_t)length >= size - 1 ? size - 2 : (size_t)length;
    for (size_t i = 0; i < bytes; i++)
        if (line[i] == '\n')
            line[i] = ' ';
    line[bytes++] = '\n';
    ssize_t written;
    while ((written = write(report_fd, line, bytes)) < 0 && errno == EINTR)
        ;
    if (written < 0)
        _exit(126); /* without the agent nothing that follows could be believed */
}

/* `start` with the tab that ends a field, or with the beginning of the text. */
static void tell_list(const char *start, const char *format, va_list list) {
    char line[900];
    int head = snprintf(line, sizeof line, "%s", start);
    int tail = vsnprintf(line + head, sizeof line - (size_t)head, format, list);
    tell(line, tail < 0 ? tail : head + tail, sizeof line);
}

static void tell_fact(const char *name, const char *kind, const char *value, const char *evidence,
                      va_list list) {
    char start[300];
    snprintf(start, sizeof start, "fact\t%.60s\t%s\t%.200s\t", name, kind, value);
    tell_list(start, evidence, list);
}

void km_sample(const char *name, double value) {
    char line[120];
    tell(line, snprintf(line, sizeof line, "sample\t%.60s\t%.9g", name, value), sizeof line);
}

#define WITH_LIST(last, statement)                                                                           \
    va_list list;                                                                                            \
    va_start(list, last);                                                                                    \
    statement;                                                                                               \
    va_end(list)

static void tell_part(const char *name, int there, const struct km_module *module, const char *evidence,
                      va_list list) {
    static const char *const forms[] = {"not-probed", "absent", "built-in"};
    char start[400];
    if (there == 0 && module && module->failed[0]) {
        snprintf(start, sizeof start, "fact\t%.60s\tpart\tnot-probed\t%s; ", name, module->failed);
        tell_list(start, evidence, list);
    } else if (there > 0 && module && module->loaded) {
        tell_fact(name, "module", module->loaded, evidence, list);
    } else {
        tell_fact(name, "part", forms[there < 0 ? 0 : there > 0 ? 2 : 1], evidence, list);
    }
}

void km_part(const char *name, int there, const struct km_module *module, const char *evidence, ...) {
    WITH_LIST(evidence, tell_part(name, there, module, evidence, list));
}

void km_fact(const char *name, int there, const char *evidence, ...) {
    WITH_LIST(evidence, tell_part(name, there, NULL, evidence, list));
}

int km_answer(int error) {
    static const int shortage[] = {EAGAIN, EINTR, EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC};
    for (unsigned i = 0; i < sizeof shortage / sizeof *shortage; i++)
        if (error == shortage[i])
            return -1;
    return error == 0;
}

void km_effect(const char *name, int value, const char *evidence, ...) {
    WITH_LIST(evidence, tell_fact(name, "bool", value ? "true" : "false", evidence, list));
}

void km_fact_number(const char *name, double value, const char *evidence, ...) {
    char text[40];
    snprintf(text, sizeof text, "%.15g", value);
    WITH_LIST(evidence, tell_fact(name, "number", text, evidence, list));
}

void km_fact_text(const char *name, const char *value, const char *evidence, ...) {
    WITH_LIST(evidence, tell_fact(name, "text", value, evidence, list));
}

void km_note(const char *format, ...) {
    WITH_LIST(format, tell_list("note\t", format, list));
}

void km_output(int stream, unsigned long long at, const char *piece) {
    char line[1200];
    tell(line, snprintf(line, sizeof line, "output\t%d\t%llu\t%s", stream, at, piece), sizeof line);
}

void km_fail(const char *format, ...) {
    WITH_LIST(format, tell_list("reason\t", format, list));
    _exit(1);
}

void km_unsupported(const char *format, ...) {
    WITH_LIST(format, tell_list("reason\t", format, list));
    _exit(KM_EXIT_UNSUPPORTED);
}

void km_must(int result, const char *what) {
    if (result < 0)
        km_fail("%s: %s", what, strerror(result == -1 ? errno : -result));
}

void km_die_of(int number, const char *format, ...) {
    struct rlimit no_core = {0, 0};
    WITH_LIST(format, tell_list("reason\t", format, list));
    setrlimit(RLIMIT_CORE, &no_core);
    signal(number, SIG_DFL);
    kill(getpid(), number);
    km_fail("signal %d did not end the workload", number);
}

void km_end_as(int status, const char *what) {
    if (WIFSIGNALED(status))
        km_die_of(WTERMSIG(status), "%s was killed by signal %d (%s)", what, WTERMSIG(status),
                  strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status) == KM_EXIT_UNSUPPORTED)
        km_unsupported("%s lacks what it needs", what);
    if (WEXITSTATUS(status))
        km_fail("%s ended with status %d", what, WEXITSTATUS(status));
}

/* splitmix64: any seed is a good one */
uint32_t km_random(void) {
    uint64_t mixed = random_state += 0x9e3779b97f4a7c15ull;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ull;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebull;
    return (uint32_t)(mixed >> 32);
}

double km_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void km_sleep_ms(long ms) {
    struct timespec rest = {ms / 1000, ms % 1000 * 1000000L};
    while (nanosleep(&rest, &rest) < 0 && errno == EINTR)
        ;
}

int km_wait_until(int (*condition)(void *), void *argument, double seconds) {
    double end = km_now() + seconds;
    while (!condition(argument)) {
        if (km_now() > end)
            return condition(argument);
        km_sleep_ms(5);
    }
    return 1;
}

#include "workload.h"

#include "calibrate.h"
#include "exchange.h"
#include "files.h"
#include "json.h"
#include "relay.h"
#include "seed.h"
#include "vary.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS_MAX 36

/* argv of a workload, in one block that lives until exec. */
struct arguments {
    char path[96];
    char text[ARGUMENTS_MAX][120];
    char *argv[ARGUMENTS_MAX + 2];
    int count;
};

static int name_is_plain(const char *name) {
    return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

static const char *add_argument(struct arguments *to, const char *key, const char *value) {
    if (to->count >= ARGUMENTS_MAX)
        return "too many arguments";
    char *text = to->text[to->count];
    if (snprintf(text, sizeof to->text[0], "%s=%s", key, value) >= (int)sizeof to->text[0])
        return "argument too long";
    to->argv[++to->count] = text;
    to->argv[to->count + 1] = NULL;
    return NULL;
}

static const char *arguments_of(const struct json_member *members, int count, struct arguments *to) {
    char name[64], key[40], value[100];
    struct json_member args[ARGUMENTS_MAX];
    const char *wrong;
    if (json_text(json_find(members, count, "workload"), name, sizeof name) < 0 || !name_is_plain(name))
        return "start without a plain workload name";
    snprintf(to->path, sizeof to->path, "/workloads/%s", name);
    to->argv[0] = to->path;
    static const char *const wholes[] = {"seed", "iterations"};
    for (int i = 0; i < 2; i++) {
        long long number = json_whole(json_find(members, count, wholes[i]));
        snprintf(value, sizeof value, "%lld", number);
        if (number < 0)
            return "start without seed and iterations";
        if ((wrong = add_argument(to, wholes[i], value)))
            return wrong;
    }
    const struct json_member *object = json_find(members, count, "args");
    if (!object)
        return NULL;
    int number =
        object->kind == JSON_OBJECT ? json_object(object->value, object->length, args, ARGUMENTS_MAX) : -1;
    if (number < 0)
        return "args is no object, or too long";
    for (int i = 0; i < number; i++) {
        if (args[i].key_length >= sizeof key || json_text(&args[i], value, sizeof value) < 0)
            return "an argument is neither a short string nor a number";
        memcpy(key, args[i].key, args[i].key_length);
        key[args[i].key_length] = 0;
        if ((wrong = add_argument(to, key, value)))
            return wrong;
    }
    return NULL;
}

/*
 * Read ends and write ends. Where the host wants to feed the workload, its standard input is one as well, and
 * it gets the exchange memory.
 */
struct pipes {
    int report[2], input[2], exchange;
};

/*
 * In the child, which borrows the agent's memory until it runs the program (vfork(2)): it never returns, and
 * writes to nothing but its own frame. Descriptors as km_page.h says, stray output to the same pipe, default
 * signals, a group of its own.
 */
static __attribute__((noreturn)) void become(const struct arguments *arguments, const struct pipes *pipes) {
    char text[200];
    int page = open("/run/kmatrix.page", O_RDWR), first = KM_PAGE_FD + 1, report, exchange;
    int input = pipes->input[0] > 0 ? pipes->input[0] : open("/dev/null", O_RDONLY);
    setpgid(0, 0);
    signal(SIGCHLD, SIG_DFL);
    report = fcntl(pipes->report[1], F_DUPFD, 10);
    page = fcntl(page, F_DUPFD, 10);
    exchange = pipes->exchange < 0 ? -1 : fcntl(pipes->exchange, F_DUPFD, 10);
    if (input < 0 || report < 0 || page < 0 || dup2(input, 0) < 0 || dup2(report, 1) < 0 ||
        dup2(report, 2) < 0 || dup2(report, KM_REPORT_FD) < 0 || dup2(page, KM_PAGE_FD) < 0)
        _exit(126);
    if (exchange >= 0 && dup2(exchange, KM_EXCHANGE_FD) == KM_EXCHANGE_FD)
        first = KM_EXCHANGE_FD + 1;
    for (int fd = first; fd < 64; fd++)
        close(fd);
    execv(arguments->path, arguments->argv);
    int length = snprintf(text, sizeof text, "reason\texec %s: %s\n", arguments->path, strerror(errno));
    if (write(KM_REPORT_FD, text, (size_t)length) != length)
        _exit(126);
    _exit(127);
}

/*
 * vfork: the agent's memory, with what it holds, need not be copied for a program that replaces it. The agent
 * waits until then; the heartbeat, which tells a slow machine from a frozen one, doesn't. A function of its
 * own, since the child runs on its parent's stack.
 */
static __attribute__((noinline)) pid_t launch(const struct arguments *arguments, const struct pipes *pipes) {
    pid_t pid = vfork();
    if (pid == 0)
        become(arguments, pipes);
    return pid;
}

static int pipes_make(struct pipes *pipes, int is_fed) {
    memset(pipes, 0, sizeof *pipes);
    pipes->exchange = is_fed ? exchange_open() : -1;
    if (pipe2(pipes->report, O_CLOEXEC) < 0 || fcntl(pipes->report[0], F_SETFL, O_NONBLOCK) < 0)
        return -1;
    return !is_fed ||
                   (pipe2(pipes->input, O_CLOEXEC) == 0 && fcntl(pipes->input[1], F_SETFL, O_NONBLOCK) == 0)
               ? 0
               : -1;
}

static void close_if_open(int fd) {
    if (fd > 0)
        close(fd);
}

const char *workload_start(struct workload *workload, struct km_page *page, const struct span *body) {
    static struct arguments arguments;
    struct json_member members[16];
    struct pipes pipes;
    int count = json_object(body->at, body->length, members, 16);
    memset(&arguments, 0, sizeof arguments);
    const char *wrong = arguments_of(members, count < 0 ? 0 : count, &arguments);
    if (wrong)
        return wrong;
    const struct json_member *files = json_find(members, count, "files");
    char id[FILES_ID_SIZE];
    if (files && json_text(files, id, sizeof id) < 0)
        return "files are named by a hash";
    if (files && (wrong = files_bring(id)))
        return wrong;
    const struct json_member *feed = json_find(members, count, "feed");
    seed_machine(members, count);
    vary_machine((uint32_t)json_whole(json_find(members, count, "seed")));
    page->iterations = 0;
    page->stop = 0;
    memset(workload, 0, sizeof *workload);
    workload->started = uptime_seconds();
    if (pipes_make(&pipes, feed && feed->kind == JSON_LITERAL && feed->length == 4) == 0)
        workload->pid = launch(&arguments, &pipes);
    close_if_open(pipes.report[1]);
    close_if_open(pipes.input[0]);
    workload->report = pipes.report[0];
    feed_begin(&workload->feed, pipes.input[1], pipes.exchange);
    close_if_open(pipes.exchange);
    if (workload->pid > 0)
        return NULL;
    workload->pid = 0;
    close_if_open(workload->report);
    feed_end(&workload->feed);
    vary_release();
    return "no process for the workload";
}

void workload_relay(struct workload *workload, struct frame_writer *writer) {
    char bytes[512];
    ssize_t got;
    while ((got = read(workload->report, bytes, sizeof bytes)) > 0)
        for (ssize_t i = 0; i < got; i++) {
            if (bytes[i] != '\n' && workload->used < sizeof workload->line - 1) {
                workload->line[workload->used++] = bytes[i] ? bytes[i] : '?';
                continue;
            }
            workload->line[workload->used] = 0;
            workload->used = 0;
            if (workload->line[0])
                relay_line(workload, writer, workload->line);
        }
    workload->report_ended = got == 0; /* every writer is gone: polling on would spin */
}

struct ending {
    const char *status, *reason;
    int code, signal, stopped;
    long long iterations;
    double seconds;
};

static void send_done(struct frame_writer *writer, const struct ending *ending) {
    struct frame frame;
    frame_begin(&frame, "done");
    frame_string(&frame, "status", ending->status);
    frame_whole(&frame, "exitStatus", ending->code);
    frame_whole(&frame, "signal", ending->signal);
    frame_whole(&frame, "iterations", ending->iterations);
    frame_raw(&frame, "stopped", ending->stopped ? "true" : "false");
    frame_string(&frame, "reason", ending->reason);
    frame_seconds(&frame, "seconds", ending->seconds);
    frame_send(writer, &frame);
}

void workload_unsupported(struct frame_writer *writer, const char *reason) {
    struct ending ending = {.status = "unsupported", .reason = reason, .code = 77};
    send_done(writer, &ending);
}

void workload_done(struct workload *workload, struct frame_writer *writer, const struct km_page *page,
                   int status) {
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    kill(-workload->pid, SIGKILL);
    vary_release();
    workload_relay(workload, writer);
    struct ending ending = {
        .status = WIFSIGNALED(status) ? "killed"
                  : code == 0         ? "passed"
                  : code == 77        ? "unsupported"
                                      : "failed",
        .code = code,
        .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
        .iterations = (long long)page->iterations,
        .stopped = page->stop,
        .reason = workload->reason,
        .seconds = uptime_seconds() - workload->started,
    };
    send_done(writer, &ending);
    close(workload->report);
    feed_end(&workload->feed);
    workload->pid = 0;
}

#include "session.h"

#include "../lib/km_ended.h"
#include "calibrate.h"
#include "files.h"
#include "heartbeat.h"
#include "json.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* A line from the host; one that is longer than any frame is dropped whole. */
struct input {
    char line[4096];
    size_t used;
    int overlong;
};

static int ended; /* km_ended.h */

static void say(struct session *session, const char *text) {
    struct frame frame;
    frame_begin(&frame, "note");
    frame_string(&frame, "text", text);
    frame_send(&session->writer, &frame);
}

static void say_ready(struct session *session) {
    struct frame frame;
    struct utsname system;
    frame_begin(&frame, "ready");
    frame_whole(&frame, "protocol", 1);
    frame_string(&frame, "release", uname(&system) == 0 ? system.release : "unknown");
    frame_seconds(&frame, "uptime", uptime_seconds());
    frame_whole(&frame, "calibrationNs", session->calibration_ns);
    frame_raw(&frame, "modules", session->modules->loaded);
    frame_raw(&frame, "moduleFailures", session->modules->failed);
    frame_send(&session->writer, &frame);
}

static void serve_start(struct session *session, const struct span *body) {
    const char *wrong = session->workload.pid ? "a workload runs already"
                                              : workload_start(&session->workload, session->page, body);
    struct frame frame;
    if (wrong == files_no_slot)
        workload_unsupported(&session->writer, wrong);
    else if (wrong) {
        frame_begin(&frame, "refused");
        frame_string(&frame, "reason", wrong);
        frame_send(&session->writer, &frame);
    }
}

static void serve_input(struct session *session, const struct span *body) {
    const char *wrong = feed_take(&session->workload.feed, &session->writer, body);
    char text[120];
    if (wrong) {
        snprintf(text, sizeof text, "frame rejected: %s", wrong);
        say(session, text);
    }
}

static void serve(struct session *session, const char *line, size_t length) {
    struct json_member members[16];
    struct span body;
    char type[16], text[120];
    const char *wrong = frame_parse(line, length, &body);
    int count = wrong ? -1 : json_object(body.at, body.length, members, 16);
    if (!wrong && (count < 0 || json_text(json_find(members, count, "type"), type, sizeof type) < 0))
        wrong = "no type";
    if (!wrong && !strcmp(type, "hello"))
        say_ready(session);
    else if (!wrong && !strcmp(type, "start"))
        serve_start(session, &body);
    else if (!wrong && (!strcmp(type, "input") || !strcmp(type, "shared-input")))
        serve_input(session, &body);
    else if (!wrong && !strcmp(type, "stop"))
        session->page->stop = 1;
    else if (!wrong && !strcmp(type, "poweroff"))
        session_poweroff(session->writer.fd);
    else {
        snprintf(text, sizeof text, "frame rejected: %s", wrong ? wrong : "unknown type");
        say(session, text);
    }
}

static void read_host(struct session *session, struct input *input) {
    char bytes[512];
    ssize_t got = read(session->writer.fd, bytes, sizeof bytes);
    for (ssize_t i = 0; i < got; i++) {
        if (bytes[i] != '\n') {
            if (input->used < sizeof input->line)
                input->line[input->used++] = bytes[i];
            else
                input->overlong = 1;
            continue;
        }
        if (input->overlong)
            say(session, "frame rejected: line too long");
        else if (input->used)
            serve(session, input->line, input->used);
        input->used = 0;
        input->overlong = 0;
    }
}

/* Every orphan of the machine ends here (PID 1's duty), the workload among them. */
static void reap(struct session *session) {
    int status;
    pid_t pid;
    km_ended_drain(ended);
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == session->workload.pid)
            workload_done(&session->workload, &session->writer, session->page, status);
        else if (pid == session->heartbeat)
            say(session, "the heartbeat process died");
    }
}

void session_run(struct session *session) {
    static struct input input;
    session->writer.from = "agent";
    if ((ended = km_ended_pipe()) < 0)
        session_poweroff(session->writer.fd);
    session->heartbeat = heartbeat_start(session->writer.fd, session->page);
    say_ready(session);
    for (;;) {
        int relays = session->workload.pid && !session->workload.report_ended;
        int feeds = feed_waits(&session->workload.feed);
        struct pollfd wait[4] = {
            {session->writer.fd, POLLIN, 0},
            {ended, POLLIN, 0},
            {relays ? session->workload.report : -1, POLLIN, 0},
            {feeds ? session->workload.feed.pipe : -1, POLLOUT, 0},
        };
        if (poll(wait, 4, -1) < 0)
            continue;
        if (wait[3].revents)
            feed_push(&session->workload.feed, &session->writer);
        if (wait[2].revents)
            workload_relay(&session->workload, &session->writer);
        if (wait[1].revents)
            reap(session);
        if (wait[0].revents)
            read_host(session, &input);
    }
}

void session_poweroff(int serial) {
    if (serial >= 0)
        tcdrain(serial);
    sync();
    reboot(RB_POWER_OFF);
    reboot(RB_AUTOBOOT); /* no ACPI: with -no-reboot a restart ends the machine as well */
    reboot(RB_HALT_SYSTEM);
    for (;;)
        pause();
}

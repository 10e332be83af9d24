#ifndef AGENT_SESSION_H
#define AGENT_SESSION_H

#include "modules.h"
#include "workload.h"

struct session {
    struct frame_writer writer;
    struct km_page *page;
    const struct module_lists *modules;
    long long calibration_ns;
    pid_t heartbeat;
    struct workload workload;
};

/* Starts the heartbeat, says ready, and serves frames until the machine is switched off. */
__attribute__((noreturn)) void session_run(struct session *session);

/* Sends what ttyS1 still holds, syncs and switches the machine off by whatever way the kernel knows. */
__attribute__((noreturn)) void session_poweroff(int serial);

#endif

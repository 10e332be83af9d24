#ifndef AGENT_HEARTBEAT_H
#define AGENT_HEARTBEAT_H

#include "../lib/km_page.h"

#include <sys/types.h>

/* Forks the process that sends one beat a second for as long as the machine lives. Its pid, or -1. */
pid_t heartbeat_start(int serial, const struct km_page *page);

#endif

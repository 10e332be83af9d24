/*
 * One page that the agent, its heartbeat and a workload share: a file in the root file system, mapped by
 * each. The workload counts iterations in it, the heartbeat reads them, the agent raises the stop flag. Plain
 * aligned words: each has one writer, and a torn or late read costs a beat nothing.
 */
#ifndef KM_PAGE_H
#define KM_PAGE_H

#include <stdint.h>

#define KM_PAGE_SIZE 4096
#define KM_REPORT_FD 3 /* pipe for lines from a workload to the agent */
#define KM_PAGE_FD 4   /* this page, inherited over exec */

struct km_page {
    volatile uint64_t iterations; /* finished by the workload */
    volatile uint32_t stop;       /* raised by the agent: finish this iteration, then end */
};

#endif

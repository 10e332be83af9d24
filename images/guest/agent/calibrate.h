#ifndef AGENT_CALIBRATE_H
#define AGENT_CALIBRATE_H

/* Nanoseconds that a fixed piece of work takes, the best of three; the host runs this same binary and
 * compares. */
long long calibrate_ns(void);

/* Seconds since power-on. */
double uptime_seconds(void);

#endif

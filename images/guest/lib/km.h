/*
 * What every workload uses: arguments, iterations, what it tells the agent, and its ends. Include km_*.h for
 * more. Text goes to the agent as tab-separated lines on descriptor 3; on a host without an agent it goes to
 * stdout.
 */
#ifndef KM_H
#define KM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct km_module;

#define KM_EXIT_UNSUPPORTED 77

/* Reads argv (key=value …) and maps the shared page. Call it first. */
void km_args(int argc, char **argv);
const char *km_text(const char *key, const char *fallback);
/* A whole number argument within [min, max]; anything else fails the workload. */
long km_number(const char *key, long fallback, long min, long max);
/* 1 if the argument is there and equals value. */
int km_is(const char *key, const char *value);

/* Iterations are left (0 asked for: no limit) and the agent has not asked to stop. */
int km_continue(void);
void km_iteration_done(void);
unsigned long long km_iterations(void);

void km_sample(const char *name, double value);
/*
 * A part of the kernel is there (1), is not (0), or was not probed (-1): the probe failed at something else,
 * which says nothing of the part. `module` is what came of loading it (km_module): where it was there
 * without, it is built in; where it doesn't load, the part is not probed either, for that reason.
 */
void km_part(const char *name, int there, const struct km_module *module, const char *evidence, ...)
    __attribute__((format(printf, 4, 5)));
/* What a call says of the part that it asked for, by its errno: 1 for 0, -1 where the machine was short of
 * something, else 0. */
int km_answer(int error);
/* km_part() for what is never a module. */
void km_fact(const char *name, int there, const char *evidence, ...) __attribute__((format(printf, 3, 4)));
/* Something that the kernel does or doesn't do, whatever it has for it. */
void km_effect(const char *name, int value, const char *evidence, ...) __attribute__((format(printf, 3, 4)));
void km_fact_number(const char *name, double value, const char *evidence, ...)
    __attribute__((format(printf, 3, 4)));
void km_fact_text(const char *name, const char *value, const char *evidence, ...)
    __attribute__((format(printf, 3, 4)));
void km_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A piece of stream 1 or 2 (km_output.h): where it begins, and its bytes in base64 or the place that has
 * them. */
void km_output(int stream, unsigned long long at, const char *piece);

/* The ends that are not success. Each leaves the calling process at once, whichever it is (see km_end_as). */
void km_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void km_unsupported(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
/* Fails the workload where a call gave -1 with errno, or a negative errno. */
void km_must(int result, const char *what);
/* Ends by the signal that killed a container's process, so that the workload counts as killed by it. */
void km_die_of(int signal, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
/* Returns if a child ended well; else ends as the child did: failed, unsupported or killed. */
void km_end_as(int status, const char *what);

/* Deterministic from the seed; a child that forks goes on with a copy of the state. */
uint32_t km_random(void);
double km_now(void);
void km_sleep_ms(long ms);
/* Polls `condition` every 5 ms up to `seconds`; its last answer. For what the kernel does in its own time. */
int km_wait_until(int (*condition)(void *), void *argument, double seconds);

#endif

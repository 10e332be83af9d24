#include "km_runtime.h"

#include "km.h"
#include "km_process.h"

#include <limits.h>
#include <stddef.h>
#include <unistd.h>

#define STACK_BYTES 16384
/* linux/futex.h, which musl does not come with */
#define WAIT_PRIVATE 128
#define WAKE_PRIVATE 129

static char stacks[KM_RUNTIME_THREADS_MAX][STACK_BYTES] __attribute__((aligned(64)));
static int numbers[KM_RUNTIME_THREADS_MAX];
static volatile int holder; /* the thread whose turn it is */
static long thread_count;
static void (*run_step)(void *);
static void *step_argument;

/* Not by syscall(2): threads of km_thread share the errno that the one with the turn may be reading. */
static void futex(int operation, int value) {
    register long timeout __asm__("r10") = 0;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"((long)SYS_futex), "D"(&holder), "S"((long)operation), "d"((long)value),
                       "r"(timeout)
                     : "rcx", "r11", "memory");
}

static int take_turns(void *number) {
    int own = *(int *)number;
    for (;;) {
        for (int other; (other = holder) != own;)
            futex(WAIT_PRIVATE, other);
        run_step(step_argument);
        int next = (int)(km_random() % (uint32_t)thread_count);
        __sync_synchronize(); /* what this step wrote comes before the turn */
        holder = next;
        if (next != own)
            futex(WAKE_PRIVATE, INT_MAX);
    }
    return 0;
}

void km_runtime_run(long threads, void (*step)(void *), void *argument) {
    run_step = step;
    step_argument = argument;
    thread_count = threads;
    for (int number = 0; number < (int)threads; number++)
        numbers[number] = number;
    for (long number = 1; number < threads; number++)
        km_must(km_thread(take_turns, &numbers[number], stacks[number], STACK_BYTES), "clone of a thread");
    take_turns(&numbers[0]);
    _exit(125);
}

/* Processes by raw clone(2), and what musl's headers may lack. */
#ifndef KM_PROCESS_H
#define KM_PROCESS_H

#include <sched.h>
#include <sys/syscall.h>
#include <sys/types.h>

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef SYS_setns
#define SYS_setns 308
#endif
#ifndef SYS_kcmp
#define SYS_kcmp 312
#endif

/* As fork(2), with namespace flags: returns twice. CLONE_VM is not for this one. */
pid_t km_clone(unsigned long flags);
/* A thread of this process on a stack of the caller's, without pthread's bookkeeping; its tid or -1. */
pid_t km_thread(int (*body)(void *), void *argument, void *stack, size_t stack_size);
/* wait4 for this pid, over interruptions; fails the workload if it is not there to be waited for. */
int km_wait(pid_t pid);
/* Ends a child and reaps it. */
void km_kill(pid_t pid);
/* Short-lived children, one after another: how many of them ended well. */
int km_children(long count);
/* Threads of this process, by the /proc that is mounted; -1 where it doesn't tell. */
int km_threads(void);
/* Number of processes that wait to be reaped by us: 0 when all is well. */
int km_zombies(void);

#endif

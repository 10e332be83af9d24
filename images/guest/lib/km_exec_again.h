/*
 * moby#407's ingredient: an exec in the init of a PID namespace, from a thread that is not its leader
 * (workloads/pidns-exec.c says what the kernel makes of it).
 */
#ifndef KM_EXEC_AGAIN_H
#define KM_EXEC_AGAIN_H

#define KM_EXEC_WORDS 40

/*
 * Runs this program anew with these words (words[0] is its name, NULL ends them), by a thread of its own or
 * by the leader. The next image learns by which: tid= and pid= are added.
 */
void km_exec_again(int by_thread, char *const *words) __attribute__((noreturn));
/* In the next image: fails the workload unless it is pid 1 by an exec from where it was to come from. */
void km_exec_check(int by_thread);

#endif

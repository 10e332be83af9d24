/* One container as Docker ran it in 2013: what lxc-start did, the Go program inside, and the user's command.
 */
#ifndef KM_DOCKER_H
#define KM_DOCKER_H

#define KM_DOCKER_WITNESS "hkmdocker" /* a link of the host's, which no container may see */

/*
 * Runs one container to its end and checks it from inside and outside, as lifecycle does; anything wrong ends
 * the calling process. 1 if its command was exec'd from a thread that is not the leader. `program` is this
 * program's path.
 */
int km_docker_run(const char *program);
/* The images that the container's pid 1 goes through by exec: main() calls the one that stage= names. */
void km_docker_sysinit(void) __attribute__((noreturn));
void km_docker_command(void) __attribute__((noreturn));

#endif

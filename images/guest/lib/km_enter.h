#ifndef KM_ENTER_H
#define KM_ENTER_H

/*
 * Makes a folder (a mount below `base`) this process's /, with /proc, /dev and /tmp of its own and nothing
 * left of the machine's. For the init of a container with PID and mount namespaces; fails the workload.
 */
void km_enter(const char *root);

#endif

#ifndef KM_KILL_DPKG_H
#define KM_KILL_DPKG_H

/*
 * Leaves a process behind that kills dpkg (SIGKILL) in the middle of its work: once it has unpacked this
 * package. For the init of a container, before it runs apt-get; the process goes with the container.
 */
void km_kill_dpkg(const char *package);

#endif

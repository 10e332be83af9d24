/* The parts of feature-probe. Each tells facts and returns; each may hang or die, since a guarded child runs
 * it. */
#ifndef KM_PROBES_H
#define KM_PROBES_H

/*
 * Runs a probe in a child. If it dies, or takes more than 30 s, `fact` is told as false with that as
 * evidence. A child that not even SIGKILL ends is left behind.
 */
void km_guarded(const char *fact, void (*probe)(void));

void km_probe_namespaces(void);
void km_probe_cgroups(void);
void km_probe_memory_limits(void);
void km_probe_filesystems(void);
void km_probe_links(void);
void km_probe_criu(void);
void km_probe_seccomp(void);

#endif

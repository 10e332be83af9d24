/* The parts of feature-probe. Each tells facts and returns; each may hang or die, since a guarded child runs
 * it. */
#ifndef KM_PROBES_H
#define KM_PROBES_H

/*
 * Runs a probe in a child. If it dies, gives up, or takes more than 30 s, `fact` is not probed, with that as
 * evidence. A child that not even SIGKILL ends is left behind.
 */
void km_guarded(const char *fact, void (*probe)(void));

void km_probe_namespaces(void);
void km_probe_cgroups(void);
void km_probe_memory_limits(void);
void km_probe_filesystems(void);
/* By itself: loading it takes seconds, in which raid6_pq measures its algorithms. */
void km_probe_btrfs(void);
void km_probe_loop(void);
void km_probe_mapper(void);
void km_probe_thin(void);
void km_probe_netfilter(void);
void km_probe_links(void);
void km_probe_criu(void);
void km_probe_seccomp(void);

#endif

/*
 * The few rtnetlink(7) requests that a container needs, by hand: musl brings no kernel headers, and the
 * numbers are ABI. Each returns 0, or a negative errno as the kernel sent it.
 */
#ifndef KM_NETLINK_H
#define KM_NETLINK_H

#include <stdint.h>
#include <sys/types.h>

/* A link of a kind without data of its own: bridge, dummy, ifb. */
int km_link_create(const char *kind, const char *name);
int km_link_create_veth(const char *name, const char *peer);
int km_link_create_macvlan(const char *name, unsigned lower_index);
int km_link_delete(const char *name);
/* Moves a link into the network namespace of a process. */
int km_link_to_pid(const char *name, pid_t pid);
int km_link_rename(const char *name, const char *to);
int km_link_up(const char *name);
/* 0 if there is none of that name. */
unsigned km_link_index(const char *name);
int km_link_is_up(const char *name);
/*
 * 1 once packets pass: up, with a carrier, and the kernel's link watch has seen so (RFC 2863 state "up"; from
 * the same turn on the link has a queue, net/core/link_watch.c). Until then what is sent is dropped, and TCP
 * and ARP try again after a second.
 */
int km_link_is_operating(const char *name);
/* Waits for that; fails the workload after 60 s. */
void km_link_await_operating(const char *name);
int km_address_add(const char *name, uint32_t ipv4_host_order, int prefix_length);

#endif

#ifndef KM_TREE_H
#define KM_TREE_H

#include <stdint.h>

/* A number made of all that a tree has on its file system: names, kinds, modes, owners, times and bytes;
 * fails the workload where something can't be read. */
uint64_t km_tree_sum(const char *path);

#endif

/* Namespaces that a workload can't do without. */
#ifndef KM_NAMESPACES_H
#define KM_NAMESPACES_H

#include "km_process.h"

#define KM_NAMESPACES_ALL (CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET)

/* Makes one of each of these kinds; ends the workload as unsupported, with its name, where the kernel can't.
 */
void km_namespaces_require(unsigned long flags);

#endif

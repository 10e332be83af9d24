/* A swap area for a probe: a loop device over a sparse file in ramfs, whose own pages are never swapped. */
#ifndef KM_SWAP_H
#define KM_SWAP_H

/* NULL, or the step that failed, with errno. Whatever came of it, km_swap_off undoes it. */
const char *km_swap_on(long mebibytes);
void km_swap_off(void);

#endif

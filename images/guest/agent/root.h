#ifndef AGENT_ROOT_H
#define AGENT_ROOT_H

/* Makes / a mount that pivot_root(2) accepts; nothing may be mounted yet. */
void root_make_pivotable(void);

#endif

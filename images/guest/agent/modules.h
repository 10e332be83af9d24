#ifndef AGENT_MODULES_H
#define AGENT_MODULES_H

/* JSON lists for the ready frame; bounded, the last entry says how many did not fit. */
struct module_lists {
    char loaded[700];
    char failed[700];
};

/* Loads /modules/NAME for each line of /modules/order, in that order; a failure never stops the rest. */
void modules_load(struct module_lists *lists);

#endif

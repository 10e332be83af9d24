#ifndef AGENT_SEED_H
#define AGENT_SEED_H

#include "json.h"

/* Sets the clock and stirs the random pool from a start frame: a restored machine must not repeat another's.
 */
void seed_machine(const struct json_member *members, int count);

#endif

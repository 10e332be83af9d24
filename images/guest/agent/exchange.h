#ifndef AGENT_EXCHANGE_H
#define AGENT_EXCHANGE_H

/* The machine's exchange memory (../lib/km_exchange.h) as a descriptor, or -1 where it has none. */
int exchange_open(void);

#endif

#ifndef AGENT_SERIAL_H
#define AGENT_SERIAL_H

/* ttyS1, raw: bytes pass as they are, both ways. A descriptor, or -1 with errno. */
int serial_open(void);

#endif

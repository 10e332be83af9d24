/* Text without a C library. */
#ifndef KM_TEXT_H
#define KM_TEXT_H

#include <stddef.h>
#include <stdint.h>

size_t length_of(const char *text);
int begins(const char *text, const char *with);

/* Both return where the NUL is that they end with: the next may be written there. */
char *put_text(char *to, const char *text);
char *put_number(char *to, uint64_t value);

/* Reads digits, and moves on behind them. */
uint64_t number_at(const char **text);

/* Calls `each` with every name in a folder that is a number. @return 0, or what the first that failed
 * returned */
long each_number(const char *folder, long (*each)(int));

#endif

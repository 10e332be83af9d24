/* The kernel's own words for why it refused something, from its log. */
#ifndef KM_KERNEL_LOG_H
#define KM_KERNEL_LOG_H

/* Remembers the last line that has this word: what comes after it is new. */
void km_kernel_log_mark(const char *word);
/* The first new line that has the word, from there, as "; LINE"; empty where there is none. errno stays. */
const char *km_kernel_log_since(const char *word);

#endif

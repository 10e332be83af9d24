#ifndef KM_BASE64_H
#define KM_BASE64_H

#include <stddef.h>

/* RFC 4648, padded, as a string: 4 bytes for each 3 begun, and its end. */
void km_base64(const unsigned char *bytes, size_t length, char *out);

#endif

#ifndef AGENT_CRC32_H
#define AGENT_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32 as zlib's and IEEE 802.3's: reflected polynomial 0xedb88320. */
uint32_t crc32_of(const char *bytes, size_t length);

#endif

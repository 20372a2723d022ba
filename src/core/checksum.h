/** A 64-bit checksum (FNV-1a) that tells a whole record from a torn one. Not for cryptography. */
#ifndef FSBI_CORE_CHECKSUM_H
#define FSBI_CORE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/** What fsbi_checksum_add starts from. */
#define FSBI_CHECKSUM_START UINT64_C(0xcbf29ce484222325)

/** The checksum of what `checksum` covered so far followed by `bytes` bytes at `data`. */
uint64_t fsbi_checksum_add(uint64_t checksum, const void *data, size_t bytes);

#endif

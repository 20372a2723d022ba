#include "core/checksum.h"

uint64_t fsbi_checksum_add(uint64_t checksum, const void *data, size_t bytes) {
    const unsigned char *byte = data;
    for (size_t i = 0; i < bytes; i++)
        checksum = (checksum ^ byte[i]) * UINT64_C(0x100000001b3);
    return checksum;
}

/* Runs a fuzz target without libFuzzer: each file given, and variants of it with bytes changed, cut
 * out or repeated. Usage: fuzz_NAME VARIANTS FILE... . Deterministic. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/pcg.h"
#include "fuzz/fuzz.h"

static uint8_t *load(const char *path, size_t *size) {
    FILE *stream = fopen(path, "rb");
    if (stream == NULL || fseek(stream, 0, SEEK_END) != 0)
        return NULL;
    *size = (size_t)ftell(stream);
    rewind(stream);
    uint8_t *data = malloc(2 * *size + 1);
    if (data != NULL && fread(data, 1, *size, stream) != *size) {
        free(data);
        data = NULL;
    }
    fclose(stream);
    return data;
}

/* Changes one thing about the bytes, of which there may be twice as many as at first. */
static size_t mutate(uint8_t *data, size_t size, size_t room, fsbi_pcg *dice) {
    if (size == 0)
        return size;
    const size_t at = fsbi_pcg_next(dice) % size;
    const size_t length = 1 + fsbi_pcg_next(dice) % 16;
    switch (fsbi_pcg_next(dice) % 5) {
    case 0:
        data[at] = (uint8_t)fsbi_pcg_next(dice);
        return size;
    case 1:
        data[at] ^= (uint8_t)(1U << fsbi_pcg_next(dice) % 8);
        return size;
    case 2: /* cut out */
        if (at + length >= size)
            return at;
        memmove(data + at, data + at + length, size - at - length);
        return size - length;
    case 3: /* repeated */
        if (size + length > room || at + length > size)
            return size;
        memmove(data + at + length, data + at, size - at);
        return size + length;
    default: /* a number that is special, in any width */
        memset(data + at, fsbi_pcg_next(dice) % 2 == 0 ? 0 : UINT8_MAX,
               at + length < size ? length : size - at);
        return size;
    }
}

int main(int argc, char **argv) {
    const long variants = argc > 2 ? strtol(argv[1], NULL, 10) : -1;
    if (variants < 0) {
        fprintf(stderr, "usage: %s VARIANTS FILE...\n", argv[0]);
        return 2;
    }
    for (int k = 2; k < argc; k++) {
        size_t size = 0;
        uint8_t *seed = load(argv[k], &size);
        uint8_t *data = malloc(2 * size + 1);
        fsbi_pcg dice = fsbi_pcg_seeded((uint64_t)k, 1);
        if (seed == NULL || data == NULL) {
            fprintf(stderr, "cannot read %s\n", argv[k]);
            return 2;
        }
        LLVMFuzzerTestOneInput(seed, size);
        for (long i = 0; i < variants; i++) {
            size_t length = size;
            memcpy(data, seed, size);
            for (uint32_t changes = 1 + fsbi_pcg_next(&dice) % 8; changes > 0; changes--)
                length = mutate(data, length, 2 * size, &dice);
            LLVMFuzzerTestOneInput(data, length);
        }
        free(data);
        free(seed);
    }
    return 0;
}

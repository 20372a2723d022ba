#include "core/text.h"

#include <errno.h>
#include <iconv.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool reserve(fsbi_text *text, size_t length) {
    if (length + 1 <= text->capacity)
        return true;
    size_t capacity = 2 * (length + 1);
    char *characters = realloc(text->characters, capacity);
    if (characters == NULL) {
        text->failed = true;
        return false;
    }
    text->characters = characters;
    text->capacity = capacity;
    return true;
}

void fsbi_text_append(fsbi_text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length >= 0 && reserve(text, text->length + (size_t)length)) {
        vsnprintf(text->characters + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void fsbi_text_append_real(fsbi_text *text, double value) {
    if (isnan(value)) {
        fsbi_text_append(text, ".nan");
    } else if (isinf(value)) {
        fsbi_text_append(text, value > 0 ? ".inf" : "-.inf");
    } else if (value == trunc(value) && fabs(value) < 1e6) {
        fsbi_text_append(text, "%.0f", value);
    } else {
        char decimal[32];
        int precision = 1;
        do {
            snprintf(decimal, sizeof decimal, "%.*g", precision, value);
        } while (strtod(decimal, NULL) != value && ++precision <= 17);
        fsbi_text_append(text, "%s", decimal);
    }
}

void fsbi_text_clear(fsbi_text *text) {
    free(text->characters);
    *text = (fsbi_text){0};
}

size_t fsbi_text_distance(const char *a, const char *b) {
    enum { LONGEST = 128 };
    size_t length_b = strlen(b);
    if (length_b >= LONGEST)
        return LONGEST;
    size_t row[LONGEST];
    for (size_t j = 0; j <= length_b; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length_b; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            size_t edited = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            row[j] = edited < replaced ? edited : replaced;
        }
    }
    return row[length_b];
}

const char *fsbi_text_nearest(const char *name, const char *const *candidates, size_t count) {
    const char *nearest = NULL;
    size_t limit = strlen(name) / 3;
    if (limit < 2)
        limit = 2;
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(name, candidates[i]) == 0)
            return candidates[i];
        size_t distance = fsbi_text_distance(name, candidates[i]);
        if (distance <= limit && distance < strlen(candidates[i])) {
            nearest = candidates[i];
            limit = distance == 0 ? 0 : distance - 1;
        }
    }
    return nearest;
}

const char *fsbi_text_find_foreign(const char *text) {
    char room[4096];
    iconv_t converter = iconv_open("UTF-32LE", "UTF-8");
    char *place = (char *)text;
    size_t left = strlen(text);
    size_t result = 0;
    do {
        char *out = room;
        size_t out_left = sizeof room;
        result = iconv(converter, &place, &left, &out, &out_left);
    } while (result == (size_t)-1 && errno == E2BIG);
    const bool found = result == (size_t)-1 && (errno == EILSEQ || errno == EINVAL);
    iconv_close(converter);
    return found ? place : NULL;
}

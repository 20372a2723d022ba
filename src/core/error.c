#include "fsbi/error.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What a damaged file calls things must not steer a terminal. */
static void mask_control_characters(char *text) {
    for (; *text != '\0'; text++) {
        if (iscntrl((unsigned char)*text) && *text != '\n' && *text != '\t')
            *text = '?';
    }
}

fsbi_status fsbi_error_set(fsbi_error *error, fsbi_status status, const char *format, ...) {
    if (error != NULL) {
        va_list arguments;
        va_start(arguments, format);
        error->status = status;
        vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
        mask_control_characters(error->message);
    }
    return status;
}

fsbi_status fsbi_error_prefix(fsbi_error *error, const char *format, ...) {
    if (error == NULL)
        return FSBI_INTERNAL;
    char old[sizeof error->message];
    memcpy(old, error->message, sizeof old);
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    if (written < 0 || (size_t)written + 2 >= sizeof error->message)
        return error->status;
    size_t used = (size_t)written + 2;
    size_t length = strnlen(old, sizeof error->message - used - 1);
    memcpy(error->message + written, ": ", 2);
    memcpy(error->message + used, old, length);
    error->message[used + length] = '\0';
    mask_control_characters(error->message);
    return error->status;
}

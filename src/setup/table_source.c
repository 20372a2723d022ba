#include "setup/table_source.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

fsbi_table_source fsbi_table_source_of(const char *text, const char *fallback) {
    fsbi_table_source source = {.dataset = fallback};
    const char *colon = access(text, F_OK) == 0 ? NULL : strrchr(text, ':');
    const int length = (int)(colon == NULL ? strlen(text) : (size_t)(colon - text));
    snprintf(source.path, sizeof source.path, "%.*s", length, text);
    source.named = colon != NULL;
    if (source.named && colon[1] != '\0')
        source.dataset = colon + 1;
    return source;
}

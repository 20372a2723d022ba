/* Where two configurations differ. */
#include <stdio.h>
#include <string.h>

#include "config/node_parts.h"

static bool scalars_differ(const fsbi_config_node *a, const fsbi_config_node *b) {
    double number_a = 0;
    double number_b = 0;
    if (a->plain && b->plain && fsbi_config_text_to_real(a->text, &number_a) &&
        fsbi_config_text_to_real(b->text, &number_b))
        return number_a != number_b;
    return strcmp(a->text, b->text) != 0;
}

static bool is_ignored(const fsbi_config_node *node, const char *const *ignored) {
    fsbi_text path = {0};
    fsbi_config_node_path(node, &path);
    bool found = false;
    for (size_t i = 0; path.length > 0 && ignored != NULL && ignored[i] != NULL; i++)
        found = found || strcmp(ignored[i], path.characters) == 0;
    fsbi_text_clear(&path);
    return found;
}

static bool report_difference(const fsbi_config_node *node, const char *here, const char *there,
                              char *difference, size_t capacity) {
    fsbi_text path = {0};
    fsbi_config_node_path(node, &path);
    snprintf(difference, capacity, "%s: %s here, %s there",
             path.length > 0 ? path.characters : "the whole document", here, there);
    fsbi_text_clear(&path);
    return true;
}

bool fsbi_config_node_difference(const fsbi_config_node *a, const fsbi_config_node *b,
                                 const char *const *ignored, char *difference, size_t capacity) {
    char text_a[128];
    char text_b[128];
    if (is_ignored(a, ignored))
        return false;
    if (a->kind != b->kind || (a->kind == FSBI_NODE_SCALAR && scalars_differ(a, b)))
        return report_difference(a, fsbi_config_node_describe(a, text_a, sizeof text_a),
                                 fsbi_config_node_describe(b, text_b, sizeof text_b), difference,
                                 capacity);
    for (size_t i = 0; i < a->child_count; i++) {
        const fsbi_config_node *child = a->children[i];
        const fsbi_config_node *other = a->kind == FSBI_NODE_MAPPING
                                            ? fsbi_config_node_child(b, child->key)
                                        : i < b->child_count ? b->children[i]
                                                             : NULL;
        if (other == NULL) {
            if (!is_ignored(child, ignored))
                return report_difference(child,
                                         fsbi_config_node_describe(child, text_a, sizeof text_a),
                                         "nothing", difference, capacity);
        } else if (fsbi_config_node_difference(child, other, ignored, difference, capacity)) {
            return true;
        }
    }
    for (size_t i = 0; i < b->child_count; i++) {
        const fsbi_config_node *child = b->children[i];
        bool missing = a->kind == FSBI_NODE_MAPPING ? fsbi_config_node_child(a, child->key) == NULL
                                                    : i >= a->child_count;
        if (missing && !is_ignored(child, ignored))
            return report_difference(child, "nothing",
                                     fsbi_config_node_describe(child, text_b, sizeof text_b),
                                     difference, capacity);
    }
    return false;
}

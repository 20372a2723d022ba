/* `times: N` of a round: it stands for N rounds. */
#include <stdlib.h>
#include <string.h>

#include "config/node_parts.h"
#include "config/overlay.h"
#include "config/rounds.h"

static const char key[] = "times";

static fsbi_status read_times(const fsbi_config_node *round, long *times, fsbi_error *error) {
    enum { MOST = 10000 };
    const fsbi_config_node *node = fsbi_config_node_find(round, key);
    *times = 1;
    if (node == NULL)
        return FSBI_OK;
    FSBI_TRY(fsbi_config_node_integer(node, times, error));
    return *times >= 1 && *times <= MOST
               ? FSBI_OK
               : fsbi_config_node_error(node, error, "found %ld, allowed: 1 to %d", *times, MOST);
}

/* Takes the key out of a round. */
static void drop_times(fsbi_config_node *round) {
    size_t kept = 0;
    for (size_t i = 0; i < round->child_count; i++) {
        if (round->children[i]->key != NULL && strcmp(round->children[i]->key, key) == 0)
            fsbi_config_node_free(round->children[i]);
        else
            round->children[kept++] = round->children[i];
    }
    round->child_count = kept;
}

fsbi_status fsbi_config_repeat_rounds(fsbi_config_node *root, fsbi_error *error) {
    fsbi_config_node *rounds = fsbi_config_node_child(root, "rounds");
    if (rounds == NULL || rounds->kind != FSBI_NODE_SEQUENCE)
        return FSBI_OK;
    fsbi_config_node **written = rounds->children;
    const size_t count = rounds->child_count;
    size_t next = 0;
    fsbi_status status = FSBI_OK;
    rounds->children = NULL;
    rounds->child_count = 0;
    for (; next < count && status == FSBI_OK; next++) {
        long times = 1;
        written[next]->parent = rounds;
        status = read_times(written[next], &times, error);
        drop_times(written[next]);
        for (long i = 1; i < times && status == FSBI_OK; i++)
            status = fsbi_config_node_append_copy(rounds, written[next], error);
        if (status == FSBI_OK)
            status = fsbi_config_node_append(rounds, NULL, written[next], error);
        if (status != FSBI_OK)
            break;
    }
    for (; next < count; next++)
        fsbi_config_node_free(written[next]);
    free(written);
    return status;
}

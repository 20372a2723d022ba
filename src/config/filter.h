/** Conditions on metrics as they stand in a configuration: intervals, names of groups, lists of
 * both. */
#ifndef FSBI_CONFIG_FILTER_H
#define FSBI_CONFIG_FILTER_H

#include "config/config.h"

/** The names that conditions may use. */
typedef struct {
    const char *const *metrics;
    size_t metric_count;
    const fsbi_filter *groups;
    size_t group_count;
} fsbi_filter_context;

/**
 * Reads {METRIC: [low, high], ...}, the name of a group, or a list of such items. Two conditions on
 * one metric become their intersection. `filter->name` is left alone; `filter->conditions` is
 * allocated, owned by the caller.
 */
fsbi_status fsbi_filter_read(const fsbi_config_node *node, const fsbi_filter_context *known,
                             fsbi_filter *filter, fsbi_error *error);

/** Reads a list of metric names, none twice, as conditions that everything meets. */
fsbi_status fsbi_filter_read_metrics(const fsbi_config_node *node, const fsbi_filter_context *known,
                                     fsbi_filter *filter, fsbi_error *error);

/** Appends the filter as a YAML flow mapping. */
void fsbi_filter_write(const fsbi_filter *filter, fsbi_text *yaml);

#endif

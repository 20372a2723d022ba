/** Conditions on metrics as they stand in a configuration: intervals, best shares, names of groups,
 * lists of these. */
#ifndef FSBI_CONFIG_FILTER_H
#define FSBI_CONFIG_FILTER_H

#include "config/settings.h"
#include "core/text.h"

/** The names that conditions may use. */
typedef struct {
    const char *const *metrics;
    size_t metric_count;
    const fsbi_filter *groups;
    size_t group_count;
} fsbi_filter_context;

/**
 * Reads {METRIC: CONDITION, ...}, the name of a group, or a list of such items. A condition is
 * [low, high], {top: SHARE}, {bottom: SHARE}, or a mapping with several of `interval`, `top` and
 * `bottom`. Two conditions on one metric become their intersection. `filter->name` is left alone;
 * `filter->conditions` is allocated, owned by the caller.
 */
fsbi_status fsbi_filter_read(const fsbi_config_node *node, const fsbi_filter_context *known,
                             fsbi_filter *filter, fsbi_error *error);

/** Reads a list of metric names, none twice, as conditions that everything meets. */
fsbi_status fsbi_filter_read_metrics(const fsbi_config_node *node, const fsbi_filter_context *known,
                                     fsbi_filter *filter, fsbi_error *error);

/** Adds the condition of an option `--keep TEXT`, METRIC=LOW:HIGH, METRIC=top:SHARE or
 * METRIC=bottom:SHARE, to a filter as above. FSBI_BAD_INPUT with the option. */
fsbi_status fsbi_filter_read_option(const char *option, const char *text,
                                    const fsbi_filter_context *known, fsbi_filter *filter,
                                    fsbi_error *error);

/** Reads the metrics of an option `--metrics NAME,NAME,...` as fsbi_filter_read_metrics does. */
fsbi_status fsbi_filter_read_metrics_option(const char *option, const char *text,
                                            const fsbi_filter_context *known, fsbi_filter *filter,
                                            fsbi_error *error);

/** The condition that every value of a metric meets. */
fsbi_condition fsbi_condition_any(size_t metric_index);

/** Whether the condition is more than an interval. */
bool fsbi_condition_is_relative(const fsbi_condition *condition);

/** Appends the filter as a YAML flow mapping. */
void fsbi_filter_write(const fsbi_filter *filter, fsbi_text *yaml);

#endif

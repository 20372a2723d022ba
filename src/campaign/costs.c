#include "campaign/costs.h"

#include <math.h>

#include "campaign/filter.h"

/* One round; core seconds. */
typedef struct {
    double simulating, waiting, proposing, training, traces;
    double kept_rule; /* NaN: none is kept */
} round_costs;

static double simulating_time(const fsbi_campaign_results *results, size_t round) {
    double seconds = 0;
    for (size_t i = 0; i < results->setup->config->rounds[round].simulations; i++) {
        const fsbi_row *row = fsbi_row_at(results->shape, results->rows[round], i);
        seconds += fsbi_row_done(results->shape, row) ? row->wall_time : 0;
    }
    return seconds;
}

static fsbi_status find_costs(const fsbi_campaign_results *results, size_t round,
                              round_costs *costs, fsbi_error *error) {
    const fsbi_config_round *settings = &results->setup->config->rounds[round];
    const fsbi_row_set set = {results->shape, results->setup->config->rounds, results->rows, round,
                              round + 1};
    fsbi_phase_time times[FSBI_PHASES];
    size_t kept = 0;
    fsbi_status status = fsbi_campaign_file_read_times(results->file, round, times, error);
    if (status == FSBI_OK && settings->infer.count > 0)
        status = fsbi_filter_count(&settings->keep, &set, &kept, error);
    if (status != FSBI_OK)
        return status;
    costs->simulating = simulating_time(results, round);
    costs->waiting = times[FSBI_PHASE_SIMULATE].idle_time;
    costs->proposing = times[FSBI_PHASE_PROPOSE].core_time;
    costs->training =
        times[FSBI_PHASE_CLASSIFIER].core_time + times[FSBI_PHASE_POSTERIOR].core_time;
    costs->traces = times[FSBI_PHASE_TRACES].core_time;
    const double all =
        costs->simulating + costs->waiting + costs->proposing + costs->training + costs->traces;
    costs->kept_rule = kept > 0 ? all / (double)kept : NAN;
    return FSBI_OK;
}

/* A line of the table; `offset` tells which number of the costs it shows. */
static fsbi_status print_line(const fsbi_campaign_results *results, const char *what, size_t offset,
                              double unit, FILE *report, fsbi_error *error) {
    fsbi_status status = FSBI_OK;
    fprintf(report, "%-24s", what);
    for (size_t round = 0; round < results->round_count && status == FSBI_OK; round++) {
        round_costs costs = {0};
        status = find_costs(results, round, &costs, error);
        const double value = *(const double *)((const char *)&costs + offset) / unit;
        if (isnan(value))
            fprintf(report, "  %10s", "-");
        else
            fprintf(report, "  %10.4g", value);
    }
    fprintf(report, "\n");
    return status;
}

fsbi_status fsbi_costs_print(const fsbi_campaign_results *results, FILE *report,
                             fsbi_error *error) {
    static const double hour = 3600;
    static const struct {
        const char *what;
        size_t offset;
        double unit;
    } lines[] = {{"core hours: simulating", offsetof(round_costs, simulating), hour},
                 {"  waiting for the last", offsetof(round_costs, waiting), hour},
                 {"  drawing rules", offsetof(round_costs, proposing), hour},
                 {"  training", offsetof(round_costs, training), hour},
                 {"  collecting traces", offsetof(round_costs, traces), hour},
                 {"core s a kept rule", offsetof(round_costs, kept_rule), 1}};
    fsbi_status status = FSBI_OK;
    fprintf(report, "%-24s", "cost");
    for (size_t round = 0; round < results->round_count; round++)
        fprintf(report, "  %5s %-4zu", "round", round);
    fprintf(report, "\n");
    for (size_t i = 0; i < sizeof lines / sizeof *lines && status == FSBI_OK; i++)
        status = print_line(results, lines[i].what, lines[i].offset, lines[i].unit, report, error);
    return status;
}

#include "report/costs.h"

#include <math.h>

#include "rows/row_filter.h"

/* What a round costs, in core seconds; the last, of one kept rule, is NaN if there is none. */
enum { SIMULATING, WAITING, PROPOSING, TRAINING, TRACES, KEPT_RULE, COSTS };

static double simulating_time(const fsbi_campaign_results *results, size_t round) {
    double seconds = 0;
    if (results->setup->config->rounds[round].propose == FSBI_PROPOSE_IMPORT)
        return 0; /* paid for elsewhere */
    for (size_t i = 0; i < results->setup->config->rounds[round].simulations; i++) {
        const fsbi_row *row = fsbi_row_at(results->shape, results->rows[round], i);
        seconds += fsbi_row_done(results->shape, row) ? row->wall_time : 0;
    }
    return seconds;
}

static fsbi_status find_costs(const fsbi_campaign_results *results, size_t round,
                              double costs[COSTS], fsbi_error *error) {
    const fsbi_config_round *settings = &results->setup->config->rounds[round];
    const fsbi_row_set set = {results->shape, results->setup->config->rounds, results->rows, round,
                              round + 1};
    fsbi_phase_time times[FSBI_PHASES];
    size_t kept = 0;
    FSBI_TRY(fsbi_campaign_file_read_times(results->file, round, times, error));
    if (settings->infer.count > 0)
        FSBI_TRY(fsbi_filter_count(&settings->keep, &set, &kept, error));
    costs[SIMULATING] = simulating_time(results, round);
    costs[WAITING] = times[FSBI_PHASE_SIMULATE].idle_time;
    costs[PROPOSING] = times[FSBI_PHASE_PROPOSE].core_time;
    costs[TRAINING] =
        times[FSBI_PHASE_CLASSIFIER].core_time + times[FSBI_PHASE_POSTERIOR].core_time;
    costs[TRACES] = times[FSBI_PHASE_TRACES].core_time;
    double all = 0;
    for (int i = 0; i < KEPT_RULE; i++)
        all += costs[i];
    costs[KEPT_RULE] = kept > 0 ? all / (double)kept : NAN;
    return FSBI_OK;
}

/* A line of the table, of one of the costs. */
static fsbi_status print_line(const fsbi_campaign_results *results, const char *what, int which,
                              double unit, FILE *report, fsbi_error *error) {
    fsbi_status status = FSBI_OK;
    fprintf(report, "%-24s", what);
    for (size_t round = 0; round < results->round_count && status == FSBI_OK; round++) {
        double costs[COSTS] = {0};
        status = find_costs(results, round, costs, error);
        const double value = costs[which] / unit;
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
        int which;
        double unit;
    } lines[] = {
        {"core hours: simulating", SIMULATING, hour}, {"  waiting for the last", WAITING, hour},
        {"  drawing rules", PROPOSING, hour},         {"  training", TRAINING, hour},
        {"  collecting traces", TRACES, hour},        {"core s a kept rule", KEPT_RULE, 1}};
    fprintf(report, "%-24s", "cost");
    for (size_t round = 0; round < results->round_count; round++)
        fprintf(report, "  %5s %-4zu", "round", round);
    fprintf(report, "\n");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        FSBI_TRY(print_line(results, lines[i].what, lines[i].which, lines[i].unit, report, error));
    return FSBI_OK;
}

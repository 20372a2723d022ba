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
    if (settings->has_posterior)
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

/* A time in the unit that people read. */
static void print_time(double seconds, FILE *report) {
    enum { MINUTE = 60, HOUR = 3600 };
    static const double shortest = 1e-3;
    if (isnan(seconds) || seconds <= 0)
        fprintf(report, "  %10s", "-");
    else if (seconds < shortest)
        fprintf(report, "  %10s", "< 1 ms");
    else if (seconds < MINUTE)
        fprintf(report, "  %8.3g s", seconds);
    else if (seconds < HOUR)
        fprintf(report, "  %6.1f min", seconds / MINUTE);
    else
        fprintf(report, "  %8.1f h", seconds / HOUR);
}

/* A line of the table, of one of the costs. */
static fsbi_status print_line(const fsbi_campaign_results *results, const char *what, int which,
                              FILE *report, fsbi_error *error) {
    fprintf(report, "%-24s", what);
    for (size_t round = 0; round < results->round_count; round++) {
        double costs[COSTS] = {0};
        if (!fsbi_results_shows(results, round))
            continue;
        FSBI_TRY(find_costs(results, round, costs, error));
        print_time(costs[which], report);
    }
    fprintf(report, "\n");
    return FSBI_OK;
}

fsbi_status fsbi_costs_print(const fsbi_campaign_results *results, FILE *report,
                             fsbi_error *error) {
    static const struct {
        const char *what;
        int which;
    } lines[] = {{"core time: simulating", SIMULATING}, {"  waiting for the last", WAITING},
                 {"  drawing rules", PROPOSING},        {"  training", TRAINING},
                 {"  collecting traces", TRACES},       {"one kept rule", KEPT_RULE}};
    fprintf(report, "%-24s", "cost");
    for (size_t round = 0; round < results->round_count; round++)
        if (fsbi_results_shows(results, round))
            fprintf(report, "  %5s %-4zu", "round", round);
    fprintf(report, "\n");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        FSBI_TRY(print_line(results, lines[i].what, lines[i].which, report, error));
    return FSBI_OK;
}

#include "campaign/table.h"

#include <math.h>

#include "campaign/filter.h"

typedef struct {
    size_t by_status[FSBI_SIMULATION_STATUSES];
    size_t done;
    double wall_time;
} tally;

static tally count_rows(const fsbi_campaign_results *results, size_t round) {
    tally t = {0};
    for (size_t i = 0; i < results->config->rounds[round].simulations; i++) {
        const fsbi_row *row = fsbi_row_at(results->shape, results->rows[round], i);
        if (!fsbi_row_done(results->shape, row)) {
            t.by_status[FSBI_SIMULATION_PENDING]++;
            continue;
        }
        t.by_status[row->status]++;
        t.done++;
        t.wall_time += row->wall_time;
    }
    return t;
}

static const char *source_of(const fsbi_config_round *round) {
    static const char *const names[] = {"prior", "posterior", "table"};
    return names[round->propose];
}

void fsbi_table_print_rounds(const fsbi_campaign_results *results, FILE *report) {
    static const double seconds_an_hour = 3600;
    fprintf(report, "%5s  %-9s  %11s", "round", "rules", "simulations");
    for (int status = 0; status < FSBI_SIMULATION_STATUSES; status++)
        fprintf(report, "  %9s", fsbi_simulation_status_name((fsbi_simulation_status)status));
    fprintf(report, "  %10s\n", "core hours");
    for (size_t round = 0; round < results->round_count; round++) {
        const tally t = count_rows(results, round);
        fprintf(report, "%5zu  %-9s  %11zu", round, source_of(&results->config->rounds[round]),
                results->config->rounds[round].simulations);
        for (int status = 0; status < FSBI_SIMULATION_STATUSES; status++)
            fprintf(report, "  %9zu", t.by_status[status]);
        fprintf(report, "  %10.3f\n", t.wall_time / seconds_an_hour);
    }
}

static int widest_name(const fsbi_config *config) {
    int width = (int)sizeof "share of simulations" - 1;
    for (size_t i = 0; i < config->group_count; i++) {
        int length = snprintf(NULL, 0, "%s", config->groups[i].name);
        width = length > width ? length : width;
    }
    return width;
}

static void print_share(const fsbi_campaign_results *results, size_t round,
                        const fsbi_filter *group, FILE *report) {
    const tally t = count_rows(results, round);
    if (t.done == 0) {
        fprintf(report, "  %16s", "-");
        return;
    }
    double n = (double)t.done;
    double share = (double)fsbi_filter_count(group, results->shape, results->rows[round],
                                             results->config->rounds[round].simulations) /
                   n;
    fprintf(report, "  %7.2f +- %4.2f %%", 100 * share, 100 * sqrt(share * (1 - share) / n));
}

void fsbi_table_print_shares(const fsbi_campaign_results *results, FILE *report) {
    const fsbi_config *config = results->config;
    const int width = widest_name(config);
    if (config->group_count == 0)
        return;
    fprintf(report, "%-*s", width, "share of simulations");
    for (size_t round = 0; round < results->round_count; round++)
        fprintf(report, "  %10s %-5zu", "round", round);
    fprintf(report, "\n");
    for (size_t i = 0; i < config->group_count; i++) {
        fprintf(report, "%-*s", width, config->groups[i].name);
        for (size_t round = 0; round < results->round_count; round++)
            print_share(results, round, &config->groups[i], report);
        fprintf(report, "\n");
    }
}

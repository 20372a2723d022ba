#include "report/results.h"

#include <math.h>

#include "config/rounds.h"
#include "fit/calibration_report.h"
#include "fit/fit.h"
#include "report/costs.h"
#include "report/search.h"
#include "rows/row_filter.h"
#include "setup/networks.h"

typedef struct {
    size_t by_status[FSBI_SIMULATION_STATUSES];
    size_t done;
} tally;

static tally count_rows(const fsbi_campaign_results *results, size_t round) {
    tally t = {0};
    for (size_t i = 0; i < results->setup->config->rounds[round].simulations; i++) {
        const fsbi_row *row = fsbi_row_at(results->shape, results->rows[round], i);
        if (!fsbi_row_done(results->shape, row)) {
            t.by_status[FSBI_SIMULATION_PENDING]++;
            continue;
        }
        t.by_status[row->status]++;
        t.done++;
    }
    return t;
}

static void print_rounds(const fsbi_campaign_results *results, FILE *report) {
    fprintf(report, "%5s  %-16s  %11s", "round", "rules", "simulations");
    for (int status = 0; status < FSBI_SIMULATION_STATUSES; status++)
        fprintf(report, "  %9s", fsbi_simulation_status_name((fsbi_simulation_status)status));
    fprintf(report, "\n");
    for (size_t round = 0; round < results->round_count; round++) {
        const tally t = count_rows(results, round);
        fprintf(report, "%5zu  %-16s  %11zu", round,
                fsbi_propose_kind_name(results->setup->config->rounds[round].propose),
                results->setup->config->rounds[round].simulations);
        for (int status = 0; status < FSBI_SIMULATION_STATUSES; status++)
            fprintf(report, "  %9zu", t.by_status[status]);
        fprintf(report, "\n");
    }
}

bool fsbi_results_shows(const fsbi_campaign_results *results, size_t round) {
    enum { MOST = 8 };
    return results->round_count <= MOST || round == 0 || round + MOST > results->round_count;
}

static int widest_name(const fsbi_config *config) {
    int width = (int)sizeof "share of simulations" - 1;
    for (size_t i = 0; i < config->group_count; i++) {
        int length = snprintf(NULL, 0, "%s", config->groups[i].name);
        width = length > width ? length : width;
    }
    return width;
}

/* Rows of a round that meet a filter. */
static fsbi_status count_met(const fsbi_campaign_results *results, size_t round,
                             const fsbi_filter *filter, size_t *met, fsbi_error *error) {
    const fsbi_row_set set = {results->shape, results->setup->config->rounds, results->rows, round,
                              round + 1};
    return fsbi_filter_count(filter, &set, met, error);
}

static fsbi_status print_share(const fsbi_campaign_results *results, size_t round,
                               const fsbi_filter *group, FILE *report, fsbi_error *error) {
    const tally t = count_rows(results, round);
    size_t met = 0;
    if (t.done == 0) {
        fprintf(report, "  %16s", "-");
        return FSBI_OK;
    }
    fsbi_status status = count_met(results, round, group, &met, error);
    double n = (double)t.done;
    double share = (double)met / n;
    fprintf(report, "  %7.2f +- %4.2f %%", 100 * share, 100 * sqrt(share * (1 - share) / n));
    return status;
}

static fsbi_status print_shares(const fsbi_campaign_results *results, FILE *report,
                                fsbi_error *error) {
    const fsbi_config *config = results->setup->config;
    const int width = widest_name(config);
    fsbi_status status = FSBI_OK;
    if (config->group_count == 0)
        return FSBI_OK;
    fprintf(report, "%-*s", width, "share of simulations");
    for (size_t round = 0; round < results->round_count; round++)
        if (fsbi_results_shows(results, round))
            fprintf(report, "  %10s %-5zu", "round", round);
    fprintf(report, "\n");
    for (size_t i = 0; i < config->group_count; i++) {
        fprintf(report, "%-*s", width, config->groups[i].name);
        for (size_t round = 0; round < results->round_count && status == FSBI_OK; round++)
            if (fsbi_results_shows(results, round))
                status = print_share(results, round, &config->groups[i], report, error);
        fprintf(report, "\n");
    }
    return status;
}

/* Of the rules that were proposed at x within ranges, the share that came out there. Where a range
 * is a single point, nothing can. */
static fsbi_status print_met(const fsbi_campaign_results *results, size_t round, FILE *report,
                             fsbi_error *error) {
    const fsbi_filter *ranges = &results->setup->config->rounds[round].ranges;
    const tally t = count_rows(results, round);
    const double percent = 100;
    size_t met = 0;
    if (ranges->count == 0 || t.done == 0)
        return FSBI_OK;
    for (size_t i = 0; i < ranges->count; i++)
        if (!(ranges->conditions[i].low < ranges->conditions[i].high))
            return FSBI_OK;
    fsbi_status status = count_met(results, round, ranges, &met, error);
    const double share = (double)met / (double)t.done;
    fprintf(report, "round %zu: %.1f +- %.1f %% of the rules came out in the ranges asked for (%s",
            round, percent * share, percent * sqrt(share * (1 - share) / (double)t.done),
            ranges->conditions[0].metric);
    for (size_t i = 1; i < ranges->count; i++)
        fprintf(report, ", %s", ranges->conditions[i].metric);
    fprintf(report, ")\n");
    return status;
}

/* How many candidates a proposal needed. */
static fsbi_status print_acceptance(const fsbi_campaign_results *results, size_t round,
                                    FILE *report, fsbi_error *error) {
    const fsbi_propose_kind kind = results->setup->config->rounds[round].propose;
    const double percent = 100;
    fsbi_acceptance acceptance = {0};
    if (kind != FSBI_PROPOSE_POSTERIOR && kind != FSBI_PROPOSE_RESTRICTED)
        return FSBI_OK;
    FSBI_TRY(fsbi_campaign_file_read_acceptance(results->file, round, &acceptance, error));
    if (acceptance.candidates > 0)
        fprintf(report, "round %zu: %.3g %% of the candidates were %s\n", round,
                percent * acceptance.inside / acceptance.candidates,
                kind == FSBI_PROPOSE_POSTERIOR ? "within the bounds"
                                               : "let pass by the classifier");
    return FSBI_OK;
}

static fsbi_status print_posterior(const fsbi_campaign_results *results, size_t round, FILE *report,
                                   fsbi_error *error) {
    const fsbi_posterior_place place =
        fsbi_campaign_file_place(results->file, round, FSBI_NETWORKS_POSTERIOR);
    fsbi_posterior_plan plan = {0};
    fsbi_posterior_check check = {0};
    fsbi_text text = {0};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(
        fsbi_setup_plan_networks(results->setup, round, FSBI_NETWORKS_POSTERIOR, &plan, error));
    FSBI_TRY_DONE(fsbi_posterior_check_init(&check, &plan, error));
    if (plan.check_rows > 0)
        FSBI_TRY_DONE(fsbi_posterior_store_read_check(&place, &check, error));
    fsbi_calibration_report_write(&plan, &check, "    ", &text);
    if (text.length > 0)
        fprintf(report, "round %zu, its posterior:\n%s", round, text.characters);
done:
    fsbi_text_clear(&text);
    fsbi_posterior_check_clear(&check);
    fsbi_posterior_plan_clear(&plan);
    return status;
}

fsbi_status fsbi_results_print(const fsbi_campaign_results *results, FILE *report,
                               fsbi_error *error) {
    fprintf(report, "\n");
    print_rounds(results, report);
    FSBI_TRY(print_shares(results, report, error));
    FSBI_TRY(fsbi_costs_print(results, report, error));
    FSBI_TRY(fsbi_search_print(results, report, error));
    for (size_t round = 0; round < results->round_count; round++) {
        FSBI_TRY(print_acceptance(results, round, report, error));
        FSBI_TRY(print_met(results, round, report, error));
        if (results->setup->config->rounds[round].has_posterior)
            FSBI_TRY(print_posterior(results, round, report, error));
    }
    return FSBI_OK;
}

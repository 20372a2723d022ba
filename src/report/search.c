#include "report/search.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "rows/row_filter.h"
#include "rows/violation.h"

static const double percent = 100;

/* Rows of a level that are finished, that meet the conditions, and that ended early. */
static void count_level(const fsbi_campaign_results *results, size_t round, size_t first,
                        size_t rows, size_t counts[3]) {
    const fsbi_filter *towards = &results->setup->config->rounds[round].towards;
    counts[0] = counts[1] = counts[2] = 0;
    for (size_t i = first; i < first + rows; i++) {
        const fsbi_row *row = fsbi_row_at(results->shape, results->rows[round], i);
        counts[0] += fsbi_row_done(results->shape, row);
        counts[1] += fsbi_filter_met(towards, results->shape, row);
        counts[2] += fsbi_row_done(results->shape, row) && fsbi_row_ended_early(row);
    }
}

static fsbi_status print_round(const fsbi_campaign_results *results, size_t round, FILE *report,
                               fsbi_error *error) {
    fsbi_search_proposal proposal = {0};
    size_t first = 0;
    FSBI_TRY(fsbi_campaign_file_read_search(results->file, round, &proposal, NULL, 0, error));
    if (proposal.levels.count > 0)
        fprintf(report, "round %zu, met by sharpness (expected):", round);
    for (size_t k = 0; k < proposal.levels.count; k++) {
        const fsbi_search_level *level = &proposal.levels.levels[k];
        size_t counts[3];
        count_level(results, round, first, (size_t)level->rows, counts);
        first += (size_t)level->rows;
        if (level->rows == 0)
            continue;
        if (k == 0)
            fprintf(report, " prior %zu of %zu", counts[1], counts[0]);
        else
            fprintf(report, "; %g: %zu of %zu (%.1f %%)", level->sharpness, counts[1], counts[0],
                    percent * level->predicted);
        if (counts[2] > 0)
            fprintf(report, ", %zu ended early", counts[2]);
    }
    if (proposal.levels.count > 0)
        fprintf(report, "\n");
    return FSBI_OK;
}

/* The weights of the rows up to a round that meet its conditions, and how many rows have one. */
static fsbi_status collect_weights(const fsbi_campaign_results *results, size_t round,
                                   double *weights, size_t counts[2], fsbi_error *error) {
    const fsbi_config_round *rounds = results->setup->config->rounds;
    counts[0] = counts[1] = 0;
    for (size_t r = 0; r <= round; r++) {
        double *read = weights + counts[1];
        FSBI_TRY(
            fsbi_campaign_file_read_weights(results->file, r, read, rounds[r].simulations, error));
        for (size_t i = 0; i < rounds[r].simulations; i++) {
            const fsbi_row *row = fsbi_row_at(results->shape, results->rows[r], i);
            const double weight = read[i];
            counts[0] += weight > 0 || fsbi_row_ended_early(row);
            if (!(weight > 0))
                continue;
            if (fsbi_filter_met(&rounds[round].towards, results->shape, row))
                weights[counts[1]++] = weight;
        }
    }
    return FSBI_OK;
}

/* Where no row meets a round's conditions: the one that is nearest, and what it misses. */
static void print_nearest(const fsbi_campaign_results *results, size_t round, FILE *report) {
    const fsbi_filter *towards = &results->setup->config->rounds[round].towards;
    size_t at[2] = {0, 0};
    const fsbi_row *nearest = NULL;
    double least = 1;
    for (size_t r = 0; r <= round; r++) {
        for (size_t i = 0; i < results->setup->config->rounds[r].simulations; i++) {
            const fsbi_row *row = fsbi_row_at(results->shape, results->rows[r], i);
            const double violation = fsbi_filter_violation(towards, results->shape, row);
            if (!(violation < least))
                continue;
            least = violation;
            nearest = row;
            at[0] = r;
            at[1] = i;
        }
    }
    if (nearest == NULL)
        return;
    fprintf(report,
            "no rule meets the conditions of round %zu yet; row %zu of round %zu is nearest, and "
            "misses",
            round, at[1], at[0]);
    for (size_t k = 0; k < towards->count; k++) {
        const fsbi_condition *condition = &towards->conditions[k];
        if (!fsbi_condition_met(condition, results->shape, nearest))
            fprintf(report, " %s (%.3g)", condition->metric,
                    nearest->values[results->shape->theta_count + condition->metric_index]);
    }
    fprintf(report, "\n");
}

static fsbi_status print_estimate(const fsbi_campaign_results *results, size_t round, FILE *report,
                                  fsbi_error *error) {
    const fsbi_config_round *rounds = results->setup->config->rounds;
    size_t rows = 0;
    size_t counts[2];
    for (size_t r = 0; r <= round; r++)
        rows += rounds[r].simulations;
    double *weights = fsbi_memory_allocate(rows, sizeof *weights, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(weights == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(collect_weights(results, round, weights, counts, error));
    if (counts[1] == 0) {
        print_nearest(results, round, report);
        goto done;
    }
    static const double enough = 10; /* below, the error says as little as the share */
    const fsbi_search_estimate found = fsbi_search_estimate_of(weights, counts[1], counts[0]);
    fprintf(report,
            "so far %zu rules meet the conditions of round %zu; weighted they are worth %.1f, ",
            counts[1], round, found.effective_size);
    if (found.effective_size < enough)
        fprintf(report, "too few to say which share of the prior does\n");
    else
        fprintf(report, "and the prior's share is %.2g +- %.1g\n", found.probability,
                found.standard_error);
done:
    free(weights);
    return status;
}

fsbi_status fsbi_search_print(const fsbi_campaign_results *results, FILE *report,
                              fsbi_error *error) {
    const fsbi_config_round *rounds = results->setup->config->rounds;
    size_t last = results->round_count;
    for (size_t round = 0; round < results->round_count; round++) {
        if (rounds[round].propose != FSBI_PROPOSE_TOWARDS)
            continue;
        FSBI_TRY(print_round(results, round, report, error));
        last = round;
    }
    return last < results->round_count ? print_estimate(results, last, report, error) : FSBI_OK;
}

#include "propose/propose_towards.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "core/memory.h"
#include "fsbi/random.h"
#include "inference/prior.h"
#include "propose/proposal.h"
#include "rows/row_filter.h"
#include "search/population.h"
#include "steps/emulate.h"

/* Where a round is not told how sharply to draw, it goes up this ladder until so large a share of
 * the population is expected to meet the conditions, or the last step has gained next to nothing.
 * Beyond the fourth rung it goes only with some hope: an emulator that knows no rule that meets the
 * conditions would be believed where it is wrong most. */
static const double ladder[] = {1, 2, 4, 8, 16};
enum { RUNGS = sizeof ladder / sizeof *ladder, RUNGS_WITHOUT_HOPE = 4 };
static const double hope = 0.05;
static const double enough = 0.75;
static const double least_gain = 1.1; /* times the share expected one step before */

/* The proposal of a round under way, the same on all ranks. */
typedef struct {
    fsbi_campaign_state *state;
    size_t round, rows, dimension;
    const fsbi_config_round *settings;
    fsbi_search_proposal proposal;
    double *low, *high;      /* of the inferred entries */
    double *drawn;           /* RUNGS or sharpness_count times rows x dimension */
    double *inferred;        /* rows x dimension: the rules */
    double *log_probability; /* rows */
    double *theta;           /* a whole one */
    gsl_rng *stream;
    fsbi_population_target target;
    fsbi_population population;
} drawing;

static void clear(drawing *d) {
    free(d->low);
    free(d->high);
    free(d->drawn);
    free(d->inferred);
    free(d->log_probability);
    free(d->theta);
    fsbi_population_clear(&d->population);
    if (d->stream != NULL)
        gsl_rng_free(d->stream);
}

static fsbi_status log_probability_of(void *context, const double *points, size_t count,
                                      double *log_probability, fsbi_error *error) {
    const drawing *d = context;
    return fsbi_campaign_emulate(d->state, d->round, points, count, log_probability, error);
}

/* The share of the population that is expected to meet the conditions, by how earlier predictions
 * held. What is drawn goes by the emulator alone: it has learned from those rows since. */
static double expected_share(const drawing *d) {
    const fsbi_population *population = &d->population;
    double sum = 0;
    for (size_t i = 0; i < population->members; i++)
        sum += exp(
            fsbi_search_recalibrated(&d->proposal.recalibration, population->log_probability[i]));
    return sum / (double)population->members;
}

static fsbi_status init_population(drawing *d, fsbi_error *error) {
    const fsbi_config *config = d->state->setup->config;
    const size_t wanted = (size_t)config->search.members;
    d->target = (fsbi_population_target){.dimension = d->dimension,
                                         .low = d->low,
                                         .high = d->high,
                                         .log_probability = log_probability_of,
                                         .context = d};
    d->stream = fsbi_random_allocate(error);
    if (d->stream == NULL)
        return FSBI_NO_MEMORY;
    fsbi_random_seed(d->stream, fsbi_random_stream_seed((uint64_t)config->campaign.seed,
                                                        FSBI_PURPOSE_POPULATION, d->round, 0));
    return fsbi_population_init(&d->population, &d->target, d->rows > wanted ? d->rows : wanted,
                                (size_t)config->search.candidates, d->stream, error);
}

static fsbi_status init(drawing *d, fsbi_error *error) {
    const fsbi_model *model = d->state->setup->model;
    const size_t levels =
        d->settings->sharpness_count > 0 ? d->settings->sharpness_count : (size_t)RUNGS;
    d->low = fsbi_memory_allocate(d->dimension, sizeof *d->low, error);
    d->high = fsbi_memory_allocate(d->dimension, sizeof *d->high, error);
    d->drawn = fsbi_memory_allocate(levels * d->rows * d->dimension, sizeof *d->drawn, error);
    d->inferred = fsbi_memory_allocate(d->rows * d->dimension, sizeof *d->inferred, error);
    d->log_probability = fsbi_memory_allocate(d->rows, sizeof *d->log_probability, error);
    d->theta = fsbi_memory_allocate(model->parameter_count, sizeof *d->theta, error);
    if (d->low == NULL || d->high == NULL || d->drawn == NULL || d->inferred == NULL ||
        d->log_probability == NULL || d->theta == NULL)
        return FSBI_NO_MEMORY;
    fsbi_setup_list_inferred(d->state->setup, NULL, d->low, d->high);
    return init_population(d, error);
}

static bool same_conditions(const fsbi_filter *a, const fsbi_filter *b) {
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = a->conditions[i].metric_index == b->conditions[i].metric_index &&
               a->conditions[i].low == b->conditions[i].low &&
               a->conditions[i].high == b->conditions[i].high;
    return same;
}

/* What earlier rounds predicted, and what came of it. */
typedef struct {
    double *log_probability, *weights;
    unsigned char *met;
    size_t count;
} predictions;

/* Rank 0: adds the rows of a round; those that chance let pass stand for those that it ended. */
static fsbi_status add_predictions(const drawing *d, size_t round, predictions *p,
                                   fsbi_error *error) {
    const size_t rows = d->state->setup->config->rounds[round].simulations;
    double *predicted = p->log_probability + p->count;
    fsbi_search_proposal proposal;
    FSBI_TRY(
        fsbi_campaign_file_read_search(d->state->file, round, &proposal, predicted, rows, error));
    for (size_t i = 0; i < rows; i++) {
        const fsbi_row *row = fsbi_campaign_row(d->state, round, i);
        if (fsbi_row_ended_early(row))
            continue;
        p->log_probability[p->count] = predicted[i];
        p->weights[p->count] = fsbi_row_stands_for(row);
        p->met[p->count++] = fsbi_filter_met(&d->settings->towards, &d->state->shape, row);
    }
    return FSBI_OK;
}

/* Rank 0: how the predictions of earlier rounds towards the same conditions held. */
static fsbi_status recalibrate(drawing *d, fsbi_error *error) {
    const fsbi_config_round *rounds = d->state->setup->config->rounds;
    const fsbi_row_set set = fsbi_campaign_rows(d->state, 0, d->round);
    const size_t most = fsbi_row_set_count(&set);
    predictions p = {.log_probability = fsbi_memory_allocate(most, sizeof(double), error),
                     .weights = fsbi_memory_allocate(most, sizeof(double), error),
                     .met = fsbi_memory_allocate(most, 1, error)};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(p.log_probability == NULL || p.weights == NULL || p.met == NULL ? FSBI_NO_MEMORY
                                                                                  : FSBI_OK);
    for (size_t r = 0; r < d->round; r++) {
        if (rounds[r].propose != FSBI_PROPOSE_TOWARDS ||
            !same_conditions(&rounds[r].towards, &d->settings->towards) ||
            !fsbi_campaign_same_search(d->state, r, d->round))
            continue;
        FSBI_TRY_DONE(add_predictions(d, r, &p, error));
    }
    d->proposal.recalibration = fsbi_search_recalibrate(
        &(fsbi_search_predictions){p.log_probability, p.met, p.weights, p.count});
done:
    free(p.met);
    free(p.weights);
    free(p.log_probability);
    return status;
}

/* As many rules as the round has at most at this level, from the population as it is. */
static void draw(const drawing *d, double *points) {
    const size_t bytes = d->dimension * sizeof *points;
    gsl_ran_choose(d->stream, points, d->rows, d->population.points, d->population.members, bytes);
    gsl_ran_shuffle(d->stream, points, d->rows, bytes);
}

static bool is_worth_climbing(size_t rung, double before, double predicted) {
    return predicted < enough && (before == 0 || predicted >= least_gain * before) &&
           (rung < RUNGS_WITHOUT_HOPE || predicted >= hope);
}

/* The levels besides the prior, with draws of each. */
static fsbi_status climb(drawing *d, fsbi_error *error) {
    fsbi_population *population = &d->population;
    const bool told = d->settings->sharpness_count > 0;
    const size_t most = told ? d->settings->sharpness_count : (size_t)RUNGS;
    const double *sharpness = told ? d->settings->sharpness : ladder;
    fsbi_search_levels *levels = &d->proposal.levels;
    double before = 0;
    double predicted = 0;
    for (size_t k = 0; k < most && (told || is_worth_climbing(k, before, predicted)); k++) {
        FSBI_TRY(fsbi_population_sharpen(population, sharpness[k], error));
        before = predicted;
        predicted = expected_share(d);
        draw(d, d->drawn + k * d->rows * d->dimension);
        levels->levels[levels->count++] =
            (fsbi_search_level){.sharpness = sharpness[k],
                                .log_normalisation = population->log_normalisation,
                                .predicted = predicted};
    }
    return FSBI_OK;
}

/* The part of a round that level `k` of `last` has, besides the prior's. Told levels share alike.
 * Otherwise the last has half; the one before it a quarter, and the first, which keeps weights
 * bounded, another. */
static double part_of(const drawing *d, size_t k, size_t last) {
    if (d->settings->sharpness_count > 0)
        return 1 / (double)last;
    return (k + 1 == last ? 0.25 : 0) + (k == 1 ? 0.25 : 0);
}

/* How many rows each level has; the last has what is left. */
static void share_rows(drawing *d) {
    fsbi_search_levels *levels = &d->proposal.levels;
    size_t prior = (size_t)lround(d->settings->prior_share * (double)d->rows);
    if (d->settings->prior_share > 0 && prior == 0)
        prior = 1;
    size_t left = d->rows - prior;
    const size_t drawn = left;
    const size_t last = levels->count - 1;
    levels->levels[0].rows = (double)prior;
    for (size_t k = 1; k < last; k++) {
        const size_t rows = (size_t)(part_of(d, k, last) * (double)drawn);
        levels->levels[k].rows = (double)rows;
        left -= rows;
    }
    levels->levels[last].rows = (double)left;
}

/* The rules level by level, nuisance entries left to the rows' own streams. */
static void gather(drawing *d) {
    const fsbi_search_levels *levels = &d->proposal.levels;
    const fsbi_model *model = d->state->setup->model;
    size_t row = 0;
    for (size_t k = 0; k < levels->count; k++) {
        for (size_t i = 0; i < (size_t)levels->levels[k].rows; i++, row++) {
            double *inferred = d->inferred + row * d->dimension;
            if (k > 0) {
                memcpy(inferred, d->drawn + ((k - 1) * d->rows + i) * d->dimension,
                       d->dimension * sizeof *inferred);
                continue;
            }
            fsbi_proposal_start_stream(d->state, d->round, row);
            fsbi_prior_draw(model->parameters, model->parameter_count, d->state->rng, d->theta);
            fsbi_model_gather_inferred(model, d->theta, inferred);
        }
    }
}

/* Collective; fails on all ranks alike. */
static fsbi_status populate(drawing *d, fsbi_error *error) {
    d->proposal.levels.levels[d->proposal.levels.count++] = (fsbi_search_level){0};
    FSBI_TRY(fsbi_population_start(&d->population, error));
    FSBI_TRY(climb(d, error));
    share_rows(d);
    gather(d);
    return FSBI_OK;
}

/* Rank 0: the rules become the round's. */
static fsbi_status take_over(const drawing *d, fsbi_error *error) {
    const fsbi_model *model = d->state->setup->model;
    for (size_t row = 0; row < d->rows; row++) {
        fsbi_proposal_start_stream(d->state, d->round, row);
        fsbi_prior_draw(model->parameters, model->parameter_count, d->state->rng, d->theta);
        fsbi_model_scatter_inferred(model, d->inferred + row * d->dimension, d->theta);
        fsbi_proposal_set_theta(d->state, d->round, row, d->theta);
    }
    return fsbi_campaign_file_write_search(d->state->file, d->round, &d->proposal,
                                           d->log_probability, d->rows, error);
}

fsbi_status fsbi_proposal_towards(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const fsbi_config_round *settings = &state->setup->config->rounds[round];
    MPI_Comm comm = state->comm;
    drawing d = {.state = state,
                 .round = round,
                 .rows = settings->simulations,
                 .dimension = fsbi_model_inferred_count(state->setup->model),
                 .settings = settings};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_campaign_provide_emulator(state, round, error));
    FSBI_TRY_DONE(fsbi_cluster_agree(comm, init(&d, error), error));
    FSBI_TRY_DONE(
        fsbi_cluster_agree(comm, state->first_rank ? recalibrate(&d, error) : FSBI_OK, error));
    fsbi_cluster_broadcast(comm, &d.proposal, sizeof d.proposal);
    FSBI_TRY_DONE(populate(&d, error));
    FSBI_TRY_DONE(
        fsbi_campaign_emulate(state, round, d.inferred, d.rows, d.log_probability, error));
    FSBI_TRY_DONE(
        fsbi_cluster_agree(comm, state->first_rank ? take_over(&d, error) : FSBI_OK, error));
done:
    clear(&d);
    return status;
}

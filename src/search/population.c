#include "search/population.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "search/effective_size.h"

/* Sweeps over all members: after the first resampling, after each further one, and at the end. */
enum { SWEEPS_AT_FIRST = 20, SWEEPS_ON_THE_WAY = 20, SWEEPS_AT_LAST = 20 };

void fsbi_population_clear(fsbi_population *population) {
    free(population->points);
    free(population->log_probability);
    free(population->proposed);
    free(population->proposed_log_probability);
    free(population->candidate);
    free(population->candidate_log_probability);
    free(population->chosen);
    *population = (fsbi_population){0};
}

fsbi_status fsbi_population_init(fsbi_population *population, const fsbi_population_target *target,
                                 size_t members, size_t candidates, gsl_rng *stream,
                                 fsbi_error *error) {
    fsbi_population *p = population;
    *p = (fsbi_population){
        .target = target, .stream = stream, .members = members, .candidates = candidates};
    const struct {
        double **array;
        size_t count;
    } arrays[] = {{&p->points, members * target->dimension},
                  {&p->log_probability, members},
                  {&p->proposed, members * target->dimension},
                  {&p->proposed_log_probability, members},
                  {&p->candidate, candidates * target->dimension},
                  {&p->candidate_log_probability, candidates}};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        *arrays[i].array = fsbi_memory_allocate(arrays[i].count, sizeof(double), error);
        if (*arrays[i].array == NULL)
            return FSBI_NO_MEMORY;
    }
    p->chosen = fsbi_memory_allocate(members, sizeof *p->chosen, error);
    return p->chosen == NULL ? FSBI_NO_MEMORY : FSBI_OK;
}

/* Points with their log P, to be chosen from. */
typedef struct {
    const double *points, *log_probability;
    size_t count;
} point_set;

/* Systematic resampling with the weights P^step: a point of weight w is chosen w times its share of
 * `members`, rounded up or down. The order is then shuffled: halves must not be alike. */
static void resample(fsbi_population *p, const point_set *from, double step) {
    const size_t dimension = p->target->dimension;
    const double log_total =
        fsbi_log_mean_exp(from->log_probability, from->count, step) + log((double)from->count);
    double reached = gsl_rng_uniform(p->stream);
    double sum = 0;
    size_t next = 0;
    for (size_t i = 0; i < from->count; i++) {
        sum += (double)p->members * exp(step * from->log_probability[i] - log_total);
        for (; next < p->members && reached < sum; reached++)
            p->chosen[next++] = i;
    }
    while (next < p->members) /* rounding of the sum */
        p->chosen[next++] = from->count - 1;
    gsl_ran_shuffle(p->stream, p->chosen, p->members, sizeof *p->chosen);
    for (size_t i = 0; i < p->members; i++) {
        memcpy(p->proposed + i * dimension, from->points + p->chosen[i] * dimension,
               dimension * sizeof *p->proposed);
        p->proposed_log_probability[i] = from->log_probability[p->chosen[i]];
    }
    memcpy(p->points, p->proposed, p->members * dimension * sizeof *p->points);
    memcpy(p->log_probability, p->proposed_log_probability,
           p->members * sizeof *p->log_probability);
}

/* How one sweep moves its members. */
typedef struct {
    double share;                      /* of the entries that change */
    size_t first, count;               /* members that move */
    size_t others_first, others_count; /* members whose differences move them */
} sweep;

/* A member's proposal: some entries moved by a difference of two others, and a little noise. False
 * if it lies outside the box. */
static bool propose(fsbi_population *p, const sweep *s, size_t member) {
    const fsbi_population_target *target = p->target;
    const size_t n = target->dimension;
    static const double jump_share = 0.1; /* steps of 1 lead from mode to mode (ter Braak 2006) */
    static const double noise = 1e-3;     /* of the box */
    const double *a =
        p->points + (s->others_first + gsl_rng_uniform_int(p->stream, s->others_count)) * n;
    const double *b =
        p->points + (s->others_first + gsl_rng_uniform_int(p->stream, s->others_count)) * n;
    const double *from = p->points + member * n;
    double *to = p->proposed + member * n;
    const size_t always = gsl_rng_uniform_int(p->stream, n);
    size_t moved = 0;
    for (size_t k = 0; k < n; k++) {
        to[k] = gsl_rng_uniform(p->stream) < s->share || k == always; /* for now */
        moved += to[k] > 0;
    }
    double step = 2.38 / sqrt(2 * (double)moved) * gsl_ran_flat(p->stream, 0.5, 1);
    if (gsl_rng_uniform(p->stream) < jump_share)
        step = 1;
    bool inside = true;
    for (size_t k = 0; k < n; k++) {
        const double width = target->high[k] - target->low[k];
        if (to[k] > 0)
            to[k] = from[k] + step * (a[k] - b[k]) + width * noise * gsl_ran_ugaussian(p->stream);
        else
            to[k] = from[k];
        inside = inside && to[k] >= target->low[k] && to[k] <= target->high[k];
    }
    return inside;
}

/* Moves one half of the members. */
static fsbi_status move_half(fsbi_population *p, const sweep *s, fsbi_error *error) {
    const size_t n = p->target->dimension;
    double *proposed = p->proposed + s->first * n;
    double *log_probability = p->proposed_log_probability + s->first;
    for (size_t i = 0; i < s->count; i++) {
        log_probability[i] = propose(p, s, s->first + i);
        if (log_probability[i] == 0) /* outside: stays where it is */
            memcpy(proposed + i * n, p->points + (s->first + i) * n, n * sizeof *proposed);
    }
    FSBI_TRY(
        p->target->log_probability(p->target->context, proposed, s->count, log_probability, error));
    for (size_t i = 0; i < s->count; i++) {
        const size_t member = s->first + i;
        const double gain = p->power * (log_probability[i] - p->log_probability[member]);
        if (!(log(gsl_rng_uniform_pos(p->stream)) < gain))
            continue;
        memcpy(p->points + member * n, proposed + i * n, n * sizeof *proposed);
        p->log_probability[member] = log_probability[i];
    }
    return FSBI_OK;
}

static fsbi_status move(fsbi_population *p, size_t sweeps, fsbi_error *error) {
    static const double shares[] = {0.15, 0.4, 1};
    static const size_t many = 24, offset = 16; /* a population of fewer dimensions mixes faster */
    const size_t dimension = p->target->dimension < many ? p->target->dimension : many;
    const size_t needed = sweeps * (dimension + offset) / (many + offset);
    const size_t half = p->members / 2;
    for (size_t k = 0; k < needed; k++) {
        const double share = shares[gsl_rng_uniform_int(p->stream, sizeof shares / sizeof *shares)];
        FSBI_TRY(move_half(p, &(sweep){share, 0, half, half, p->members - half}, error));
        FSBI_TRY(move_half(p, &(sweep){share, half, p->members - half, 0, half}, error));
    }
    return FSBI_OK;
}

/* The largest step of the power, up to `most`, whose weights leave at least `wanted` effective
 * ones. */
static double largest_step(const double *log_probability, size_t count, double most,
                           double wanted) {
    enum { HALVINGS = 40 };
    double low = 0;
    double high = most;
    if (fsbi_effective_size(log_probability, count, most) >= wanted)
        return most;
    for (int i = 0; i < HALVINGS; i++) {
        const double middle = (low + high) / 2;
        if (fsbi_effective_size(log_probability, count, middle) >= wanted)
            low = middle;
        else
            high = middle;
    }
    return low;
}

fsbi_status fsbi_population_start(fsbi_population *population, fsbi_error *error) {
    fsbi_population *p = population;
    const fsbi_population_target *target = p->target;
    for (size_t i = 0; i < p->candidates; i++)
        for (size_t k = 0; k < target->dimension; k++)
            p->candidate[i * target->dimension + k] =
                gsl_ran_flat(p->stream, target->low[k], target->high[k]);
    FSBI_TRY(target->log_probability(target->context, p->candidate, p->candidates,
                                     p->candidate_log_probability, error));
    const double wanted = fmin((double)p->members, (double)p->candidates / 2);
    p->power = largest_step(p->candidate_log_probability, p->candidates, 1, wanted);
    p->log_normalisation = fsbi_log_mean_exp(p->candidate_log_probability, p->candidates, p->power);
    resample(p, &(point_set){p->candidate, p->candidate_log_probability, p->candidates}, p->power);
    return move(p, SWEEPS_AT_FIRST, error);
}

fsbi_status fsbi_population_sharpen(fsbi_population *population, double power, fsbi_error *error) {
    fsbi_population *p = population;
    while (p->power < power) {
        const double step =
            largest_step(p->log_probability, p->members, power - p->power, (double)p->members / 2);
        static const double least_step = 1e-6;
        const double taken = fmin(fmax(step, least_step), power - p->power);
        p->log_normalisation += fsbi_log_mean_exp(p->log_probability, p->members, taken);
        resample(p, &(point_set){p->points, p->log_probability, p->members}, taken);
        p->power += taken;
        if (power - p->power < least_step)
            p->power = power;
        FSBI_TRY(move(p, SWEEPS_ON_THE_WAY, error));
    }
    return move(p, SWEEPS_AT_LAST, error);
}

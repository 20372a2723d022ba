/** The excitatory or the inhibitory inputs with their weights, of one simulation after another. */
#ifndef FSBI_MODEL_ORIENTATION_POPULATION_H
#define FSBI_MODEL_ORIENTATION_POPULATION_H

#include "core/pcg_lanes.h"
#include "model/orientation/settings.h"

/** An entry for each input, and zeros up to a multiple of FSBI_PCG_LANES. */
typedef struct {
    double *unscaled;  /**< weights but for a factor */
    double *rate;      /**< of the step that comes next, noise included */
    double *noiseless; /**< part of the rates that the present stimulus causes */
    /** Over the recorded steps, sums of the weight's distance to where it was when they began, and
     * of its square: precise even for weights that do not change. */
    double *origin, *distance, *square;
} orientation_synapses;

/** Normalisation is a factor that all weights share: a weight is scale * unscaled. */
typedef struct {
    size_t inputs, padded;
    double is_input[FSBI_PCG_LANES]; /**< of the last entries: 1, or 0 where there is no input */
    orientation_synapses synapses;
    orientation_rule rule;
    double learning; /**< learning rate times dt */
    double noise;    /**< largest noise of a rate */
    double scale;
    double drive; /**< sum of unscaled * rate */
    double sum;   /**< of unscaled */
} orientation_population;

/** Room for so many inputs; FSBI_NO_MEMORY. */
fsbi_status orientation_population_init(orientation_population *population, size_t inputs,
                                        fsbi_error *error);
void orientation_population_clear(orientation_population *population);

/** Weights uniform from 0 to below twice their mean, one number each; forgets what was recorded. */
void orientation_population_start(orientation_population *population, double mean, gsl_rng *stream);

/** Noiseless rates from now on: `rate` of each group, of inputs next to each other. */
void orientation_population_show(orientation_population *population, const double *rate,
                                 size_t groups);

/** Draws the first step's rates; `drive` and `sum` are those of it. */
void orientation_population_begin(orientation_population *population, fsbi_pcg_lanes *noise);

/**
 * One step of learning at postsynaptic rate `postsynaptic`, without normalisation, whose factor
 * goes into `scale` afterwards; then the rates of the next step, with one number of every lane for
 * every FSBI_PCG_LANES inputs. With `record` the weights before the step are added to the running
 * sums.
 */
void orientation_population_learn(orientation_population *population, double postsynaptic,
                                  bool record, fsbi_pcg_lanes *noise);

/** Lets the running sums begin at the present weights. */
void orientation_population_mark(orientation_population *population);

/** Adds the present weights to the running sums. */
void orientation_population_record(orientation_population *population);

#endif

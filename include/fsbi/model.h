/**
 * A model: a simulator behind one interface, chosen by name in a configuration.
 *
 * To add one, write src/model/NAME.c with a const fsbi_model_type, and name it in
 * src/model/registry.c. Simulations are pure: the same theta and the same random stream give the
 * same bytes.
 */
#ifndef FSBI_MODEL_H
#define FSBI_MODEL_H

#include <gsl/gsl_rng.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fsbi/config_keys.h"
#include "fsbi/error.h"
#include "fsbi/portrait.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { FSBI_MODEL_NAME = 32 }; /**< room for the name of a parameter or metric, or for a unit */

/** One entry of theta: its box prior, and whether it is a nuisance, redrawn from the prior in every
 * round. */
typedef struct {
    char name[FSBI_MODEL_NAME];
    char unit[FSBI_MODEL_NAME];
    double low, high;
    bool nuisance;
} fsbi_parameter;

/** The scale on which a metric's values are spread most evenly, for whoever learns to predict it.
 */
typedef enum {
    FSBI_SCALE_LINEAR,
    FSBI_SCALE_LOGARITHM,   /**< log(value + offset), of values that are not negative */
    FSBI_SCALE_SQUARE_ROOT, /**< likewise without an offset */
    FSBI_SCALE_BELOW_ONE,   /**< -log(1 - value + offset), of values that are at most 1 */
    FSBI_SCALE_AREA_SINE    /**< asinh(value / offset), of values of either sign */
} fsbi_metric_scale;

/**
 * One number computed from a simulation. Observables are metrics that nobody published: columns
 * beside the others, from which more can be learned. Interim numbers are observables of a
 * simulation under way, known from its checkpoint on whatever becomes of it. A metric that is the
 * largest magnitude of observables names them as its parts: it is at most c where all of them are
 * from -c to c.
 */
typedef struct {
    char name[FSBI_MODEL_NAME];
    char unit[FSBI_MODEL_NAME];
    fsbi_metric_scale scale;
    bool observable;
    double offset;                 /**< of a logarithm or an area sine: what is next to nothing */
    size_t first_part, part_count; /**< indices of metrics; 0 parts: it is no such maximum */
    size_t checkpoint; /**< of an interim number: the k-th checkpoint, from 1; 0: of the end */
} fsbi_metric;

/** A value of a metric on its scale; NaN and infinite values stay so. */
double fsbi_metric_scaled(const fsbi_metric *metric, double value);

/** A number that is known of a rule before it is simulated. */
typedef struct {
    char name[FSBI_MODEL_NAME];
    char unit[FSBI_MODEL_NAME];
} fsbi_feature;

/** What became of a simulation. The numbers stand in campaign files: never renumber. */
typedef enum {
    FSBI_SIMULATION_PENDING = 0,
    FSBI_SIMULATION_OK = 1,
    FSBI_SIMULATION_BLOWN_UP = 2,
    FSBI_SIMULATION_TIMED_OUT = 3,
    FSBI_SIMULATION_FAILED = 4,
    FSBI_SIMULATION_STOPPED = 5 /**< given up as hopeless, as its configuration asks */
} fsbi_simulation_status;

enum { FSBI_SIMULATION_STATUSES = 6 };

/** "pending", "ok", "blown_up", "timed_out", "failed" or "stopped". */
const char *fsbi_simulation_status_name(fsbi_simulation_status status);

/** Why a simulation failed. The numbers stand in campaign files: never renumber. */
typedef enum {
    FSBI_REASON_NONE = 0,
    FSBI_REASON_NOT_FINITE = 1,      /**< NaN or infinity in the state, found at t_end */
    FSBI_REASON_IMPOSSIBLE = 2,      /**< a theta that the model has no meaning for */
    FSBI_REASON_TOO_MANY_SPIKES = 3, /**< more than there is room to record */
    FSBI_REASON_CRASHED = 4          /**< it brought the program down again and again */
} fsbi_simulation_reason;

enum { FSBI_SIMULATION_REASONS = 5 };

/** "none", "not_finite", "impossible", "too_many_spikes" or "crashed". */
const char *fsbi_simulation_reason_name(fsbi_simulation_reason reason);

typedef struct {
    fsbi_simulation_status status;
    fsbi_simulation_reason reason; /**< of FSBI_SIMULATION_FAILED */
    double t_end; /**< simulated time at which it ended, in the model's unit of time */
} fsbi_outcome;

/** Tells a simulation under way whether to go on. */
typedef struct {
    /** FSBI_SIMULATION_OK: go on; another status: end at once with it. */
    fsbi_simulation_status (*look)(void *context);
    /** OPTIONAL: without it all go on. Whether to go on from a checkpoint, from 1, whose interim
     * numbers stand in `metrics`. */
    bool (*go_on)(void *context, size_t checkpoint, const double *metrics);
    void *context;
} fsbi_watch;

/** What a watch says; OK without one. To be asked about every millisecond of computing. */
fsbi_simulation_status fsbi_watch_look(const fsbi_watch *watch);

/** Likewise at a checkpoint; if it is not to go on, a simulation ends as FSBI_SIMULATION_STOPPED.
 */
bool fsbi_watch_go_on(const fsbi_watch *watch, size_t checkpoint, const double *metrics);

/** What a simulation is made of; borrowed. */
typedef struct {
    const double *theta;
    gsl_rng *stream;         /**< generator, of fsbi_random_pcg32 */
    uint64_t seed;           /**< of the stream that it is at the beginning of */
    const fsbi_watch *watch; /**< NULL: none */
} fsbi_simulation;

/** Element of an array of traces. */
typedef enum { FSBI_TRACE_UINT32, FSBI_TRACE_UINT64, FSBI_TRACE_FLOAT } fsbi_trace_type;

/** An array that a simulation records, for storing: its number of elements may differ from
 * simulation to simulation. */
typedef struct {
    char name[FSBI_MODEL_NAME];
    char unit[FSBI_MODEL_NAME];
    fsbi_trace_type type;
} fsbi_trace_array;

enum { FSBI_MODEL_MOST_TRACES = 16 };

/** Bytes of such an element. */
size_t fsbi_trace_element_size(fsbi_trace_type type);

/** What was recorded in such an array; borrowed. */
typedef struct {
    const void *data;
    size_t count; /**< elements */
} fsbi_trace_data;

/** What a portrait (portrait.h) is made of; borrowed. */
typedef struct {
    const double *theta;
    bool simulated;                /**< the workspace's last simulation was of this rule and OK */
    const fsbi_trace_data *traces; /**< of such a simulation, now or earlier; NULL: none */
} fsbi_portrait_subject;

struct fsbi_model_type;

/** A configured model. Read only outside this module; parameters and metrics are in the order of
 * theta and x. */
typedef struct {
    const struct fsbi_model_type *type;
    void *settings;
    fsbi_parameter *parameters;
    size_t parameter_count;
    fsbi_metric *metrics;
    size_t metric_count;     /**< with observables */
    size_t checkpoint_count; /**< 0: a simulation is never asked on its way */
    size_t interim_count;    /**< interim numbers of each checkpoint, in the same order */
    fsbi_feature *features;
    size_t feature_count; /**< 0: nothing is known of a rule but its theta */
    fsbi_trace_array *traces;
    size_t trace_count; /**< 0: the model has no traces */
} fsbi_model;

/**
 * A kind of model. REQUIRED members are never NULL; without an OPTIONAL one, which is NULL then,
 * what it is for is not offered. tests/model/test_conformance.c checks all of this for every model
 * of the registry.
 */
typedef struct fsbi_model_type {
    const char *name;    /**< REQUIRED, as configurations give it */
    const char *summary; /**< REQUIRED: one line for lists */

    /** REQUIRED: of its part of the configuration, besides `name`; every key says what it means. */
    const fsbi_config_keys *keys;
    size_t settings_size; /**< REQUIRED: bytes of the struct that the keys fill */

    /**
     * REQUIRED. Checks how the settings go together and declares parameters, metrics, features and
     * traces (fsbi_model_add_...). Opens no file and draws no random number: it is called by every
     * rank, and by `check` and `status` too. FSBI_BAD_INPUT with what is wrong; the place is added.
     */
    fsbi_status (*configure)(fsbi_model *model, fsbi_error *error);

    /** REQUIRED. A workspace with all memory that simulations need, so that they allocate nothing
     * while time runs; NULL and `error` on failure. `settings` outlive it. */
    void *(*create)(const void *settings, fsbi_error *error);

    /**
     * REQUIRED. One simulation, of which nothing is left for the next one in the same workspace.
     * `metrics` has the model's metric count; where the outcome is not OK they stay NaN, but for
     * interim numbers. One that
     * takes longer than a millisecond asks its watch, and ends with the status that this gives if
     * it is not OK: FSBI_SIMULATION_TIMED_OUT, or FSBI_SIMULATION_PENDING as if it had never begun.
     * A status other than FSBI_OK means that the program cannot go on, not that this rule is a bad
     * one.
     */
    fsbi_status (*simulate)(void *workspace, const fsbi_simulation *simulation, double *metrics,
                            fsbi_outcome *outcome, fsbi_error *error);

    /** REQUIRED. Frees a workspace; NULL is allowed. */
    void (*destroy)(void *workspace);

    /** OPTIONAL, with `score`: without both nothing can be stored (traces.store). What the last
     * simulation recorded, if it was OK: an entry for each declared array, in the workspace's
     * memory until the next simulation. */
    void (*record)(void *workspace, fsbi_trace_data *traces);

    /** OPTIONAL, with `record`: without both the command `metrics` does not know the model. The
     * metrics of such traces, the same bytes as `simulate` computes; interim numbers stay as they
     * are. FSBI_BAD_INPUT if a simulation
     * with these settings cannot have recorded them. */
    fsbi_status (*score)(const void *settings, const fsbi_trace_data *traces, double *metrics,
                         fsbi_error *error);

    /** OPTIONAL: without it a search towards conditions learns from theta alone. What is known of a
     * rule in closed form: the declared features, finite for every theta within the bounds. The
     * same bytes for the same theta. */
    void (*features)(const void *settings, const double *theta, double *features);

    /** OPTIONAL: without it there are no pictures of rules (the command `portray`, the report).
     * Those of the rule, and of a simulation with it where there is one, in the order in which they
     * are to be looked at. */
    fsbi_status (*portray)(void *workspace, const fsbi_portrait_subject *subject,
                           fsbi_portrait *portrait, fsbi_error *error);
} fsbi_model_type;

/** Declares the next parameter, metric, feature or array of traces; for use in `configure`. */
fsbi_status fsbi_model_add_parameter(fsbi_model *model, const fsbi_parameter *parameter,
                                     fsbi_error *error);
fsbi_status fsbi_model_add_metric(fsbi_model *model, const char *name, const char *unit,
                                  fsbi_error *error);

/** Gives the metric declared last a scale other than the linear one, with its offset. */
void fsbi_model_scale_metric(fsbi_model *model, fsbi_metric_scale scale, double offset);

/** Declares the next metric as an observable; those of a model follow its other metrics. */
fsbi_status fsbi_model_add_observable(fsbi_model *model, const char *name, const char *unit,
                                      fsbi_error *error);

/** Declares the next interim number of a checkpoint, from 1: the model's last metrics, checkpoint
 * by checkpoint. */
fsbi_status fsbi_model_add_interim(fsbi_model *model, const char *name, const char *unit,
                                   size_t checkpoint, fsbi_error *error);

/** Makes the `count` metrics declared last the parts of metric `whole`. */
void fsbi_model_set_parts(fsbi_model *model, size_t whole, size_t count);

fsbi_status fsbi_model_add_feature(fsbi_model *model, const char *name, const char *unit,
                                   fsbi_error *error);

fsbi_status fsbi_model_add_trace(fsbi_model *model, const fsbi_trace_array *trace,
                                 fsbi_error *error);

/** All models, NULL-terminated. */
extern const fsbi_model_type *const fsbi_model_registry[];

/**
 * Opens the model that a mapping {name: NAME, key: value, ...} describes. The result is owned by
 * the caller (fsbi_model_close). FSBI_BAD_INPUT with place and remedy.
 */
fsbi_status fsbi_model_open(const fsbi_config_node *section, fsbi_model **out, fsbi_error *error);

/** Numbers of a rule that are inferred: those that are no nuisance. */
size_t fsbi_model_inferred_count(const fsbi_model *model);

/** The entries of a rule that are inferred (inferred_count), from a whole theta. */
void fsbi_model_gather_inferred(const fsbi_model *model, const double *theta, double *inferred);

/** And back into a whole theta, whose nuisance entries stay as they are. */
void fsbi_model_scatter_inferred(const fsbi_model *model, const double *inferred, double *theta);

/** Whether an inferred entry of a rule lies outside the prior's bounds. */
bool fsbi_model_is_outside(const fsbi_model *model, const double *theta);

/** Frees a model; NULL is allowed. Workspaces must have been destroyed before. */
void fsbi_model_close(fsbi_model *model);

/** A workspace for fsbi_model_simulate; owned by the caller (model->type->destroy). NULL on
 * failure. */
void *fsbi_model_create(const fsbi_model *model, fsbi_error *error);

/**
 * Runs one simulation, with its generator set to the beginning of the stream of its seed. `metrics`
 * (metric_count) is NaN throughout unless the outcome is OK.
 */
fsbi_status fsbi_model_simulate(const fsbi_model *model, void *workspace,
                                const fsbi_simulation *simulation, double *metrics,
                                fsbi_outcome *outcome, fsbi_error *error);

#ifdef __cplusplus
}
#endif

#endif

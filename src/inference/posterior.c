#include "inference/posterior.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "inference/box_map.h"
#include "inference/robust_scale.h"

/* Samples that networks compute at once. */
enum { BATCH = 128 };

fsbi_status fsbi_posterior_init(fsbi_posterior *posterior, const fsbi_estimator *estimator,
                                const fsbi_estimator_specification *specification, size_t members,
                                fsbi_error *error) {
    *posterior =
        (fsbi_posterior){.estimator = estimator,
                         .specification = *specification,
                         .members = members,
                         .parameter_count = estimator->parameter_count(estimator, specification)};
    double **const vectors[] = {&posterior->low,       &posterior->high,   &posterior->theta_mean,
                                &posterior->theta_std, &posterior->x_mean, &posterior->x_std};
    bool complete = true;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        *vectors[i] = fsbi_memory_allocate(
            i < 4 ? specification->theta_size : specification->x_size, sizeof(double), error);
        complete = complete && *vectors[i] != NULL;
    }
    posterior->parameters =
        fsbi_memory_allocate(members * posterior->parameter_count, sizeof(fsbi_real), error);
    return complete && posterior->parameters != NULL ? FSBI_OK : FSBI_NO_MEMORY;
}

void fsbi_posterior_clear(fsbi_posterior *posterior) {
    free(posterior->parameters);
    free(posterior->low);
    free(posterior->high);
    free(posterior->theta_mean);
    free(posterior->theta_std);
    free(posterior->x_mean);
    free(posterior->x_std);
    *posterior = (fsbi_posterior){0};
}

static fsbi_box box_of(const fsbi_posterior *posterior, size_t j) {
    return (fsbi_box){.low = posterior->low[j], .high = posterior->high[j], .margin = 1e-9};
}

/* What estimators see of one number of theta, before standardisation, and back. */
static double stretch(const fsbi_posterior *posterior, size_t j, double theta) {
    const fsbi_box box = box_of(posterior, j);
    return posterior->unbounded ? fsbi_box_stretch(&box, theta) : theta;
}

static double unstretch(const fsbi_posterior *posterior, size_t j, double stretched) {
    const fsbi_box box = box_of(posterior, j);
    return posterior->unbounded ? fsbi_box_unstretch(&box, stretched) : stretched;
}

/* log of the derivative of `stretch`. */
static double log_stretch_rate(const fsbi_posterior *posterior, size_t j, double theta) {
    const fsbi_box box = box_of(posterior, j);
    return posterior->unbounded ? fsbi_box_log_rate(&box, theta) : 0;
}

static bool is_within(const fsbi_posterior *posterior, const double *theta) {
    for (size_t j = 0; j < posterior->specification.theta_size; j++)
        if (!(theta[j] >= posterior->low[j] && theta[j] <= posterior->high[j]))
            return false;
    return true;
}

static fsbi_status fit_x(fsbi_posterior *posterior, const double *x, size_t rows,
                         fsbi_error *error) {
    const size_t x_size = posterior->specification.x_size;
    double *room = fsbi_memory_allocate(rows, sizeof *room, error);
    if (room == NULL)
        return FSBI_NO_MEMORY;
    for (size_t j = 0; j < x_size; j++) {
        const fsbi_robust_scale scale =
            fsbi_robust_scale_find(&(fsbi_column){x + j, x_size, rows}, room);
        posterior->x_mean[j] = scale.mean;
        posterior->x_std[j] = scale.deviation > 0 ? scale.deviation : 1;
    }
    free(room);
    return FSBI_OK;
}

/* What an emulator predicts: metrics, as far as they are known. */
static fsbi_status fit_metrics(fsbi_posterior *posterior, const double *metrics, size_t rows,
                               fsbi_error *error) {
    const size_t size = posterior->specification.theta_size;
    double *known = fsbi_memory_allocate(2 * rows, sizeof *known, error);
    if (known == NULL)
        return FSBI_NO_MEMORY;
    for (size_t j = 0; j < size; j++) {
        size_t count = 0;
        for (size_t row = 0; row < rows; row++)
            if (isfinite(metrics[row * size + j]))
                known[count++] = metrics[row * size + j];
        if (count == 0) {
            posterior->theta_std[j] = INFINITY;
            continue;
        }
        const fsbi_robust_scale scale =
            fsbi_robust_scale_find(&(fsbi_column){known, 1, count}, known + rows);
        posterior->theta_mean[j] = scale.mean;
        posterior->theta_std[j] = scale.deviation > 0 ? scale.deviation : 1;
    }
    free(known);
    return FSBI_OK;
}

/* Welford's method: stretched values are in no array that could be read twice. */
static void fit_theta(fsbi_posterior *posterior, const double *theta, size_t rows, size_t j) {
    const size_t theta_size = posterior->specification.theta_size;
    double mean = 0;
    double squares = 0;
    for (size_t row = 0; row < rows; row++) {
        const double value = stretch(posterior, j, theta[row * theta_size + j]);
        const double before = value - mean;
        mean += before / (double)(row + 1);
        squares += before * (value - mean);
    }
    posterior->theta_mean[j] = mean;
    posterior->theta_std[j] = squares > 0 ? sqrt(squares / (double)rows) : 1;
}

fsbi_status fsbi_posterior_fit_standardisation(fsbi_posterior *posterior, const double *theta,
                                               const double *x, size_t rows, fsbi_error *error) {
    const size_t theta_size = posterior->specification.theta_size;
    for (size_t j = 0; j < theta_size; j++) {
        posterior->theta_mean[j] = 0;
        posterior->theta_std[j] = 1;
    }
    if (posterior->estimator->of_metrics)
        FSBI_TRY(fit_metrics(posterior, theta, rows, error));
    else if (!posterior->estimator->of_classes)
        for (size_t j = 0; j < theta_size; j++)
            fit_theta(posterior, theta, rows, j);
    return fit_x(posterior, x, rows, error);
}

bool fsbi_posterior_is_far(const fsbi_posterior *posterior, const double *x, size_t *farthest,
                           double *distance) {
    static const double far = 5;
    *distance = 0;
    *farthest = 0;
    for (size_t j = 0; j < posterior->specification.x_size; j++) {
        const double found = fabs(x[j] - posterior->x_mean[j]) / posterior->x_std[j];
        if (found > *distance) {
            *distance = found;
            *farthest = j;
        }
    }
    return *distance > far;
}

static void standardise_theta(const fsbi_posterior *posterior, const double *theta, size_t rows,
                              fsbi_real *standard) {
    const size_t size = posterior->specification.theta_size;
    for (size_t row = 0; row < rows; row++)
        for (size_t j = 0; j < size; j++) {
            const double z =
                (stretch(posterior, j, theta[row * size + j]) - posterior->theta_mean[j]) /
                posterior->theta_std[j];
            standard[row * size + j] =
                (fsbi_real)(posterior->estimator->of_metrics ? fsbi_robust_scale_compress(z) : z);
        }
}

static void standardise_x(const fsbi_posterior *posterior, const double *x, size_t rows,
                          fsbi_real *standard) {
    const size_t size = posterior->specification.x_size;
    for (size_t row = 0; row < rows; row++)
        for (size_t j = 0; j < size; j++)
            standard[row * size + j] = (fsbi_real)fsbi_robust_scale_compress(
                (x[row * size + j] - posterior->x_mean[j]) / posterior->x_std[j]);
}

void fsbi_posterior_standardise(const fsbi_posterior *posterior, const double *theta,
                                const double *x, size_t rows, fsbi_real *standard_theta,
                                fsbi_real *standard_x) {
    standardise_theta(posterior, theta, rows, standard_theta);
    standardise_x(posterior, x, rows, standard_x);
}

fsbi_status fsbi_posterior_workspace_init(fsbi_posterior_workspace *workspace,
                                          const fsbi_posterior *posterior, fsbi_error *error) {
    *workspace = (fsbi_posterior_workspace){.posterior = posterior};
    const fsbi_estimator_specification *specification = &posterior->specification;
    const fsbi_estimator *estimator = posterior->estimator;
    fsbi_real **const batches[] = {&workspace->theta, &workspace->gradient, &workspace->x,
                                   &workspace->log_prob};
    const size_t columns[] = {specification->theta_size, specification->theta_size,
                              specification->x_size, 1};
    workspace->workspace = estimator->create(estimator, specification, BATCH, error);
    workspace->member =
        fsbi_memory_allocate(FSBI_POSTERIOR_BLOCK, sizeof *workspace->member, error);
    workspace->pending =
        fsbi_memory_allocate(FSBI_POSTERIOR_BLOCK, sizeof *workspace->pending, error);
    workspace->spare =
        fsbi_memory_allocate(specification->theta_size, sizeof *workspace->spare, error);
    bool complete = workspace->workspace != NULL && workspace->member != NULL &&
                    workspace->pending != NULL && workspace->spare != NULL;
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        *batches[i] = fsbi_memory_allocate(BATCH * columns[i], sizeof(fsbi_real), error);
        complete = complete && *batches[i] != NULL;
    }
    return complete ? FSBI_OK : FSBI_NO_MEMORY;
}

void fsbi_posterior_workspace_clear(fsbi_posterior_workspace *workspace) {
    if (workspace->posterior != NULL)
        workspace->posterior->estimator->destroy(workspace->workspace);
    free(workspace->theta);
    free(workspace->x);
    free(workspace->log_prob);
    free(workspace->gradient);
    free(workspace->member);
    free(workspace->pending);
    free(workspace->spare);
    *workspace = (fsbi_posterior_workspace){0};
}

static const fsbi_real *member_parameters(const fsbi_posterior *posterior, size_t member) {
    return posterior->parameters + member * posterior->parameter_count;
}

/* Writes one standardised sample in the units of theta; whether it lies within the box. */
static bool accept(const fsbi_posterior *posterior, const fsbi_real *standard, double *theta) {
    for (size_t j = 0; j < posterior->specification.theta_size; j++)
        theta[j] = unstretch(
            posterior, j, posterior->theta_mean[j] + posterior->theta_std[j] * (double)standard[j]);
    return is_within(posterior, theta);
}

/* The rows of a block that one member has no sample for yet. */
typedef struct {
    const double *x;
    double *theta;
    size_t *rows;
    size_t count;
    const fsbi_posterior_draws *draws;
} pending_rows;

/* Draws `copies` candidates for each of the first `rows` pending rows, and takes those off the list
 * that get one within the box; returns how many candidates lay inside. */
static size_t draw_candidates(fsbi_posterior_workspace *w, size_t member, size_t rows,
                              size_t copies, gsl_rng *stream, pending_rows *pending) {
    const fsbi_posterior *posterior = w->posterior;
    const size_t theta_size = posterior->specification.theta_size;
    const size_t x_size = posterior->specification.x_size;
    for (size_t k = 0; k < rows * copies; k++)
        standardise_x(posterior, pending->x + pending->rows[k / copies] * x_size, 1,
                      w->x + k * x_size);
    for (size_t k = 0; k < rows * copies * theta_size; k++)
        w->theta[k] = (fsbi_real)gsl_ran_gaussian_ziggurat(stream, 1);
    posterior->estimator->sample(w->workspace, member_parameters(posterior, member), w->x,
                                 rows * copies, w->theta);
    size_t inside = 0;
    size_t rejected = 0;
    for (size_t i = 0; i < pending->count; i++) {
        bool accepted = false;
        for (size_t k = 0; i < rows && k < copies; k++) {
            double *theta = accepted ? w->spare : pending->theta + pending->rows[i] * theta_size;
            if (!accept(posterior, w->theta + (i * copies + k) * theta_size, theta))
                continue;
            inside++;
            accepted = true;
        }
        if (!accepted)
            pending->rows[rejected++] = pending->rows[i];
    }
    pending->count = rejected;
    return inside;
}

static fsbi_status hopeless(const fsbi_posterior *posterior, const double *x, size_t max_candidates,
                            const fsbi_acceptance *acceptance, fsbi_error *error) {
    const size_t x_size = posterior->specification.x_size;
    fsbi_text at = {0};
    for (size_t j = 0; j < x_size; j++)
        fsbi_text_append(&at, "%s%g", j > 0 ? ", " : "at x = (", x[j]);
    fsbi_text_append(&at, x_size > 0 ? ") " : "");
    fsbi_error_set(
        error, FSBI_HOPELESS,
        "%snone of %zu samples of the posterior in a row lies within the prior's bounds (%.3g of "
        "%.3g so far did): %strain on more rows%s",
        at.characters, max_candidates, acceptance->inside, acceptance->candidates,
        x_size > 0 ? "ask for an x nearer to the rows it was trained on, " : "",
        posterior->unbounded ? "" : ", or with inference.bounds: stretch, which leaves none out");
    fsbi_text_clear(&at);
    return FSBI_HOPELESS;
}

/* Samples of one member for the pending rows. */
static fsbi_status sample_member(fsbi_posterior_workspace *w, size_t member, gsl_rng *stream,
                                 pending_rows *pending, fsbi_acceptance *acceptance,
                                 fsbi_error *error) {
    size_t in_vain = 0;
    size_t copies = 1;
    while (pending->count > 0) {
        const size_t rows = pending->count < BATCH ? pending->count : BATCH;
        const size_t most = BATCH / rows;
        copies = copies < most ? copies : most;
        const double *first_x = pending->x + pending->rows[0] * w->posterior->specification.x_size;
        const size_t inside = draw_candidates(w, member, rows, copies, stream, pending);
        acceptance->candidates += (double)(rows * copies);
        acceptance->inside += (double)inside;
        in_vain = inside > 0 ? 0 : in_vain + rows * copies;
        if (in_vain >= pending->draws->max_candidates)
            return hopeless(w->posterior, first_x, pending->draws->max_candidates, acceptance,
                            error);
        if (pending->draws->look != NULL)
            FSBI_TRY(pending->draws->look(pending->draws->context, acceptance, error));
        copies = inside > 0 && 2 * inside > rows * copies ? copies : 2 * copies;
    }
    return FSBI_OK;
}

fsbi_status fsbi_posterior_sample(fsbi_posterior_workspace *workspace,
                                  const fsbi_posterior_draws *draws, gsl_rng *stream,
                                  fsbi_acceptance *acceptance, fsbi_error *error) {
    const size_t members = workspace->posterior->members;
    for (size_t i = 0; i < draws->count; i++)
        workspace->member[i] = gsl_rng_uniform_int(stream, members);
    for (size_t member = 0; member < members; member++) {
        pending_rows pending = {
            .x = draws->x, .theta = draws->theta, .rows = workspace->pending, .draws = draws};
        for (size_t i = 0; i < draws->count; i++)
            if (workspace->member[i] == member)
                pending.rows[pending.count++] = i;
        FSBI_TRY(sample_member(workspace, member, stream, &pending, acceptance, error));
    }
    return FSBI_OK;
}

/* log(exp a + exp b). */
static double log_add(double a, double b) {
    const double larger = fmax(a, b);
    return isinf(larger) ? larger : larger + log(exp(a - larger) + exp(b - larger));
}

static double log_prob_scale(const fsbi_posterior *posterior, const double *theta) {
    double log_scale = -log((double)posterior->members);
    for (size_t j = 0; j < posterior->specification.theta_size; j++)
        log_scale += log_stretch_rate(posterior, j, theta[j]) - log(posterior->theta_std[j]);
    return log_scale;
}

void fsbi_posterior_log_prob(fsbi_posterior_workspace *workspace, const double *theta,
                             const double *x, size_t rows, double *log_prob) {
    const fsbi_posterior *posterior = workspace->posterior;
    const size_t theta_size = posterior->specification.theta_size;
    for (size_t begin = 0; begin < rows; begin += BATCH) {
        const size_t batch = rows - begin < BATCH ? rows - begin : BATCH;
        const double *batch_theta = theta + begin * theta_size;
        fsbi_posterior_standardise(posterior, batch_theta,
                                   x + begin * posterior->specification.x_size, batch,
                                   workspace->theta, workspace->x);
        for (size_t row = 0; row < batch; row++)
            log_prob[begin + row] = -INFINITY;
        for (size_t member = 0; member < posterior->members; member++) {
            posterior->estimator->log_prob(
                workspace->workspace, member_parameters(posterior, member),
                &(fsbi_estimator_batch){workspace->theta, workspace->x, batch},
                workspace->log_prob);
            for (size_t row = 0; row < batch; row++)
                log_prob[begin + row] =
                    log_add(log_prob[begin + row], (double)workspace->log_prob[row]);
        }
        for (size_t row = 0; row < batch; row++) {
            const double *at = batch_theta + row * theta_size;
            log_prob[begin + row] += log_prob_scale(posterior, at);
            if (posterior->unbounded && !is_within(posterior, at))
                log_prob[begin + row] = -INFINITY;
        }
    }
}

double fsbi_posterior_gradient(fsbi_posterior_workspace *workspace, const double *theta,
                               const double *x, double *gradient) {
    const fsbi_posterior *posterior = workspace->posterior;
    const size_t theta_size = posterior->specification.theta_size;
    double log_sum = -INFINITY;
    fsbi_posterior_standardise(posterior, theta, x, 1, workspace->theta, workspace->x);
    memset(gradient, 0, theta_size * sizeof *gradient);
    for (size_t member = 0; member < posterior->members; member++) {
        posterior->estimator->theta_gradient(
            workspace->workspace, member_parameters(posterior, member),
            &(fsbi_estimator_batch){workspace->theta, workspace->x, 1}, workspace->log_prob,
            workspace->gradient);
        const double log_prob = (double)*workspace->log_prob;
        const double larger = log_add(log_sum, log_prob);
        const double keep = exp(log_sum - larger);
        const double share = exp(log_prob - larger);
        for (size_t j = 0; j < theta_size; j++)
            gradient[j] = keep * gradient[j] + share * (double)workspace->gradient[j];
        log_sum = larger;
    }
    for (size_t j = 0; j < theta_size; j++) {
        gradient[j] *= exp(log_stretch_rate(posterior, j, theta[j])) / posterior->theta_std[j];
        const fsbi_box box = box_of(posterior, j);
        if (posterior->unbounded)
            gradient[j] += fsbi_box_log_rate_gradient(&box, theta[j]);
    }
    return log_sum + log_prob_scale(posterior, theta);
}

#include "model/if_poly/random_walk.h"

#include <gsl/gsl_sf_erf.h>
#include <math.h>
#include <stdio.h>

/* Rates of E and I, in Hz, that the walks are taken at. The first pair is that of the network
 * without plasticity at 10 Hz input; the last is of no stable network, and gives drifts alone. */
enum { WALKS = 3, RATES = 4 };
static const double rates[RATES][2] = {{2.3, 2.1}, {4, 3}, {1.5, 1.7}, {10, 10}};

/* A walk in steps that stops at 0 is a continuous one, reflected there, that begins and ends higher
 * by this share of a step's standard deviation (-zeta(1/2)/sqrt(2 pi): Siegmund 1979). */
static const double overshoot = 0.5826;

typedef struct {
    double start, largest; /* weights, of the continuous walk */
    double drift;          /* per s */
    double variance;       /* per s */
    double jump;           /* largest step down */
    double shift;          /* of the continuous walk above the weight */
} random_walk;

static double normal_density(double x) {
    return exp(-x * x / 2) / sqrt(2 * M_PI);
}

static double normal_below(double x) {
    return erfc(-x / M_SQRT2) / 2;
}

static double log_normal_below(double x) {
    return gsl_sf_log_erfc(-x / M_SQRT2) - M_LN2;
}

static double clamp(double x, double low, double high) {
    return fmin(fmax(x, low), high);
}

static random_walk walk_of(const if_poly_settings *settings, const double *theta,
                           ei_connection connection, const double *rate) {
    const double *rule = theta + (size_t)connection * IF_POLY_RULE_SIZE;
    const double pre = rate[connection == EI_IE || connection == EI_II];
    const double post = rate[connection == EI_EI || connection == EI_II];
    const double gamma_tau = rule[IF_POLY_GAMMA] * rule[IF_POLY_TAU_PRE];
    const double kappa_tau = rule[IF_POLY_KAPPA] * rule[IF_POLY_TAU_POST];
    const double at_pre = rule[IF_POLY_ALPHA] + kappa_tau * post;
    const double at_post = rule[IF_POLY_BETA] + gamma_tau * pre;
    const double both = gamma_tau + kappa_tau; /* a spike also acts through the traces it leaves */
    const double of_pre = rule[IF_POLY_ALPHA] + post * both;
    const double of_post = rule[IF_POLY_BETA] + pre * both;
    const double of_pairs = (rule[IF_POLY_KAPPA] * kappa_tau + rule[IF_POLY_GAMMA] * gamma_tau) / 2;
    static const double least_drift = 1e-7;
    static const double least_variance = 1e-10;
    const double drift = settings->eta * (pre * at_pre + post * at_post);
    const double variance =
        settings->eta * settings->eta *
            (pre * of_pre * of_pre + post * of_post * of_post + pre * post * of_pairs) +
        least_variance;
    const double shift = overshoot * sqrt(variance / (pre + post));
    return (random_walk){.start = settings->network.initial_weight[connection] + shift,
                         .largest = settings->network.weight_max,
                         .drift = fabs(drift) < least_drift ? least_drift : drift,
                         .variance = variance,
                         .jump = fabs(settings->eta) * fmax(fmax(-at_pre, -at_post), 0),
                         .shift = shift};
}

/* Mean weight after t s. */
static double mean_weight(const random_walk *w, double t) {
    const double s = sqrt(w->variance * t);
    const double m = w->start + w->drift * t;
    const double exponent =
        -2 * w->drift * w->start / w->variance + log_normal_below((w->drift * t - w->start) / s);
    const double reflected = exp(clamp(exponent, -700, 50)) - normal_below(-m / s);
    const double mean = m * normal_below(m / s) + s * normal_density(m / s) +
                        w->variance / (2 * w->drift) * reflected;
    return clamp(mean - w->shift, 0, w->largest);
}

/* Share of the weights at most x after t s. */
static double share_below(const random_walk *w, double weight, double t) {
    const double x = weight + w->shift;
    const double s = sqrt(w->variance * t);
    const double exponent =
        2 * w->drift * x / w->variance + log_normal_below((-x - w->start - w->drift * t) / s);
    return clamp(normal_below((x - w->start - w->drift * t) / s) - exp(clamp(exponent, -700, 0)), 0,
                 1);
}

/* Features of the walks of one connection at one pair of rates. */
enum { WEIGHT, CREEP, CREEP_SIZE, AT_BOUND, NEAR_BOUND, OF_WALK };
static const char *const of_walk_names[OF_WALK] = {"weight", "creep", "creep_size", "at_bound",
                                                   "near_bound"};

static void describe_walk(const random_walk *w, const ei_settings *network, double *f) {
    static const double hardly_creeping = 0.003;
    static const double near = 0.02;
    static const double least_sum = 0.1; /* as for w_creep: src/metrics/README.md */
    const double end = network->seconds_before + network->seconds_scored;
    const double first = mean_weight(w, network->seconds_before);
    const double last = mean_weight(w, end);
    const double creep = first + last > least_sum ? 2 * (last - first) / (first + last) : 0;
    f[WEIGHT] = log(last / fmax(w->start - w->shift, near) + near);
    f[CREEP] = asinh(20 * creep);
    f[CREEP_SIZE] = log(fabs(creep) + hardly_creeping);
    f[AT_BOUND] = sqrt(share_below(w, w->jump, end));
    f[NEAR_BOUND] = sqrt(share_below(w, near, end));
}

void if_poly_features(const void *settings, const double *theta, double *features) {
    const if_poly_settings *s = settings;
    for (size_t r = 0; r < RATES; r++) {
        double most_creep = -INFINITY;
        double at_bound = 0;
        for (ei_connection k = 0; k < EI_CONNECTIONS; k++) {
            const random_walk w = walk_of(s, theta, k, rates[r]);
            const double drift = w.drift / fmax(w.start - w.shift, 0.01);
            *features++ = asinh(10 * drift);
            *features++ = asinh(10 * fabs(drift));
            if (r >= WALKS)
                continue;
            describe_walk(&w, &s->network, features);
            most_creep = fmax(most_creep, features[CREEP_SIZE]);
            at_bound += features[AT_BOUND] * features[AT_BOUND] / EI_CONNECTIONS;
            features += OF_WALK;
        }
        if (r >= WALKS)
            continue;
        *features++ = most_creep;
        *features++ = sqrt(at_bound);
    }
}

static fsbi_status declare(fsbi_model *model, const char *what, const char *connection, size_t rate,
                           fsbi_error *error) {
    char name[64];
    snprintf(name, sizeof name, "%s%s%s_at_%.3g_%.3g", what, connection[0] != '\0' ? "_" : "",
             connection, rates[rate][0], rates[rate][1]);
    return fsbi_model_add_feature(model, name, "1", error);
}

fsbi_status if_poly_declare_features(fsbi_model *model, fsbi_error *error) {
    for (size_t r = 0; r < RATES; r++) {
        for (ei_connection k = 0; k < EI_CONNECTIONS; k++) {
            const char *connection = ei_connection_names[k];
            FSBI_TRY(declare(model, "drift", connection, r, error));
            FSBI_TRY(declare(model, "drift_size", connection, r, error));
            for (size_t i = 0; i < OF_WALK && r < WALKS; i++)
                FSBI_TRY(declare(model, of_walk_names[i], connection, r, error));
        }
        if (r < WALKS) {
            FSBI_TRY(declare(model, "most_creep", "", r, error));
            FSBI_TRY(declare(model, "mean_at_bound", "", r, error));
        }
    }
    return FSBI_OK;
}

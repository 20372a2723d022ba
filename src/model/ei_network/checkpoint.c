#include "model/ei_network/checkpoint.h"

#include <math.h>
#include <stdio.h>

enum { BINS = 100, OF_SPIKES = 3, OF_WEIGHTS = 3 };

static fsbi_status declare(fsbi_model *model, const char *what, double seconds, size_t checkpoint,
                           fsbi_error *error) {
    char name[2 * FSBI_MODEL_NAME];
    snprintf(name, sizeof name, "%s_at_%g", what, seconds);
    return fsbi_model_add_interim(model, name, "1", checkpoint, error);
}

fsbi_status ei_declare_interim(fsbi_model *model, const bool plastic[EI_CONNECTIONS],
                               fsbi_error *error) {
    static const struct {
        const char *name;
        fsbi_metric_scale scale;
        double offset;
    } of_spikes[OF_SPIKES] = {{"rate", FSBI_SCALE_LOGARITHM, 0.05},
                              {"rate_i", FSBI_SCALE_LOGARITHM, 0.05},
                              {"bumps", FSBI_SCALE_LOGARITHM, 0.05}},
      of_weights[OF_WEIGHTS] = {{"w", FSBI_SCALE_LOGARITHM, 0.01},
                                {"dw", FSBI_SCALE_AREA_SINE, 0.01},
                                {"at_wmin", FSBI_SCALE_SQUARE_ROOT, 0}};
    const fsbi_config_list *at = &((const ei_settings *)model->settings)->checkpoints;
    char what[FSBI_MODEL_NAME];
    for (size_t c = 0; c < at->count; c++) {
        for (size_t i = 0; i < OF_SPIKES; i++) {
            FSBI_TRY(declare(model, of_spikes[i].name, at->number[c], c + 1, error));
            fsbi_model_scale_metric(model, of_spikes[i].scale, of_spikes[i].offset);
        }
        for (int k = 0; k < EI_CONNECTIONS; k++) {
            for (size_t i = 0; plastic[k] && i < OF_WEIGHTS; i++) {
                snprintf(what, sizeof what, "%s_%s", of_weights[i].name, ei_connection_names[k]);
                FSBI_TRY(declare(model, what, at->number[c], c + 1, error));
                fsbi_model_scale_metric(model, of_weights[i].scale, of_weights[i].offset);
            }
        }
    }
    return FSBI_OK;
}

/* Prepares the second before the next checkpoint. */
static void await(ei_checkpoints *c) {
    const ei_settings *s = &c->net->settings;
    if (c->next == s->checkpoints.count)
        return;
    c->end = ei_steps(s, s->checkpoints.number[c->next]);
    c->begin = c->end - ei_steps(s, 1);
    c->excitatory = c->inhibitory = c->in_bin = 0;
    c->squares = 0;
}

ei_checkpoints ei_checkpoints_start(const ei_network *net, double *metrics) {
    const ei_settings *s = &net->settings;
    size_t plastic = 0;
    for (int k = 0; k < EI_CONNECTIONS; k++)
        plastic += net->recurrent[k].weight != NULL;
    ei_checkpoints c = {.net = net,
                        .interim = metrics + ei_final_metric_count(s, plastic),
                        .bin_steps = ei_steps(s, 1) / BINS};
    await(&c);
    return c;
}

/* A plastic connection's weights: their mean, and the share of them at the lower bound. */
static double mean_weight(const ei_network *net, int connection, double *at_minimum) {
    const ei_recurrent *r = &net->recurrent[connection];
    const size_t synapses = r->connection->synapses;
    const float minimum = (float)net->settings.weight_min;
    double sum = 0;
    size_t found = 0;
    for (size_t i = 0; i < synapses; i++) {
        const float weight = r->weight(r->plastic, i);
        sum += (double)weight;
        found += weight == minimum;
    }
    *at_minimum = synapses > 0 ? (double)found / (double)synapses : 0;
    return synapses > 0 ? sum / (double)synapses : 0;
}

static void begin_second(ei_checkpoints *c) {
    double at_minimum = 0;
    for (int k = 0; k < EI_CONNECTIONS; k++)
        if (c->net->recurrent[k].weight != NULL)
            c->mean_before[k] = mean_weight(c->net, k, &at_minimum);
}

static void end_second(ei_checkpoints *c) {
    const ei_network *net = c->net;
    const double per_bin = (double)c->excitatory / BINS;
    const double variance = c->squares / BINS - per_bin * per_bin;
    *c->interim++ = (double)c->excitatory / (double)net->excitatory->size;
    *c->interim++ = (double)c->inhibitory / (double)net->inhibitory->size;
    *c->interim++ = per_bin > 0 ? sqrt(fmax(variance, 0)) / per_bin : 0;
    for (int k = 0; k < EI_CONNECTIONS; k++) {
        if (net->recurrent[k].weight == NULL)
            continue;
        double at_minimum = 0;
        const double mean = mean_weight(net, k, &at_minimum);
        *c->interim++ = mean;
        *c->interim++ = mean - c->mean_before[k];
        *c->interim++ = at_minimum;
    }
    c->next++;
    await(c);
}

bool ei_checkpoints_step(ei_checkpoints *checkpoints, size_t step) {
    ei_checkpoints *c = checkpoints;
    if (c->next == c->net->settings.checkpoints.count || step < c->begin)
        return false;
    if (step == c->begin)
        begin_second(c);
    const size_t spikes = fsbi_spike_delay_emitted(&c->net->excitatory->spikes)->count;
    c->excitatory += spikes;
    c->inhibitory += fsbi_spike_delay_emitted(&c->net->inhibitory->spikes)->count;
    c->in_bin += spikes;
    if ((step + 1 - c->begin) % c->bin_steps == 0) {
        c->squares += (double)c->in_bin * (double)c->in_bin;
        c->in_bin = 0;
    }
    if (step + 1 < c->end)
        return false;
    end_second(c);
    return true;
}

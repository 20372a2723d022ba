#include "snn/poisson_input.h"

#include "snn/geometric.h"

fsbi_status fsbi_poisson_input_init(fsbi_poisson_input *input, size_t size, size_t delay,
                                    fsbi_error *error) {
    *input = (fsbi_poisson_input){.size = size};
    return fsbi_spike_delay_init(&input->spikes, size, delay, error);
}

void fsbi_poisson_input_clear(fsbi_poisson_input *input) {
    fsbi_spike_delay_clear(&input->spikes);
}

static double inverse_log_of(double rate, double dt) {
    return rate > 0 ? 1 / log1p(-fmin(rate * dt, 1)) : -INFINITY;
}

void fsbi_poisson_input_reset(fsbi_poisson_input *input, double rate, double dt, gsl_rng *stream) {
    fsbi_spike_delay_reset(&input->spikes);
    input->stimulus = (fsbi_poisson_stimulus){0};
    input->inverse_log = inverse_log_of(rate, dt);
    input->next = fsbi_geometric_failures(stream, input->inverse_log);
}

void fsbi_poisson_input_stimulate(fsbi_poisson_input *input, size_t first, size_t count,
                                  double rate, double dt, gsl_rng *stream) {
    input->stimulus = (fsbi_poisson_stimulus){
        .first = first, .count = count, .inverse_log = inverse_log_of(rate, dt)};
    if (count > 0)
        input->stimulus.next = fsbi_geometric_failures(stream, input->stimulus.inverse_log);
}

/* Spikes of the neurons before `end` at the common rate. */
static void fire_until(fsbi_poisson_input *input, size_t end, fsbi_spike_list *spikes,
                       gsl_rng *stream) {
    while (input->next < end) {
        spikes->neurons[spikes->count++] = (uint16_t)input->next;
        input->next += 1 + fsbi_geometric_failures(stream, input->inverse_log);
    }
}

/* Spikes of the neurons of the stimulus, in place of those that they would have at the common rate.
 */
static void fire_stimulus(fsbi_poisson_input *input, fsbi_spike_list *spikes, gsl_rng *stream) {
    fsbi_poisson_stimulus *stimulus = &input->stimulus;
    const size_t before = spikes->count;
    fire_until(input, stimulus->first + stimulus->count, spikes, stream);
    spikes->count = before;
    while (stimulus->next < stimulus->count) {
        spikes->neurons[spikes->count++] = (uint16_t)(stimulus->first + stimulus->next);
        stimulus->next += 1 + fsbi_geometric_failures(stream, stimulus->inverse_log);
    }
    stimulus->next -= stimulus->count;
}

void fsbi_poisson_input_step(fsbi_poisson_input *input, gsl_rng *stream) {
    fsbi_spike_list *spikes = fsbi_spike_delay_next(&input->spikes);
    if (input->stimulus.count > 0) {
        fire_until(input, input->stimulus.first, spikes, stream);
        fire_stimulus(input, spikes, stream);
    }
    fire_until(input, input->size, spikes, stream);
    input->next -= input->size;
}

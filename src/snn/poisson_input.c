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

void fsbi_poisson_input_reset(fsbi_poisson_input *input, double rate, double dt, gsl_rng *stream) {
    fsbi_spike_delay_reset(&input->spikes);
    input->inverse_log = rate > 0 ? 1 / log1p(-fmin(rate * dt, 1)) : -INFINITY;
    input->next = fsbi_geometric_failures(stream, input->inverse_log);
}

void fsbi_poisson_input_step(fsbi_poisson_input *input, gsl_rng *stream) {
    fsbi_spike_list *spikes = fsbi_spike_delay_next(&input->spikes);
    while (input->next < input->size) {
        spikes->neurons[spikes->count++] = (uint16_t)input->next;
        input->next += 1 + fsbi_geometric_failures(stream, input->inverse_log);
    }
    input->next -= input->size;
}

#include "model/orientation/simulation.h"

fsbi_status orientation_simulation_init(orientation_simulation *simulation,
                                        const orientation_settings *settings, fsbi_error *error) {
    orientation_simulation *s = simulation;
    *s = (orientation_simulation){.settings = *settings};
    FSBI_TRY(orientation_stimuli_init(&s->stimuli, &s->settings, error));
    FSBI_TRY(orientation_neuron_init(&s->neuron, &s->settings, &s->stimuli, error));
    FSBI_TRY(orientation_recording_init(&s->recording, &s->settings, error));
    return orientation_tuning_fit_init(&s->fit, s->stimuli.count / 2, error);
}

void orientation_simulation_clear(orientation_simulation *simulation) {
    orientation_stimuli_clear(&simulation->stimuli);
    orientation_neuron_clear(&simulation->neuron);
    orientation_recording_clear(&simulation->recording);
    orientation_tuning_fit_clear(&simulation->fit);
}

fsbi_simulation_status
orientation_simulation_run(orientation_simulation *simulation,
                           const orientation_rule rules[ORIENTATION_POPULATIONS],
                           const fsbi_simulation *of, double *metrics) {
    orientation_simulation *s = simulation;
    orientation_stimuli_draw(&s->stimuli, &s->settings, of->stream);
    orientation_neuron_start(&s->neuron, rules, of->stream);
    const fsbi_simulation_status status = orientation_recording_run(&s->recording, &s->neuron, of);
    if (status == FSBI_SIMULATION_OK)
        s->tuning = orientation_score(&s->recording, &s->neuron, &s->fit, metrics);
    return status;
}

#include "model/ei_network/familiarity.h"

#include <math.h>

/* In the order of x. */
enum { R_NOV, R_FAM, STD_NOV, STD_FAM, RATIO_NOV_FAM, METRICS };

/* Input neurons that a stimulus begins with. */
typedef enum { FAMILIAR, NOVEL } stimulus;

static double novel_begin(const ei_familiarity *p) {
    return p->before + p->training + p->break_0 + p->break_1;
}

static double familiar_begin(const ei_familiarity *p) {
    return novel_begin(p) + p->presentation + p->break_2;
}

fsbi_status ei_familiarity_check(const ei_familiarity *protocol, const ei_recorded_time *recorded,
                                 fsbi_error *error) {
    static const double rounding = 1e-9;
    if (protocol->presentation == 0)
        return FSBI_OK;
    if (2 * protocol->neurons > recorded->input)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "two stimuli of stimulus_neurons = %ld input neurons each: there are "
                              "only N_input = %ld",
                              protocol->neurons, recorded->input);
    const double first = novel_begin(protocol);
    const double last = familiar_begin(protocol) + protocol->presentation;
    const double end = recorded->seconds_before + recorded->seconds_scored;
    if (first < recorded->seconds_before - rounding || last > end + rounding)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "the novel and the familiar stimulus are tested from %g to %g s "
                              "(lpt + lt + lb0 + lb1, then lp + lb2 + lp), but spikes are recorded "
                              "from lns = %g to lns + ls = %g s",
                              first, last, recorded->seconds_before, end);
    return FSBI_OK;
}

fsbi_status ei_familiarity_declare(const ei_familiarity *protocol, fsbi_model *model,
                                   fsbi_error *error) {
    static const char *const names[METRICS] = {[R_NOV] = "r_nov",
                                               [R_FAM] = "r_fam",
                                               [STD_NOV] = "std_nov",
                                               [STD_FAM] = "std_fam",
                                               [RATIO_NOV_FAM] = "ratio_nov_fam"};
    for (int k = 0; k < METRICS && protocol->presentation > 0; k++)
        FSBI_TRY(
            fsbi_model_add_metric(model, names[k], k == RATIO_NOV_FAM ? "1" : "spikes", error));
    return FSBI_OK;
}

size_t ei_familiarity_count(const ei_familiarity *protocol) {
    return protocol->presentation > 0 ? METRICS : 0;
}

static size_t step_of(double seconds, double dt) {
    return (size_t)llround(seconds / dt);
}

void ei_familiarity_stimulate(const ei_familiarity *protocol, size_t step, double dt,
                              fsbi_poisson_input *input, gsl_rng *stream) {
    if (protocol->presentation == 0)
        return;
    const struct {
        double begin, length;
        stimulus shown;
    } phases[] = {{protocol->before, protocol->training, FAMILIAR},
                  {novel_begin(protocol), protocol->presentation, NOVEL},
                  {familiar_begin(protocol), protocol->presentation, FAMILIAR}};
    const size_t neurons = (size_t)protocol->neurons;
    const size_t first[] = {[FAMILIAR] = 0, [NOVEL] = neurons};
    bool changed = false;
    int shown = -1;
    for (int k = 0; k < (int)(sizeof phases / sizeof *phases); k++) {
        const size_t begin = step_of(phases[k].begin, dt);
        const size_t end = step_of(phases[k].begin + phases[k].length, dt);
        changed = changed || (begin < end && (step == begin || step == end));
        shown = begin <= step && step < end ? k : shown;
    }
    if (changed && shown >= 0)
        fsbi_poisson_input_stimulate(input, first[phases[shown].shown], neurons, protocol->rate, dt,
                                     stream);
    else if (changed)
        fsbi_poisson_input_stimulate(input, 0, 0, 0, dt, stream);
}

/* Mean and standard deviation over neurons of their spikes in a window. */
static void count_spikes(const fsbi_spike_trains *trains, double begin, double length, double *mean,
                         double *deviation) {
    const double first = round(begin / trains->dt);
    const double last = round((begin + length) / trains->dt);
    double sum = 0;
    double squares = 0;
    for (size_t i = 0; i < trains->neurons; i++) {
        double count = 0;
        for (size_t k = trains->begin[i]; k < trains->begin[i + 1]; k++)
            count += trains->step[k] >= first && trains->step[k] <= last;
        sum += count;
        squares += count * count;
    }
    const double neurons = (double)trains->neurons;
    *mean = sum / neurons;
    *deviation = sqrt(fmax(squares / neurons - *mean * *mean, 0));
}

double *ei_familiarity_score(const ei_familiarity *protocol, const fsbi_spike_trains *trains,
                             double begin, double *metrics) {
    static const double never_zero = 1e-4;
    if (protocol->presentation == 0)
        return metrics;
    count_spikes(trains, novel_begin(protocol) - begin, protocol->presentation, &metrics[R_NOV],
                 &metrics[STD_NOV]);
    count_spikes(trains, familiar_begin(protocol) - begin, protocol->presentation, &metrics[R_FAM],
                 &metrics[STD_FAM]);
    metrics[RATIO_NOV_FAM] = (metrics[R_NOV] - metrics[R_FAM]) / (metrics[R_FAM] + never_zero);
    return metrics + METRICS;
}

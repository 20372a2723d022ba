/** The published networks' neuron. */
#ifndef FSBI_TESTS_SNN_PUBLISHED_NEURON_H
#define FSBI_TESTS_SNN_PUBLISHED_NEURON_H

#include "snn/if_population.h"

static const fsbi_if_parameters published_neuron = {.dt = 1e-4,
                                                    .tau_ampa = 5e-3,
                                                    .tau_gaba = 10e-3,
                                                    .tau_nmda = 100e-3,
                                                    .ampa_nmda_ratio = 0.3,
                                                    .tau_mem = 20e-3,
                                                    .e_rest = -70e-3,
                                                    .e_reset = -70e-3,
                                                    .e_inh = -80e-3,
                                                    .e_exc = 0,
                                                    .thr_rest = -50e-3,
                                                    .dthr = 100e-3,
                                                    .tau_thr = 5e-3};

#endif

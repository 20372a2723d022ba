#!/usr/bin/env bash
# A new model is one file and one line of the registry: with them it goes through a whole campaign.
. "$(dirname "$0")/lib.sh"
mkdir source
cp -r "$SOURCE"/CMakeLists.txt "$SOURCE"/CMakePresets.json "$SOURCE"/src "$SOURCE"/include source
cat > source/src/model/coin.c << 'C'
#include <stdlib.h>

#include "fsbi/model.h"

static const fsbi_config_keys no_keys = {NULL, 0, NULL};

static fsbi_status configure(fsbi_model *model, fsbi_error *error) {
    fsbi_parameter bias = {.name = "bias", .unit = "1", .low = 0, .high = 1};
    fsbi_status status = fsbi_model_add_parameter(model, &bias, error);
    return status != FSBI_OK ? status : fsbi_model_add_metric(model, "heads", "1", error);
}

static void *create(const void *settings, fsbi_error *error) {
    (void)settings;
    (void)error;
    return malloc(1);
}

static fsbi_status simulate(void *workspace, const fsbi_simulation *simulation, double *metrics,
                            fsbi_outcome *outcome, fsbi_error *error) {
    (void)workspace;
    (void)outcome;
    (void)error;
    metrics[0] = 0;
    for (int toss = 0; toss < 100; toss++)
        metrics[0] += gsl_rng_uniform(simulation->stream) < simulation->theta[0];
    return FSBI_OK;
}

const fsbi_model_type fsbi_model_coin = {.name = "coin",
                                         .summary = "a biased coin",
                                         .keys = &no_keys,
                                         .configure = configure,
                                         .create = create,
                                         .simulate = simulate,
                                         .destroy = free};
C
sed -i 's/^    DO(null)/    DO(null) DO(coin)/' source/src/model/registry.c
cmake -S source -B build -G Ninja -DBUILD_TESTING=OFF > log.txt || fail "$(cat log.txt)"
cmake --build build --target fsbi_mpi > log.txt || fail "$(tail log.txt)"
cat > coin.yaml << 'YAML'
campaign: {name: coin}
model: {name: coin}
conditions: {fair: {heads: [45, 55]}}
rounds:
  - {simulations: 300, infer: [heads]}
  - {simulations: 200, propose: {heads: [50, 50]}}
inference: {ensemble: 1, hidden_features: 10}
YAML
mpirun -n 2 build/fsbi_mpi coin.yaml > log.txt || fail "$(tail log.txt)"
# From the prior a tenth of the coins looks fair; from the posterior at 50 heads most do.
tail -n 2 log.txt
awk '$1 == "fair" && NF > 6 {found = 1; if ($6 < 3 * $2) exit 1} END {if (!found) exit 1}' log.txt ||
    fail "the posterior does not find fair coins: $(cat log.txt)"

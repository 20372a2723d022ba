#!/usr/bin/env bash
# Rounds towards conditions: the same campaign whoever computes it and whatever is killed; weights that give the
# probability of the conditions under the prior; more rules that meet them, round by round.
. "$(dirname "$0")/lib.sh"
cat > search.yaml << 'YAML'
campaign: {name: search, seed: 5}
model: {name: if_poly, NE: 300, NI: 80, N_input: 300, lns: 0.2, ls: 1, weight_poisson: 0.3, recorded_e: 100, recorded_i: 50, checkpoints: [1]}
conditions:
  active: {rate: [3, 30], rate_i: [3, 30]}
rounds:
  - {simulations: 40}
  - {simulations: 12, times: 2, propose: {towards: active}}
  - {simulations: 10, propose: {towards: [active, {cv_isi: [0.5, .inf]}], sharpness: [1, 3], prior_share: 0.2}, keep: [active], infer: [], weighted: true}
  - {simulations: 5, propose: posterior}
  - {simulations: 9, propose: {rules_of: all, where: [active], redraw_nuisance: true}}
search: {ensemble: 3, hidden_features: 12, max_epochs: 20, candidates: 1000, members: 60}
inference: {ensemble: 2, transforms: 2, hidden_features: 10, max_epochs: 20, minimum_rows: 5}
YAML
"$FSBI_MPI" search.yaml > log.txt
"$FSBI_MPI" verify search.h5 | grep -q '^search.h5 is sound$' || fail "not sound: $("$FSBI_MPI" verify search.h5)"
"$FSBI_MPI" status search.h5 > status.txt
grep -q '^round 3, met by sharpness (expected): prior [0-2] of 2.*; 1: [0-4] of 4 (.* %).*; 3: [0-4] of 4 (.* %)' status.txt ||
    fail "no word of the search: $(cat status.txt)"
grep -q '^so far [0-9]* rules meet the conditions of round 3; weighted they are worth [0-9.]*, ' status.txt ||
    fail "no word of the weights: $(cat status.txt)"
/usr/bin/python3 - << 'PYTHON'
import h5py
import numpy

def met(rows):
    active = (rows["rate"] >= 3) & (rows["rate"] <= 30) & (rows["rate_i"] >= 3) & (rows["rate_i"] <= 30)
    return active & (rows["cv_isi"] >= 0.5)

with h5py.File("search.h5") as file:
    rounds = [file["rounds"][name] for name in sorted(file["rounds"])]
    rows = [group["sims"][()] for group in rounds]
    held = [group["held"][()] for group in rounds]
    origins = rounds[5]["proposal/from"][()]
    all_weights = [group["weights"][()] for group in rounds]
runs = [numpy.zeros((2, len(of_round))) for of_round in rows]
for again, (k, i) in zip(rows[5], origins):
    assert (again["theta"][:24] == rows[k]["theta"][i, :24]).all() and again["theta"][24] != rows[k]["theta"][i, 24]
    runs[k][:, i] += 1, met(again)
for k in range(6):
    numpy.testing.assert_array_equal(held[k], numpy.where(runs[k][0] > 0, runs[k][1] / numpy.maximum(runs[k][0], 1), numpy.nan))
assert sum((counts[0] > 0).sum() for counts in runs) > 0
# Some simulations ended at the checkpoint, and weigh nothing; what went on weighs more than it would otherwise.
every = numpy.concatenate(rows[:4])
weights = numpy.concatenate(all_weights[:4])
early = every["checkpoint"] == 1
assert early.any() and (every["status"][early] == 5).all() and (weights[early] == 0).all() and (weights[~early] > 0).all()
assert (every["t_end"][early] == 1).all() and numpy.isnan(every["rate"][early]).all() and (every["survival"] < 1).any()
PYTHON
mv search.h5 alone.h5
for count in 2 5; do
    ranks $count search.yaml > log.txt
    "$SAME_CAMPAIGN" alone.h5 search.h5 || fail "$count ranks search otherwise"
    rm search.h5
done

# Killed while emulators are trained, while rules are drawn and while they are simulated.
for write in 3 25 12 6 9; do
    at_write $write /search.h5 kill 1
    mpirun -n 3 "${AT_RANKS[@]}" "$FSBI_MPI" search.yaml > log.txt 2>&1 &
    end_of $! && fail "write $write kills nothing: $(cat log.txt)"
done
ranks 3 search.yaml > log.txt
"$SAME_CAMPAIGN" alone.h5 search.h5 || fail "killed, it is another search"
rm search.h5

# In shards, whose rules are drawn by several ranks.
for round in 0 1 2 3 4 5; do
    ranks 2 propose search.yaml > log.txt
    for shard in 0 1; do "$FSBI_MPI" simulate-round search.yaml --shard $shard/2 > log.txt; done
    "$FSBI_MPI" merge search.yaml search.round0$round.shard*.h5 > log.txt
done
"$FSBI_MPI" train search.yaml > log.txt
"$SAME_CAMPAIGN" alone.h5 search.h5 || fail "in shards it is another search"

# Two moons: the probability of a small square, against as many draws of the prior as it takes.
cat > moons.yaml << 'YAML'
campaign: {name: moons}
model: {name: two_moons}
conditions: {near: {x_0: [0, 0.1], x_1: [0.25, 0.35]}}
rounds:
  - {simulations: 200}
  - {simulations: 60, times: 3, propose: {towards: near, sharpness: [1, 2]}}
  - {simulations: 240, propose: {towards: near, sharpness: [1, 2]}, keep: [near], infer: [], weighted: true}
  - {simulations: 300, propose: posterior}
search: {ensemble: 4, hidden_features: 24, candidates: 20000, members: 500}
YAML
ranks 3 moons.yaml > log.txt
"$FSBI_MPI" moons.yaml --set campaign.output=prior.h5 --set rounds='[{simulations: 200000}]' > prior.txt
/usr/bin/python3 - << 'PYTHON'
import h5py
import numpy

def met(rows):
    return (rows["x_0"] >= 0) & (rows["x_0"] <= 0.1) & (rows["x_1"] >= 0.25) & (rows["x_1"] <= 0.35)

truth = met(h5py.File("prior.h5")["rounds/00/sims"][()]).mean()
truth_error = numpy.sqrt(truth / 200000)
with h5py.File("moons.h5") as file:
    rounds = [file["rounds"][name] for name in sorted(file["rounds"])][:5]
    of_posterior = met(file["rounds/05/sims"][()]).mean()
    cap = file["rounds/04/posterior/weight_cap"][0]
    rows = numpy.concatenate([group["sims"][()] for group in rounds])
    weights = numpy.concatenate([group["weights"][()] for group in rounds])
    shares = [met(group["sims"][()]).mean() for group in rounds]
assert (weights > 0).all()
one = weights.mean(), weights.std() / numpy.sqrt(len(weights))
terms = weights * met(rows)
found, error = terms.mean(), terms.std() / numpy.sqrt(len(terms))
print(f"all: {one[0]:.3f} +- {one[1]:.3f}; conditions: {found:.2e} +- {error:.1e}, truth {truth:.2e} +- {truth_error:.1e}; shares {shares}, of the posterior {of_posterior}")
assert abs(one[0] - 1) < 4 * one[1]
# Populations give normalisations to 10 % (tests/search).
assert abs(found - truth) < 4 * numpy.hypot(numpy.hypot(error, truth_error), 0.1 * truth)
assert error < 0.3 * truth and shares[4] > 20 * truth
# A posterior without x draws rules like those that were found.
kept = weights[met(rows)]
numpy.testing.assert_allclose(cap, kept.mean() * numpy.sqrt(len(kept)))
assert of_posterior > 20 * truth
PYTHON
"$FSBI_MPI" sample moons.h5 -n 2000 -o drawn.h5 > log.txt
"$FSBI_MPI" log-prob moons.h5 drawn.h5 -o densities.h5 > log.txt
expect_failure 2 "the posterior has no x" "$FSBI_MPI" sample moons.h5 -n 5 --x 1,2 -o never.h5
/usr/bin/python3 - << 'PYTHON'
import h5py
import numpy

theta, log_prob = h5py.File("drawn.h5")["theta"][()], h5py.File("densities.h5")["log_prob"][()]
# The mean of 1 / density over draws of a density is the volume that it covers: less than the box, more than 0.
volume = numpy.exp(-log_prob).mean() / 4
print(f"a volume of {volume:.3f} of the box")
assert theta.shape == (2000, 2) and 0.002 < volume < 1
PYTHON
expect_failure 1 "run more simulations of the prior first" "$FSBI_MPI" moons.yaml --set campaign.output=few.h5 --set \
    rounds.0.simulations=10

# Hopeless simulations that end early cost less, and change no estimate: a ball of known volume.
cat > ball.yaml << 'YAML'
campaign: {name: ball}
model: {name: known_set, problem: ball, checkpoints: 2}
conditions: {inside: {y_0: [-.inf, 0.6]}}
rounds:
  - {simulations: 200}
  - {simulations: 150, times: 3, propose: {towards: inside, sharpness: [1, 2]}}
search: {ensemble: 3, hidden_features: 24, candidates: 20000, members: 400}
YAML
ranks 2 ball.yaml > log.txt
/usr/bin/python3 - << 'PYTHON'
import h5py
import numpy

with h5py.File("ball.h5") as file:
    rows = numpy.concatenate([file["rounds"][name]["sims"][()] for name in sorted(file["rounds"])])
    weights = numpy.concatenate([file["rounds"][name]["weights"][()] for name in sorted(file["rounds"])])
early = rows["checkpoint"] > 0
truth = numpy.pi**2 / 2 * 0.6**4 / 16
terms = weights * ((rows["status"] == 1) & (rows["y_0"] <= 0.6))
found, error = terms.mean(), terms.std() / numpy.sqrt(len(terms))
one = weights.mean()
print(f"{early.sum()} of {len(rows)} ended early; all: {one:.3f}; inside: {found:.4f} +- {error:.4f}, truth {truth:.4f}")
assert early.sum() > 30 and (rows["survival"][rows["survival"] < 1] >= 0.05**2).all()
# Populations give normalisations to 5 % here (tests/search).
assert abs(found - truth) < 4 * numpy.hypot(error, 0.05 * truth)
assert error < 0.15 * truth
PYTHON

#!/usr/bin/env bash
# Pictures of rules: the same from stored traces and from a simulation run again, and right by what the campaign file says of the row.
. "$(dirname "$0")/lib.sh"
export PYTHONPATH=$SOURCE/tools
small_campaign > small.yaml
"$FSBI_MPI" small.yaml --set traces.store=all > log.txt
"$FSBI_MPI" portray small.h5 --round 0 --row 8 -o stored.h5 | grep -q "12 pictures of row 8 of round 0 (ok; stored traces)" || fail "not from stored traces"
mkdir aside
mv small.round0?.traces.h5 aside
"$FSBI_MPI" portray small.h5 --round 0 --row 8 -o anew.h5 > log.txt
grep -q "the same metrics as in the campaign file" log.txt || fail "the simulation is another one: $(cat log.txt)"
cat > cvaif.yaml << 'YAML'
campaign: {name: cvaif, seed: 2}
model: {name: cvaif_mlp, NE: 300, NI: 80, N_input: 300, lns: 0.2, ls: 1, weight_poisson: 0.3, recorded_e: 100, recorded_i: 50}
rounds: [{simulations: 3}]
YAML
"$FSBI_MPI" cvaif.yaml > log.txt
"$FSBI_MPI" portray cvaif.h5 --round 0 --row 1 -o cvaif_rule.h5 > log.txt
cat > neuron.yaml << 'YAML'
campaign: {name: neuron, seed: 2}
model: {name: orientation, duration: 20000, drift_window: 500}
rounds: [{simulations: 12}]
YAML
"$FSBI_MPI" neuron.yaml > log.txt
for row in 0 1 2 3 4 5 6 7 8 9 10 11; do "$FSBI_MPI" portray neuron.h5 --round 0 --row $row -o neuron_$row.h5 > log.txt; done
cat > null.yaml << 'YAML'
campaign: {name: null}
model: {name: "null"}
rounds: [{simulations: 3}]
YAML
"$FSBI_MPI" null.yaml > log.txt
expect_failure 2 "model 'null' makes no pictures" "$FSBI_MPI" portray null.h5 --round 0 --row 0 -o n.h5
expect_failure 2 "there is no row 60 in round 0" "$FSBI_MPI" portray small.h5 --round 0 --row 60 -o n.h5
expect_failure 2 "there is no round 3" "$FSBI_MPI" portray small.h5 --round 3 --row 0 -o n.h5
expect_failure 2 "--round R and --row I are needed" "$FSBI_MPI" portray small.h5 -o n.h5
expect_failure 2 "exists already" "$FSBI_MPI" portray small.h5 --round 0 --row 1 -o anew.h5
expect_failure 2 "is what is read from" "$FSBI_MPI" portray small.h5 --round 0 --row 1 -o ./small.h5 --force-new
expect_failure 2 "is what is read from" "$FSBI_MPI" sample small.h5 --x-range rate=1:5 -n 5 -o small.h5 --force-new
"$FSBI_MPI" propose small.yaml --set campaign.output=begun.h5 > log.txt
"$FSBI_MPI" simulate-round small.yaml --set campaign.output=begun.h5 --shard 0/20 > log.txt
expect_failure 2 "is a shard" "$FSBI_MPI" portray begun.round00.shard000of020.h5 --round 0 --row 0 -o n.h5
expect_failure 2 "row 0 of round 0 is still to be simulated" "$FSBI_MPI" portray begun.h5 --round 0 --row 0 -o n.h5
"$SOURCE/tools/fsbi-rule" small.h5 0 8 -o rule.html --pictures pictures
for picture in window_EE raster rates intervals; do
    grep -q "<img id=\"$picture\" " rule.html && [ -s pictures/$picture.pdf ] || fail "the page of a rule has no picture $picture"
done
[ "$("$SOURCE/tools/fsbi-rule" small.h5 1 2)" = small.round01.row2.html ] && [ -s small.round01.row2.html ] || fail "no page by its own name"
expect_failure 1 "there is no row 60 in round 0" "$SOURCE/tools/fsbi-rule" small.h5 0 60 -o wrong.html

/usr/bin/python3 - << 'PYTHON'
import fsbi
import numpy


def pictures(path):
    with fsbi.h5py.File(path) as file:
        found = [fsbi.Picture(group) for group in file["pictures"].values()]
    return {picture.name: {label: (x, y) for label, kind, x, y in picture.series} for picture in found}


stored, anew = pictures("stored.h5"), pictures("anew.h5")
for name, series in stored.items():
    for label, points in series.items():
        assert numpy.array_equal(points, anew[name][label]), (name, label)

campaign = fsbi.Campaign("small.h5")
row = campaign.rounds[0].rows[8]
theta = dict(zip(campaign.parameter_names, row["theta"]))
for connection in ("EE", "EI", "IE", "II"):
    (x, y), = anew["window_" + connection].values()
    tau_pre, tau_post, alpha, beta, gamma, kappa = (theta[f"{name}_{connection}"] for name in
                                                    ("tau_pre", "tau_post", "alpha", "beta", "gamma", "kappa"))
    expected = 0.01 * (alpha + beta + numpy.where(x > 0, gamma * numpy.exp(-x / tau_pre), kappa * numpy.exp(x / tau_post)))
    assert len(x) == 400 and numpy.isclose(x[-1], 0.09975) and numpy.allclose(x, -x[::-1]) and numpy.allclose(y, expected, rtol=1e-12, atol=1e-16)

# Spikes of the whole second, in bins: their mean is the rate; all neurons are shown, so the raster has all spikes.
for population, metric, neurons in (("E", "rate", 100), ("I", "rate_i", 50)):
    x, y = anew["rates"][population]
    assert numpy.isclose(y.mean(), row[metric], rtol=1e-9) and len(x) == 100 and 0.2 < x.min() and x.max() < 1.2
    times, neuron = anew["raster"][population]
    assert len(times) == round(row[metric] * neurons), (len(times), row[metric])
    assert times.min() >= 0.2 and times.max() <= 1.2 and set(neuron) <= set(range(0 if population == "E" else 100, 100 if population == "E" else 150))
    edges, share = anew["intervals"][population]
    intervals = numpy.concatenate([numpy.diff(times[neuron == k]) for k in set(neuron)])
    assert numpy.isclose(share.sum(), 1) and share[-1] == 0
    middle = numpy.sqrt(edges[1:] * edges[:-1])
    assert numpy.isclose((share[:-1] * middle).sum(), intervals.mean(), rtol=0.1)
for connection, metric in (("EE", "weef"), ("EI", "weif"), ("IE", "wief"), ("II", "wiif")):
    x, y = anew["mean_weights"][connection]
    assert numpy.isclose(y[-1], row[metric], rtol=1e-6), connection
    edges, share = anew["weights_" + connection]["end"]
    assert numpy.isclose(share.sum(), 1) and abs((share[:-1] * (edges[1:] + edges[:-1]) / 2).sum() - row[metric]) < edges[1]

# A silent network has nothing to draw but its rule and weights.
silent = int(numpy.flatnonzero((campaign.rounds[0].rows["rate"] == 0) & (campaign.rounds[0].rows["rate_i"] == 0))[0])
pictured = {picture.name: picture for picture in fsbi.Portrait("small.h5", 0, silent).pictures}
assert len(pictured) == 12 and pictured["raster"].series == [] and len(pictured["rates"].series) == 2

blown_up = int(numpy.flatnonzero(campaign.rounds[0].rows["status"] == 2)[0])
portrait = fsbi.Portrait("small.h5", 0, blown_up)
assert portrait.pictured == "the rule alone" and [picture.name[:6] for picture in portrait.pictures] == 4 * ["window"]

# The rule that is a network: no eta, no change; and it depends on voltage and currents.
cvaif = pictures("cvaif_rule.h5")
assert len(cvaif["window_EE"]) == 3 and len(cvaif["window_IE"]) == 3 and "window_EI" not in cvaif
curves = [y for _, y in cvaif["window_EE"].values()]
assert numpy.ptp(curves[0]) > 0 and not numpy.allclose(curves[0], curves[2], rtol=1e-3)

neuron = fsbi.Campaign("neuron.h5").rounds[0].rows
checked = 0
for k in range(12):
    if neuron["status"][k] != 1:
        continue
    found = pictures(f"neuron_{k}.h5")
    (angle, rate), (at, fit) = found["tuning"].values()
    assert len(angle) == 200 and rate.max() <= 1 and ((0 <= angle) & (angle <= numpy.pi)).all()
    e, i = (y for _, y in found["balance"].values())
    assert numpy.isclose(numpy.corrcoef(e, i)[0, 1], neuron["balance"][k], atol=1e-9) and numpy.isclose(e.mean(), 1)
    # The last sample of the groups' weights is at most one interval before the end.
    last = numpy.array([y[-1] for _, y in found["weights_E"].values()])
    assert len(last) == 10 and len(next(iter(found["weights_E"].values()))[0]) == 200
    if neuron["tuning_r2"][k] > 0.5:
        model = numpy.interp(angle, at, fit)
        r2 = 1 - ((rate - model) ** 2).sum() / ((rate - rate.mean()) ** 2).sum()
        assert abs(r2 - neuron["tuning_r2"][k]) < 0.01, (r2, neuron["tuning_r2"][k])
        checked += 1
assert checked > 0
PYTHON

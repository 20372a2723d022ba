#!/usr/bin/env bash
# A posterior of one's own: fit, sample, log-prob, mode, on any table and on a campaign, with any number of ranks.
. "$(dirname "$0")/lib.sh"
"$MAKE_TABLE" table.h5 1500
small="--hidden-features 16 --transforms 2 --max-epochs 25 --ensemble 2 --batch-size 300 --check-rows 60"

# shellcheck disable=SC2086
"$FSBI_MPI" fit table.h5 -o alone.h5 $small --seed 3 > fit.txt
grep -q '^table.h5: 1500 rows of 2 parameters and 1 metrics' fit.txt || fail "size of the table: $(cat fit.txt)"
grep -q 'on 60 rows held out, its 50 % regions hold' fit.txt || fail "no check: $(cat fit.txt)"
grep -q 'of its samples lie within' fit.txt || fail "no acceptance: $(cat fit.txt)"
"$FSBI_MPI" sample alone.h5 --x 0.5 -n 3000 -o fixed.h5 > sample.txt
"$FSBI_MPI" sample alone.h5 --x-range x_0=-1:1 -n 3000 -o ranges.h5 > /dev/null
"$FSBI_MPI" log-prob alone.h5 table.h5 -o density.h5 > density.txt
"$FSBI_MPI" mode alone.h5 --x 0.5 --correlations -o top.h5 > mode.txt
grep -q '^theta_0 ' mode.txt || fail "no mode: $(cat mode.txt)"
"$FSBI_MPI" mode alone.h5 --x 0.5 --correlations --at 0.25,-0.5 -o at.h5 > mode.txt
h5dump -y -d at at.h5 | tr -d ' \n' | grep -q 'DATA{0.25,-0.5}' || fail "--at is not what is held fixed: $(h5dump -d at at.h5)"
h5dump -a theta/acceptance fixed.h5 | grep -q '(0): 0\.[0-9]' || fail "no acceptance with the samples"

# A virtual dataset, whose numbers stand in another file.
"$MAKE_TABLE" virtual.h5 1500 virtual
"$FSBI_MPI" log-prob alone.h5 virtual.h5 -o d.h5 > /dev/null
"$SAME_CAMPAIGN" density.h5 d.h5 || fail "a virtual dataset has other numbers"
rm d.h5

# Every number of ranks gives the same bytes; with 4 and 8, several train one network.
for count in 2 4 8; do
    # shellcheck disable=SC2086
    ranks "$count" fit table.h5 -o fit.h5 $small --seed 3 > /dev/null
    "$SAME_CAMPAIGN" alone.h5 fit.h5 || fail "$count ranks train another posterior"
    ranks "$count" sample fit.h5 --x 0.5 -n 3000 -o s.h5 > /dev/null
    "$SAME_CAMPAIGN" fixed.h5 s.h5 || fail "$count ranks draw other samples"
    ranks "$count" sample fit.h5 --x-range x_0=-1:1 -n 3000 -o r.h5 > /dev/null
    "$SAME_CAMPAIGN" ranges.h5 r.h5 || fail "$count ranks draw other samples within ranges"
    ranks "$count" log-prob fit.h5 table.h5 -o d.h5 > /dev/null
    "$SAME_CAMPAIGN" density.h5 d.h5 || fail "$count ranks compute other densities"
    ranks "$count" mode fit.h5 --x 0.5 --correlations -o t.h5 > /dev/null
    "$SAME_CAMPAIGN" top.h5 t.h5 || fail "$count ranks find another mode"
    rm fit.h5 s.h5 r.h5 d.h5 t.h5
done
# shellcheck disable=SC2086
"$FSBI_MPI" fit table.h5 -o other.h5 $small --seed 4 > /dev/null
"$SAME_CAMPAIGN" alone.h5 other.h5 > /dev/null && fail "another seed gives the same posterior"

# Settings from YAML are those from options; a warm start, other estimators, a stretched box.
cat > settings.yaml << 'YAML'
inference: {hidden_features: 16, transforms: 2, max_epochs: 25, ensemble: 2, batch_size: 300, check_rows: 60}
YAML
"$FSBI_MPI" fit table.h5 -o yaml.h5 --config settings.yaml --seed 3 > /dev/null
"$SAME_CAMPAIGN" alone.h5 yaml.h5 || fail "settings from YAML differ from those of options"
"$FSBI_MPI" fit table.h5 -o named.h5 --config settings.yaml --seed 3 --low-name prior/low --high-name prior/high > /dev/null
"$SAME_CAMPAIGN" alone.h5 named.h5 || fail "bounds that are named differ from those found"
"$FSBI_MPI" fit table.h5 -o warm.h5 --config settings.yaml --start-from alone.h5 --max-epochs 2 > /dev/null
"$FSBI_MPI" fit table.h5 -o cold.h5 --config settings.yaml --max-epochs 2 > /dev/null
loss() {
    h5dump -d /posterior/best_validation_loss "$1" | sed -n 's/.*(0): \([-0-9.]*\).*/\1/p'
}
awk -v warm="$(loss warm.h5)" -v cold="$(loss cold.h5)" 'BEGIN { exit !(warm < cold) }' ||
    fail "a warm start is no better: $(loss warm.h5), $(loss cold.h5)"
for estimator in maf nsf_ar; do
    "$FSBI_MPI" fit table.h5 -o $estimator.h5 --config settings.yaml --estimator $estimator --bounds stretch > fit.txt
    grep -q 'of its samples lie within' fit.txt && fail "a stretched box leaks: $(cat fit.txt)"
    "$FSBI_MPI" sample $estimator.h5 --x 2.9 -n 100 -o $estimator.samples.h5 | grep -q '100 % of the candidates' ||
        fail "a stretched box leaks"
done

# Rows that are not finite, other names, no bounds, and the samples of a posterior as a table themselves.
"$MAKE_TABLE" nan.h5 500 nan
"$FSBI_MPI" fit nan.h5 -o nan.p.h5 --config settings.yaml > fit.txt
grep -q '^50 rows more are left out: they hold NaN or infinity' fit.txt || fail "rows left out: $(cat fit.txt)"
"$FSBI_MPI" log-prob nan.p.h5 nan.h5 -o nan.d.h5 | grep -q '450 rows.*50 rows hold NaN' || fail "densities of NaN"
h5dump -d log_prob nan.d.h5 > dump.txt
grep -Eq '[(]0[)]: -?nan' dump.txt || fail "the density of a row with NaN is a number"
"$MAKE_TABLE" names.h5 500 names
"$FSBI_MPI" fit names.h5 -o names.p.h5 --config settings.yaml --theta-name rules --x-name metrics > fit.txt
grep -q 'of its samples lie within' fit.txt && fail "without bounds something is rejected"
"$FSBI_MPI" fit fixed.h5 --x-name theta -o again.h5 --config settings.yaml > /dev/null || fail "samples as a table"

# A campaign's posterior is the same thing; its rows can be trained on anew.
cat > moons.yaml << 'YAML'
campaign: {name: moons}
model: {name: two_moons}
conditions: {near: {x_0: [-0.4, 0.4], x_1: [-0.4, 0.4]}}
rounds:
  - {simulations: 400, classify: [near]}
  - {simulations: 200, propose: restricted_prior, infer: [x_0, x_1]}
  - {simulations: 100, propose: {x_0: [-0.1, 0.1], x_1: [-0.1, 0.1]}, infer: [x_0]}
inference: {hidden_features: 16, transforms: 2, max_epochs: 25, ensemble: 2, warm_start: true}
YAML
ranks 2 moons.yaml > run.txt
mv moons.h5 two.h5
"$FSBI_MPI" moons.yaml > run.txt
"$SAME_CAMPAIGN" moons.h5 two.h5 || fail "2 ranks give another campaign with a classifier"
grep -q 'valid and .* other rules held out it turns away' run.txt || fail "no word of the classifier: $(cat run.txt)"
"$FSBI_MPI" status moons.h5 > status.txt
grep -q '^round 1: .* of the candidates were let pass by the classifier' status.txt || fail "no acceptance: $(cat status.txt)"
grep -q '^round 2: .* of the rules came out in the ranges asked for (x_0, x_1)' status.txt || fail "no share: $(cat status.txt)"
"$FSBI_MPI" sample moons.h5 --x 0 -n 10 -o last.h5 > /dev/null || fail "sampling a campaign's last posterior"
"$FSBI_MPI" sample moons.h5 --round 1 --x 0,0 -n 10 -o first.h5 > /dev/null || fail "sampling another round's"
"$FSBI_MPI" fit moons.h5 -o anew.h5 --config settings.yaml --metrics x_1 --keep x_0=-0.5:0.5 > fit.txt
grep -Eq '^moons.h5: [1-6][0-9][0-9] rows of 2 parameters and 1 metrics' fit.txt || fail "rows kept: $(cat fit.txt)"
h5dump -a posterior/x_names anew.h5 | grep -q '"x_1' || fail "the metric's name is lost"

# Wrong input: one message that names place and remedy, nothing written.
rm -f out.h5
expect_failure 2 "--output FILE is needed" "$FSBI_MPI" fit table.h5
expect_failure 2 "there is no file 'none.h5'" ranks 2 fit none.h5 -o out.h5
expect_failure 2 "there is no dataset 'thetas' in 'table.h5'" "$FSBI_MPI" fit table.h5 -o out.h5 --theta-name thetas
expect_failure 2 "--ensemble 0: inference.ensemble: found 0, allowed: 1 to 1000" "$FSBI_MPI" fit table.h5 -o out.h5 --ensemble 0
expect_failure 2 "found 'stretched', allowed: reject, stretch" "$FSBI_MPI" fit table.h5 -o out.h5 --bounds stretched
expect_failure 2 "'alone.h5' exists already" ranks 3 fit table.h5 -o alone.h5
"$MAKE_TABLE" short.h5 500 short
expect_failure 2 "'theta' has 500 rows and 'x' has 499" "$FSBI_MPI" fit short.h5 -o out.h5
"$MAKE_TABLE" bounds.h5 500 bounds
expect_failure 2 "the bounds of parameter 1 are 2 and 1" "$FSBI_MPI" fit bounds.h5 -o out.h5
"$MAKE_TABLE" few.h5 12
expect_failure 1 "'few.h5' has only 12 rows to train on (minimum_rows is 20)" "$FSBI_MPI" fit few.h5 -o out.h5
expect_failure 2 "there is no dataset 'lowest' in 'table.h5'" "$FSBI_MPI" fit table.h5 -o out.h5 --low-name lowest
expect_failure 2 "--at 1: expected 2 finite numbers" ranks 2 mode alone.h5 --x 0.5 --correlations --at 1 -o out.h5
expect_failure 2 "--at says where --correlations are taken, which are not asked for" "$FSBI_MPI" mode alone.h5 --x 0.5 --at 0,0 -o out.h5
expect_failure 2 "--bounds stretch needs the prior's bounds" \
    "$FSBI_MPI" fit names.h5 --theta-name rules --x-name metrics -o out.h5 --bounds stretch
expect_failure 2 "'table.h5' is no campaign file" "$FSBI_MPI" fit table.h5 -o out.h5 --metrics x_0
expect_failure 2 "'x_9' is not a metric of this model" "$FSBI_MPI" fit moons.h5 -o out.h5 --metrics x_9
expect_failure 2 "--keep x_0: expected METRIC=LOW:HIGH" "$FSBI_MPI" fit moons.h5 -o out.h5 --keep x_0
expect_failure 2 "'first.h5' is neither a posterior nor a campaign" "$FSBI_MPI" fit table.h5 -o out.h5 --start-from first.h5
cp anew.h5 steering.h5
/usr/bin/python3 -c 'import h5py, numpy
h5py.File("steering.h5", "a")["posterior"].attrs["x_names"] = numpy.array([b"\033[2J"], h5py.string_dtype("utf-8", 64))'
expect_failure 2 "the attribute 'x_names' is damaged: entry 0 is no text" ranks 2 sample steering.h5 --x 0 -n 5 -o out.h5
expect_failure 2 "--start-from maf.h5: its networks have another shape" \
    "$FSBI_MPI" fit table.h5 -o out.h5 --start-from maf.h5 --config settings.yaml
expect_failure 2 "--x 1,2: expected 1 finite numbers, for x_0" ranks 2 sample alone.h5 --x 1,2 -n 5 -o out.h5
expect_failure 2 "--x nan: expected 1 finite numbers" "$FSBI_MPI" sample alone.h5 --x nan -n 5 -o out.h5
expect_failure 2 "the posterior's x has no 'rate'; it was trained on x_0" \
    "$FSBI_MPI" sample alone.h5 --x-range rate=0:1 -n 5 -o out.h5
expect_failure 2 "give the x either as --x V1,V2,... or by" "$FSBI_MPI" sample alone.h5 -n 5 -o out.h5
expect_failure 2 "-n 0: expected a whole number from 1" "$FSBI_MPI" sample alone.h5 --x 1 -n 0 -o out.h5
expect_failure 2 "-n N, the number of samples, is needed" "$FSBI_MPI" sample alone.h5 --x 1 -o out.h5
expect_failure 2 "'table.h5' is neither a posterior nor a campaign" "$FSBI_MPI" sample table.h5 --x 1 -n 5 -o out.h5
expect_failure 2 "'moons.h5' holds no trained posterior of that round" \
    "$FSBI_MPI" sample moons.h5 --round 0 --x 1 -n 5 -o out.h5
expect_failure 2 "the second file is missing" "$FSBI_MPI" log-prob alone.h5 -o out.h5
expect_failure 2 "has 2 columns of theta and 2 of x; the posterior 'alone.h5' was trained on 2 and 1" \
    "$FSBI_MPI" log-prob alone.h5 first.h5 -o out.h5
expect_failure 1 "in a row lies within the prior's bounds" \
    ranks 2 sample alone.h5 --x 1e300 -n 5 -o out.h5 --max-candidates 500
expect_failure 1 "cannot create the file 'no_such_folder/x.h5'" \
    "$FSBI_MPI" fit table.h5 -o no_such_folder/x.h5 --max-epochs 1
[ ! -e out.h5 ] && [ -z "$(ls -- *.unfinished 2> /dev/null)" ] || fail "bad input leaves files: $(ls)"

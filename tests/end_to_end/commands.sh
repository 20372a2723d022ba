#!/usr/bin/env bash
# The commands as a user types them.
. "$(dirname "$0")/lib.sh"
"$FSBI_MPI" --version | grep -q '^fsbi_mpi [0-9]' || fail "--version"
"$FSBI_MPI" --help | grep -q 'fsbi_mpi simulate CONFIG.yaml' || fail "--help"
for command in run check status simulate fit sample log-prob mode; do
    "$FSBI_MPI" $command --help | grep -q "^Usage: fsbi_mpi $command" || fail "$command --help"
done
[ "$(ranks 3 --version | wc -l)" = 1 ] || fail "--version speaks once per rank"
[ "$(ranks 3 run --help | grep -c '^Usage')" = 1 ] || fail "--help speaks once per rank"

# The effective configuration can be fed back and is then the same; every shipped one is valid.
for config in "$SOURCE"/configs/*.yaml; do
    "$FSBI_MPI" check "$config" > effective.yaml || fail "$config is refused"
    "$FSBI_MPI" check effective.yaml > again.yaml || fail "the effective configuration of $config is refused"
    diff effective.yaml again.yaml || fail "the effective configuration of $config changes when fed back"
done
"$FSBI_MPI" check "$SOURCE/configs/if_poly_paper.yaml" | grep -q '^# 5 rounds, 75200 simulations' || fail "size"
"$FSBI_MPI" check "$SOURCE/configs/quickstart.yaml" --set model.ls=2.5 --set campaign.seed=9 > effective.yaml
grep -q '^  ls: 2.5 ' effective.yaml || fail "--set model.ls"
grep -q '^  seed: 9 ' effective.yaml || fail "--set campaign.seed"

# Given rules: from CSV with a header in another order, without one, and from the HDF5 file of a campaign.
cat > moons.yaml << 'YAML'
campaign: {name: moons}
model: {name: two_moons}
rounds: [{simulations: 6}]
YAML
printf 'theta_1,theta_0\n0.2,0.1\n-0.4,0.3\n' > header.csv
printf '0.1 0.2\n0.3 -0.4\n' > plain.csv
"$FSBI_MPI" simulate moons.yaml --theta header.csv --output out.h5 --seed 3 > log.txt
mv out.h5 header.h5
ranks 3 simulate moons.yaml --theta plain.csv --output out.h5 --seed 3 > log.txt
"$SAME_CAMPAIGN" header.h5 out.h5 || fail "the header's order is not respected, or ranks matter"
"$FSBI_MPI" moons.yaml > log.txt
"$FSBI_MPI" simulate moons.yaml --theta moons.h5:/rounds/00/sims --output again.h5 > log.txt
"$FSBI_MPI" status again.h5 | grep -Eq '^ +0 +table +6 +0 +6 ' || fail "status of simulated rules"
# The same rules with the same seed are the same simulations.
"$SAME_CAMPAIGN" moons.h5 again.h5 || fail "simulating a campaign's rules again gives other rows"

# A round of given rules within a campaign.
cat > table.yaml << 'YAML'
campaign: {name: table}
model: {name: two_moons}
rounds:
  - {simulations: 2, propose: {table: plain.csv}}
  - {simulations: 40, infer: [x_0]}
  - {simulations: 5, propose: {x_0: [0, 0.1]}}
inference: {ensemble: 1, hidden_features: 10, max_epochs: 3}
YAML
ranks 2 table.yaml > log.txt
"$FSBI_MPI" status table.h5 | grep -Eq '^ +0 +table +2 +0 +2 ' || fail "a round of given rules"
expect_failure 2 "'plain.csv' holds 2 rules, but round 0 asks for 3 simulations" \
    ranks 2 table.yaml --set rounds.0.simulations=3 --set campaign.output=other.h5

# A changed table is noticed though nothing is pending; pending rows and impossible rules are not simulated.
printf '0.1 0.2\n0.3 -0.4\n' > t.csv
"$FSBI_MPI" simulate moons.yaml --theta t.csv --output t.h5 > log.txt
printf '0.1 0.2\n0.3 -0.7\n' > t.csv
expect_failure 2 "rule 1 of 't.csv' is not the one that the output file already has" \
    "$FSBI_MPI" simulate moons.yaml --theta t.csv --output t.h5
printf 'campaign: {name: few}\nmodel: {name: two_moons}\nrounds: [{simulations: 30, keep: {x_0: [5, 6]}, infer: [x_0]}, {simulations: 3}]\n' > few.yaml
"$FSBI_MPI" few.yaml > log.txt 2>&1 && fail "training without rows succeeds"
expect_failure 2 "row 0 is pending and has no theta yet" \
    "$FSBI_MPI" simulate moons.yaml --theta few.h5:/rounds/01/sims --output o.h5
printf '5 5\n' > t.csv
"$FSBI_MPI" simulate moons.yaml --theta t.csv --output far.h5 > log.txt
grep -q "1 of the 1 rules of 't.csv' lie outside" log.txt || fail "rules outside the prior are not mentioned"

# An output of another number of rules is refused, or kept under another name.
"$FSBI_MPI" simulate moons.yaml --theta plain.csv --output changed.h5 > log.txt
h5ls changed.h5/rounds/00/sims | grep -q '{2}' || fail "rows of simulated rules"
printf '0.1 0.25\n' > plain.csv
expect_failure 2 "rounds.0.simulations: '1' here, '2' there" \
    "$FSBI_MPI" simulate moons.yaml --theta plain.csv --output changed.h5
"$FSBI_MPI" simulate moons.yaml --theta plain.csv --output changed.h5 --force-new > log.txt
[ -e changed.h5.old-1 ] || fail "--force-new of simulate"

# Best shares: of all rows so far that meet the intervals, or of the round's own; the file says what they came down to.
cat > best.yaml << 'YAML'
campaign: {name: best}
model: {name: two_moons}
conditions: {right: {x_0: {top: 0.25}}}
rounds:
  - {simulations: 400, keep: {x_1: [0, .inf], x_0: {top: 0.25}}, infer: [x_1]}
  - {simulations: 100, propose: {x_1: [0, 0.1]}, keep: [right], keep_from: this_round, infer: [x_0]}
  - {simulations: 20, propose: {x_0: [0, 0.1]}}
inference: {ensemble: 1, hidden_features: 10, max_epochs: 3}
YAML
ranks 2 best.yaml > log.txt
grep -q '^right  *25.00 .*  25.00 .*  25.00 ' log.txt || fail "the share of a best share: $(cat log.txt)"
accepted() { h5dump -y -d "$1" ${2:+$2} best.h5 | awk '/DATA \{/ {inside = 1} inside' | grep -o '\<1\>' | wc -l; }
[ "$(accepted /rounds/01/filter/accepted '-s 400 -c 100')" = 25 ] || fail "a quarter of the round's rows"
[ "$(accepted /rounds/01/filter/accepted)" = 25 ] || fail "another round's rows"
meeting=$(h5dump -y -d /rounds/00/filter/conditions best.h5 | awk '/inf,/ {getline; print $1}')
[ "$(accepted /rounds/00/filter/accepted)" = $(((meeting + 3) / 4)) ] || fail "a quarter of the $meeting rows with x_1 above 0"
h5dump -y -d /rounds/01/filter/conditions best.h5 | grep -q 'inf' && fail "the file does not say what a best share came down to"
"$FSBI_MPI" fit best.h5 -o fit.h5 --metrics x_1 --keep x_0=bottom:0.2 --max-epochs 2 --ensemble 1 > log.txt
grep -q '^best.h5: 104 rows of 2 parameters and 1 metrics' log.txt || fail "--keep with a share: $(cat log.txt)"
expect_failure 2 "found 2, expected a share of the rows" "$FSBI_MPI" fit best.h5 -o fit.h5 --force-new --metrics x_1 --keep x_0=top:2

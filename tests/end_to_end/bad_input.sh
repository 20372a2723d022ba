#!/usr/bin/env bash
# Wrong input: one message that names place and remedy, exit status 2, nothing written; alone and under mpirun.
. "$(dirname "$0")/lib.sh"
cat > good.yaml << 'YAML'
campaign: {name: good}
model: {name: two_moons}
rounds: [{simulations: 4}]
YAML

expect_failure 2 "Usage: fsbi_mpi [run] CONFIG.yaml" "$FSBI_MPI"
expect_failure 2 "cannot read the configuration 'missing.yaml': No such file" "$FSBI_MPI" missing.yaml
expect_failure 2 "cannot read the configuration 'missing.yaml': No such file" ranks 3 missing.yaml
expect_failure 2 "unrecognized option '--sett'" "$FSBI_MPI" good.yaml --sett x=1
expect_failure 2 "unrecognized option '--sett'" ranks 3 good.yaml --sett x=1
expect_failure 2 "one file is enough" "$FSBI_MPI" good.yaml other.yaml
expect_failure 2 "there is no command 'statsu'; did you mean 'status'?" "$FSBI_MPI" statsu good.h5
expect_failure 2 "the file is missing" "$FSBI_MPI" check
expect_failure 2 "--theta THETAS and --output FILE are needed" "$FSBI_MPI" simulate good.yaml
expect_failure 2 "--set model.radius=big: model.radius: expected a number, found 'big'" \
    "$FSBI_MPI" good.yaml --set model.radius=big
expect_failure 2 "--set model.radius: expected path=value" "$FSBI_MPI" good.yaml --set model.radius
expect_failure 2 "--set a?[2J=1: a?[2J: unknown key" "$FSBI_MPI" good.yaml --set "$(printf 'a\033[2J=1')"
expect_failure 2 "--set campaign.seed=x: campaign.seed: expected a whole number, found 'x'" \
    "$FSBI_MPI" simulate good.yaml --theta t.csv --output o.h5 --seed x
printf 'campaign: {name: bad}\nmodel: {name: two_moons}\nrounds: [{simulation: 4}]\n' > bad.yaml
expect_failure 2 "bad.yaml:3:23: rounds.0.simulation: unknown key; did you mean 'simulations'?" "$FSBI_MPI" bad.yaml
expect_failure 2 "bad.yaml:3:23: rounds.0.simulation: unknown key; did you mean 'simulations'?" ranks 3 bad.yaml
printf 'campaign: {name: bad}\nmodel: {name: two_moons}\n' > bad.yaml
expect_failure 2 "there are no 'rounds' to run" "$FSBI_MPI" bad.yaml
printf 'campaign: {name: bad\nmodel: x\n' > bad.yaml
expect_failure 2 "bad.yaml:" "$FSBI_MPI" bad.yaml
head -c 3000 /dev/urandom > bad.yaml
expect_failure 2 "bad.yaml" "$FSBI_MPI" bad.yaml
printf '1 2\n3\n' > thetas.csv
expect_failure 2 "thetas.csv:2: expected 2 numbers, one for each parameter, found 1" \
    ranks 3 simulate good.yaml --theta thetas.csv --output o.h5
expect_failure 2 "'good.yaml' is no HDF5 file" "$FSBI_MPI" status good.yaml
[ -z "$(ls -- *.h5 2> /dev/null)" ] || fail "bad input leaves files: $(ls -- *.h5)"

# What stands at the output's path and is no campaign of ours is not touched.
echo precious > good.h5
expect_failure 2 "choose another campaign.output: 'good.h5' is no HDF5 file" ranks 3 good.yaml
[ "$(cat good.h5)" = precious ] || fail "a foreign file is overwritten"
rm good.h5

# Tables of other origin, in HDF5's oldest format, which has no checksums: one that is damaged so that HDF5 1.10.8 crashes over
# it, and one that claims to be larger than any memory.
cp "$SOURCE"/tests/data/damaged.h5 .
expect_failure 1 "the program crashed while it read 'damaged.h5'" "$FSBI_MPI" fit damaged.h5 -o p.h5
expect_failure 1 "the program crashed while it read 'damaged.h5'" ranks 3 fit damaged.h5 -o p.h5
cmp damaged.h5 "$SOURCE"/tests/data/damaged.h5 || fail "a damaged table is written to"
"$MAKE_TABLE" unwritten.h5 20 unwritten
expect_failure 2 "'x' in 'unwritten.h5': nothing was ever written there: it has 8e+12 bytes" "$FSBI_MPI" fit unwritten.h5 -o p.h5
rm -- *.h5

expect_failure 1 "cannot create the file 'no_such_folder/x.h5'" \
    ranks 3 good.yaml --set campaign.output=no_such_folder/x.h5

# No room, here by a limit on the size of files: said once, nothing left behind, no crash.
limited() (
    ulimit -f 40000
    trap '' XFSZ
    "$@"
)
expect_failure 1 "there is no room for 'good.h5', which takes " \
    limited "$FSBI_MPI" good.yaml --set rounds.0.simulations=2000000
[ -z "$(ls -- good.h5* 2> /dev/null)" ] || fail "a file that could not be made is left: $(ls -- good.h5*)"

# Too few rows to train on: said in words, and the simulations are kept.
printf 'campaign: {name: few}\nmodel: {name: two_moons}\nrounds: [{simulations: 30, keep: {x_0: [5, 6]}, infer: [x_0]}]\n' > few.yaml
expect_failure 1 "round 0 keeps only 0 of 30 rows to train on" ranks 3 few.yaml
"$FSBI_MPI" status few.h5 | grep -Eq '^ +0 +prior +30 +0 +30 ' || fail "rows are lost when training fails"

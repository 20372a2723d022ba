#!/usr/bin/env bash
# A campaign in shards, step by step, is the campaign that one job makes; what is missing is named.
. "$(dirname "$0")/lib.sh"
small_campaign > small.yaml
ranks 3 small.yaml > log.txt
mv small.h5 one_job.h5

shard() {
    "$FSBI_MPI" simulate-round small.yaml --shard "$@"
}

expect_failure 2 "there is no campaign file 'small.h5'" shard 0/8
expect_failure 2 "there is no campaign file 'small.h5'" "$FSBI_MPI" merge small.yaml nothing.h5
expect_failure 2 "there is no campaign file 'small.h5'" "$FSBI_MPI" train small.yaml
echo foreign > small.h5
expect_failure 2 "'small.h5' is no HDF5 file" "$FSBI_MPI" merge small.yaml nothing.h5
rm small.h5
"$FSBI_MPI" propose small.yaml > log.txt
"$FSBI_MPI" propose small.yaml > log.txt # once more changes nothing
"$FSBI_MPI" verify small.h5 | grep -q "sound" || fail "proposed rules are no sound file"
expect_failure 2 "--shard 8/8: expected I/N" shard 8/8
shard 60/61 | grep -q "nothing to do" || fail "a shard without rows does something"
shard 0/8 --round 1 | grep -q "propose' draws the next ones" || fail "rules that are not drawn are run"
expect_failure 2 "there is no round 3" shard 0/8 --round 3

# Without anything of MPI in the environment; 1 is killed and run again, 4 to 6 are missing at first.
for i in 0 1 2 3 7; do
    env -i "$FSBI_MPI" simulate-round small.yaml --shard $i/8 > log.txt
done
rm small.round00.shard001of008.h5
at_write 2 shard001of008.h5 USR1
expect_failure 75 "stopped by SIGUSR1" "${AT[@]}" "$FSBI_MPI" simulate-round small.yaml --shard 1/8
expect_failure 75 "rows of round 0 are missing" "$FSBI_MPI" merge small.yaml small.round00.*.h5
grep -q "shards of 8 again: --array=1,4-6$" stdout.txt || fail "the missing shards are not named: $(cat stdout.txt)"
for i in 1 4 5 6; do
    shard $i/8 > log.txt
done
expect_failure 2 "has shard 4 of 8 of round 0" shard 5/8 --output small.round00.shard004of008.h5

# A damaged shard and a foreign one are left out.
sed 's/seed: 5/seed: 6/' small.yaml > other.yaml
"$FSBI_MPI" propose other.yaml --set campaign.output=other.h5 > log.txt
"$FSBI_MPI" simulate-round other.yaml --set campaign.output=other.h5 --shard 4/8 > log.txt
head -c 3000 small.round00.shard005of008.h5 > cut.h5
expect_failure 75 "rows of round 0 are missing" "$FSBI_MPI" merge small.yaml small.round00.shard00[0-36-7]of008.h5 \
    other.round00.shard004of008.h5 cut.h5
grep -q -- "--array=4-5$" stdout.txt || fail "the missing shards are not named: $(cat stdout.txt)"
grep -q "left out: 'other.round00.shard004of008.h5' was made by another configuration" stdout.txt ||
    fail "the foreign shard is not named: $(cat stdout.txt)"
grep -q "left out: .*cut.h5" stdout.txt || fail "the damaged shard is not named: $(cat stdout.txt)"
# A damaged one is begun anew.
cp cut.h5 small.round00.shard005of008.h5
shard 5/8 > log.txt
grep -q "the old file is kept as" log.txt || fail "a damaged shard is not begun anew: $(cat log.txt)"
mpirun -n 2 "$FSBI_MPI" merge small.yaml small.round00.*.h5 > log.txt # the second process does nothing
"$FSBI_MPI" merge small.yaml small.round00.*.h5 | grep -q "0 rows merged, 60 were there" || fail "merged twice"
"$FSBI_MPI" verify small.round00.shard002of008.h5 | grep -q "sound" || fail "a shard is not sound"
shard 3/8 --round 0 | grep -q "nothing to do" || fail "a merged shard is run again"
expect_failure 75 "the posterior is to be trained" "$FSBI_MPI" status --exit-code small.h5

for round in 1 2; do
    ranks 2 propose small.yaml > log.txt
    # A launcher may start shards side by side.
    # shellcheck disable=SC2016
    mpirun -n 3 sh -c '"$FSBI_MPI" simulate-round small.yaml --shard "$OMPI_COMM_WORLD_RANK/3"' > log.txt
    "$FSBI_MPI" merge small.yaml small.round0$round.*.h5 > log.txt
done
ranks 2 train small.yaml > log.txt
"$FSBI_MPI" status --exit-code small.h5 > log.txt
"$SAME_CAMPAIGN" one_job.h5 small.h5 || fail "shards give another campaign"

# More shards than rows.
"$FSBI_MPI" propose small.yaml --set campaign.output=many.h5 --set 'rounds=[{simulations: 3}]' > log.txt
for i in 0 1 2 3 4; do
    shard $i/5 --set campaign.output=many.h5 --set 'rounds=[{simulations: 3}]' > log.txt
done
rm many.round00.shard001of005.h5
expect_failure 75 "1 rows of round 0 are missing" "$FSBI_MPI" merge small.yaml many.round00.*.h5 \
    --set campaign.output=many.h5 --set 'rounds=[{simulations: 3}]'
grep -q "shards of 5 again: --array=1$" stdout.txt || fail "the missing shard is not named: $(cat stdout.txt)"

# A campaign can change over to one job at any time.
rm small.h5
"$FSBI_MPI" propose small.yaml > log.txt
"$FSBI_MPI" merge small.yaml small.round00.shard003of008.h5 > log.txt 2>&1 || [ $? = 75 ]
ranks 2 small.yaml > log.txt
"$SAME_CAMPAIGN" one_job.h5 small.h5 || fail "shards and a job give another campaign"

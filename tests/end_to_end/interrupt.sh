#!/usr/bin/env bash
# Requests to end: signals and --stop-after, while simulating and while training; then time limits, rules that crash, and
# two runs on one file.
. "$(dirname "$0")/lib.sh"

cat > wait.yaml << 'YAML'
campaign: {name: wait}
model: {name: "null", wait: 0.002}
rounds:
  - {simulations: 100, infer: [mean]}
  - {simulations: 40, propose: {mean: [0.4, 0.6]}}
inference: {ensemble: 2, hidden_features: 10, max_epochs: 30}
run: {grace: 0.1}
YAML
ranks 3 wait.yaml > log.txt
mv wait.h5 undisturbed.h5

# Asked to end at every fortieth write of rank 0, again and again: exit status 75, alone and under mpirun, until all is done.
for count in 1 3; do
    rm -f wait.h5
    runs=0
    status=75
    while [ "$status" = 75 ] && [ $runs -lt 60 ]; do
        runs=$((runs + 1))
        status=0
        if [ $count = 1 ]; then
            at_write 40 /wait.h5 USR1
            "${AT[@]}" "$FSBI_MPI" wait.yaml > log.txt 2> stderr.txt || status=$?
        else
            at_write 10 /wait.h5 USR1 1
            mpirun -n 3 "${AT_RANKS[@]}" "$FSBI_MPI" wait.yaml > log.txt 2> stderr.txt || status=$?
        fi
        [ "$status" != 75 ] || [ "$(grep -c 'stopped by \(SIGUSR1\|another rank\) before the end' stderr.txt)" = 1 ] ||
            fail "no word of the end: $(cat stderr.txt)"
    done
    [ "$status" = 0 ] && [ "$runs" -gt 2 ] || fail "$runs runs, the last with status $status: $(cat stderr.txt)"
    "$SAME_CAMPAIGN" undisturbed.h5 wait.h5 || fail "ended $runs times, it is another campaign"
done

# Each signal. To one rank of three, at its first row, it reaches the others; nothing is left locked.
for signal in TERM INT USR1; do
    rm -f wait.h5
    at_write 1 /wait.h5 $signal 2
    status=0
    mpirun -n 3 "${AT_RANKS[@]}" "$FSBI_MPI" wait.yaml > log.txt 2> stderr.txt || status=$?
    [ "$status" = 75 ] || fail "status $status after SIG$signal: $(cat stderr.txt)"
    grep -q "stopped by .* before the end; what is done is kept, and the same command" stderr.txt ||
        fail "no word of SIG$signal: $(cat stderr.txt)"
    [ ! -e wait.h5.lock ] || fail "a lock is left"
    "$FSBI_MPI" verify wait.h5 | grep -q 'wait.h5 is sound' || fail "not sound after SIG$signal"
    ranks 2 wait.yaml > log.txt
    "$SAME_CAMPAIGN" undisturbed.h5 wait.h5 || fail "SIG$signal makes another campaign"
done

# Training that would take for ever, and simulations that would, end at the time that is given.
"$FSBI_MPI" wait.yaml --set campaign.output=long.h5 --set inference.max_epochs=100000 --set inference.patience=100000 \
    --set inference.ensemble=1000 --set model.wait=0 --stop-after 2 > log.txt 2> stderr.txt && fail "endless training ends by itself"
grep -q 'round 0: networks trained on' log.txt && fail "it was not ended while training: $(cat log.txt)"
grep -q 'stopped by the time limit of --stop-after' stderr.txt || fail "training was not stopped: $(cat stderr.txt)"
expect_failure 75 "stopped by the time limit of --stop-after" "$FSBI_MPI" wait.yaml --set campaign.output=asleep.h5 \
    --set model.wait=100000 --stop-after 0.5s

# Simulations that take too long; those that take no time do not.
for wait in 0 100000; do
    "$FSBI_MPI" wait.yaml --set campaign.output=slow.h5 --force-new --set model.wait=$wait --set run.time_limit=0.05 \
        --set 'rounds=[{simulations: 6}]' > log.txt
    "$FSBI_MPI" status slow.h5 | awk -v ok=$((wait == 0 ? 6 : 0)) '$2 == "prior" {exit !($5 == ok && $7 == 6 - ok)}' ||
        fail "time limit: $("$FSBI_MPI" status slow.h5)"
done

# Rules that bring the program down, twice each, are given up; the others are there.
runs=0
until "$FSBI_MPI" wait.yaml --set campaign.output=crash.h5 --set model.wait=0 --set model.crash_share=0.1 --set run.attempts=2 \
    --set 'rounds=[{simulations: 30}]' > log.txt 2>&1; do
    runs=$((runs + 1))
    [ $runs -lt 30 ] || fail "it crashes for ever: $(cat log.txt)"
done
failed=$("$FSBI_MPI" status crash.h5 | awk '$2 == "prior" {print $8}')
[ "$failed" -gt 0 ] && [ "$runs" = $((2 * failed)) ] || fail "$failed rules failed after $runs crashes"
[ "$(h5dump -y -d /rounds/00/sims crash.h5 | grep -c '^ *crashed,')" = "$failed" ] || fail "the reason is not recorded"

# One run a file; a run that was killed holds nobody up. The first one halts at a row, so that it cannot end while we look.
busy="wait.yaml --set campaign.output=busy.h5 --set rounds.0.simulations=80"
at_write 5 '/busy.h5$' STOP
"${AT[@]}" "$FSBI_MPI" $busy > log.txt 2>&1 &
first=$!
until [ "$(ps -o stat= -p $first | cut -c1)" = T ]; do
    kill -0 $first 2> /dev/null || fail "the first run has ended: $(cat log.txt)"
    sleep 0.05
done
expect_failure 2 "'busy.h5' is in use by another run of this program (process " ranks 2 $busy
"$FSBI_MPI" status busy.h5 > status.txt || fail "status while it runs"
kill -KILL $first
wait $first 2> /dev/null || true
[ -e busy.h5.lock ] || fail "nothing was locked"
ranks 5 $busy > log.txt || fail "a lock survives its process"
"$FSBI_MPI" verify busy.h5 | grep -q '^busy.h5 is sound$' || fail "not sound after all"

# verify: a torn row, a file cut off, a foreign one.
"$FSBI_MPI" fit undisturbed.h5 -o posterior.h5 --ensemble 1 --max-epochs 2 > log.txt
"$FSBI_MPI" verify posterior.h5 | grep -q '^posterior.h5 is sound$' || fail "a posterior is not sound"
ranks 2 verify undisturbed.h5 > log.txt || fail "verify: $(cat log.txt)"
[ "$(grep -c '^round 0, posterior: 2 of 2 networks trained$\|^round .*: .* rows finished, 0 pending$' log.txt)" = 3 ] ||
    fail "verify: $(cat log.txt)"
cp undisturbed.h5 torn.h5
offset=$(h5dump -p -H -d /rounds/01/sims torn.h5 | awk '/OFFSET/ {print $2}')
printf 'x' | dd of=torn.h5 bs=1 seek=$((offset + 200)) conv=notrunc 2> /dev/null
expect_failure 1 "'torn.h5': 1 problem, see above" "$FSBI_MPI" verify torn.h5
grep -q '1 of the pending rows are torn' stdout.txt || fail "verify: $(cat stdout.txt)"
"$FSBI_MPI" wait.yaml --set campaign.output=torn.h5 > log.txt
"$SAME_CAMPAIGN" undisturbed.h5 torn.h5 || fail "a torn row is not computed anew"
head -c 30000 undisturbed.h5 > cut.h5
cp cut.h5 before.h5
expect_failure 2 "'cut.h5' is damaged or cut off: restore it from a copy: truncated file" "$FSBI_MPI" verify cut.h5
expect_failure 2 "'cut.h5' is damaged or cut off: restore it from a copy: truncated file" ranks 2 wait.yaml --set campaign.output=cut.h5
cmp cut.h5 before.h5 || fail "a file that was cut off is changed"
h5repack -l rounds/00/timing:CHUNK=1 undisturbed.h5 chunked.h5
expect_failure 1 "'chunked.h5' is damaged; restore it from a copy, or start over with \`fsbi_mpi run --force-new\`, which keeps it: the dataset '/rounds/00/timing' is not" \
    ranks 2 wait.yaml --set campaign.output=chunked.h5
expect_failure 2 "'wait.yaml' is no HDF5 file" "$FSBI_MPI" verify wait.yaml
expect_failure 2 "--stop-after soon: expected a time such as 90" "$FSBI_MPI" wait.yaml --stop-after soon

# A fit of one's own goes on as well.
long="--ensemble 2 --max-epochs 150 --patience 150"
"$FSBI_MPI" fit undisturbed.h5 -o whole.h5 $long > log.txt
at_write 10 /parts.h5 USR1 # behind the standardisation, at the first network
expect_failure 75 "stopped by SIGUSR1 before the end" "${AT[@]}" "$FSBI_MPI" fit undisturbed.h5 -o parts.h5 $long
expect_failure 75 "stopped by the time limit of --stop-after" "$FSBI_MPI" fit undisturbed.h5 -o parts.h5 $long --stop-after 0.000001
"$FSBI_MPI" fit undisturbed.h5 -o parts.h5 $long > log.txt
grep -q 'parts.h5: going on where it stopped' log.txt || fail "fit began anew: $(cat log.txt)"
"$SAME_CAMPAIGN" whole.h5 parts.h5 || fail "a fit in parts is another one"

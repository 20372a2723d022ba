#!/usr/bin/env bash
# What surrounds a process: closed descriptors, signals, limits, outputs that are links or pipes, standard output that cannot be written.
. "$(dirname "$0")/lib.sh"
moons() {
    printf 'campaign: {name: %s}\nmodel: {name: two_moons}\nrounds: [{simulations: %s}]\n' "$1" "$2" > "$1.yaml"
}

# Closed descriptors: no data file takes their number, whichever are closed.
moons c 200
"$FSBI_MPI" propose c.yaml > log.txt
"$FSBI_MPI" simulate-round c.yaml --shard 0/2 -o s0.h5 <&- >&-
"$FSBI_MPI" simulate-round c.yaml --shard 1/2 -o s1.h5 <&- >&- 2>&-
for i in $(seq 60); do echo junk > "a_shard_with_a_rather_long_name_that_is_no_hdf5_$i.h5"; done
"$FSBI_MPI" merge c.yaml s0.h5 s1.h5 a_shard*.h5 <&- >&- || fail "merge without standard input and output"
for file in s0 s1 c; do "$FSBI_MPI" verify $file.h5 > log.txt || fail "$file.h5 is not sound: $(cat log.txt)"; done
moons plain 200
"$FSBI_MPI" plain.yaml > log.txt
"$SAME_CAMPAIGN" plain.h5 c.h5 > log.txt || fail "rows differ without descriptors: $(cat log.txt)"
"$FSBI_MPI" plain.yaml --force-new <&- >&- 2>&- || fail "a campaign without descriptors"
"$FSBI_MPI" verify plain.h5 > log.txt || fail "a campaign without descriptors is not sound"

# Text that reaches nobody is a failure, a reader that went away is none.
for command in "check c.yaml" "status c.h5" "verify c.h5" "--help" "--version" "sample --help" "c.yaml"; do
    # shellcheck disable=SC2086 # several words
    expect_failure 1 "cannot write to standard output" bash -c 'exec "$0" "$@" > /dev/full' "$FSBI_MPI" $command
done
set +o pipefail
status=$({ "$FSBI_MPI" check c.yaml; echo $? > status.txt; } | true; cat status.txt)
set -o pipefail
[ "$status" = 0 ] || fail "status $status when the reader went away"

# Signals. A library that raises one has failed: nothing goes on from there. One that hangs is ended by a second SIGTERM, or some
# seconds after --stop-after.
/usr/bin/python3 -c '
import h5py, numpy
theta = numpy.random.default_rng(1).uniform(-1, 1, (300, 2))
with h5py.File("t.h5", "w") as file: file["theta"], file["x"] = theta, theta[:, :1]'
fit=("$FSBI_MPI" fit t.h5 -o p.h5 --ensemble 1 --max-epochs 3 --hidden-features 8)
expect_failure 1 "a library has failed, and raised a signal" \
    env HANG_DO=raise "LD_PRELOAD=$PRELOAD$BUILD/tests/libhang.so" "${fit[@]}"
expect_failure 1 "in the middle of a library's call that does not come back" \
    env "LD_PRELOAD=$PRELOAD$BUILD/tests/libhang.so" "${fit[@]}" --stop-after 1s
env HANG_MARK=hanging "LD_PRELOAD=$PRELOAD$BUILD/tests/libhang.so" "${fit[@]}" > stdout.txt 2> stderr.txt &
process=$!
until [ -e hanging ]; do sleep 0.1; done
kill -TERM $process
sleep 1
kill -TERM $process
status=0
wait $process || status=$?
[ $status = 1 ] && grep -q "as it was asked to a second time" stderr.txt || fail "status $status: $(cat stderr.txt)"
"${fit[@]}" > log.txt || fail "what was ended so does not go on: $(cat log.txt)"

# Too little memory: MPI says so, or we do of what OpenBLAS takes, and nobody waits for ever. With more, all is well.
if [ -z "$PRELOAD" ]; then
    said=0
    for kilobytes in $(seq 150000 25000 600000); do
        rm -f p.h5
        status=0
        bash -c 'ulimit -v "$0"; exec timeout 120 "$@"' $kilobytes "${fit[@]}" > log.txt 2> stderr.txt || status=$?
        [ $status != 0 ] || break
        [ $status != 124 ] || fail "below $kilobytes kB it waits for ever"
        ! grep -q "no room for the 128 MB that OpenBLAS takes" stderr.txt || said=$((said + 1))
    done
    [ $status = 0 ] && [ $said -gt 0 ] || fail "below $kilobytes kB status $status, $said times in our words: $(cat stderr.txt)"
fi
rm -f p.h5

# OpenBLAS is told to make one thread before it is loaded, whatever the environment says.
OPENBLAS_NUM_THREADS=64 "${fit[@]}" --max-epochs 100000 --patience 100000 -o q.h5 > log.txt &
process=$!
until [ -e q.h5.unfinished ]; do sleep 0.1; done
settings=$(tr '\0' '\n' < /proc/$process/environ | grep OPENBLAS_NUM_THREADS)
kill -KILL $process
[ "$settings" = OPENBLAS_NUM_THREADS=1 ] || fail "threads before the program begins: $settings"
rm -f q.h5*

# Links: what they lead to is meant, there or not yet; the link stays.
mkdir scratch
moons linked 4
ln -s scratch/linked.h5 linked.h5
"$FSBI_MPI" linked.yaml > log.txt
[ -L linked.h5 ] && [ -f scratch/linked.h5 ] || fail "a link is replaced: $(ls -l)"
"$FSBI_MPI" linked.yaml --force-new > log.txt
[ -L linked.h5 ] && [ -f scratch/linked.h5 ] && [ -f scratch/linked.h5.old-1 ] || fail "a link is moved: $(ls -l . scratch)"
ln -s scratch/p.h5 p.h5
"${fit[@]}" > log.txt
ln -s "$PWD/scratch/s.h5" s.h5
"$FSBI_MPI" sample p.h5 --x 0 -n 1e1 -o s.h5 > log.txt
[ -L p.h5 ] && [ -f scratch/p.h5 ] && [ -L s.h5 ] && [ -f scratch/s.h5 ] || fail "a link is replaced: $(ls -l . scratch)"
ln -s round.h5 round.h5
expect_failure 2 "leads back to itself" "$FSBI_MPI" sample p.h5 --x 0 -n 10 -o round.h5
[ -z "$(find . -name '*.lock' -o -name '*.unfinished')" ] || fail "left behind: $(find .)"

# Pipes and folders: refused, not waited for.
mkfifo pipe
mkdir folder
for output in pipe folder; do
    expect_failure 2 "'$output' is a $output: an output has to be a file" timeout 60 "$FSBI_MPI" linked.yaml --set campaign.output=$output
    expect_failure 2 "'$output' is a $output: an output has to be a file" timeout 60 "$FSBI_MPI" sample p.h5 --x 0 -n 10 -o $output
    expect_failure 2 "'$output' is a $output: an output has to be a file" timeout 60 "$FSBI_MPI" fit t.h5 -o $output
    for command in "verify $output" "status $output" "fit $output -o q.h5" "sample $output --x 0 -n 3 -o q.h5"; do
        # shellcheck disable=SC2086 # several words
        expect_failure 2 "'$output' is a $output, where an HDF5 file is needed" timeout 60 "$FSBI_MPI" $command
    done
done
expect_failure 2 "is a pipe: thetas are read more than once" \
    bash -c 'printf "0.2,0.1\n" | timeout 60 "$0" simulate c.yaml --theta /dev/stdin -o q.h5' "$FSBI_MPI"

# An output that is an input is not moved out of the way before it is read.
moons one 1
printf '0.1,0.2\n0.3,0.1\n' > rules.csv
"$FSBI_MPI" simulate one.yaml --theta rules.csv -o o.h5 > log.txt
before=$(sha256sum < o.h5)
expect_failure 2 "'o.h5' is what is read from" \
    "$FSBI_MPI" simulate one.yaml --theta o.h5:/rounds/00/sims -o o.h5 --force-new
expect_failure 2 "rounds[0] reads 'o.h5:/rounds/00/sims', which is the campaign's own output" "$FSBI_MPI" one.yaml --force-new \
    --set campaign.output=o.h5 --set 'rounds=[{simulations: 2, propose: {table: "o.h5:/rounds/00/sims"}}]'
expect_failure 2 "'p.h5' is what is read from" "$FSBI_MPI" fit t.h5 --start-from p.h5 -o p.h5 --force-new
[ "$(sha256sum < o.h5)" = "$before" ] || fail "an input is changed"

# Files that are called as ours would be are not touched.
echo precious > r.h5.lock
expect_failure 2 "'r.h5.lock' is no lock of this program" "$FSBI_MPI" fit t.h5 -o r.h5
[ "$(cat r.h5.lock)" = precious ] || fail "a foreign file is overwritten"
cp p.h5 u.h5.unfinished
expect_failure 2 "'u.h5' is what is read from" "$FSBI_MPI" sample u.h5.unfinished --x 0 -n 3 -o u.h5
mkdir logs
mkfifo logs/c.h5.rank0000.log
expect_failure 2 "is a pipe: an output has to be a file" timeout 60 "$FSBI_MPI" c.yaml --set run.log=logs
expect_failure 2 "'pipe' is a pipe" timeout 60 "$FSBI_MPI" check c.yaml --set campaign.output=pipe

# A limit on the size of files is no death without a word.
expect_failure 1 "there is no room for 'limited.h5'" bash -c 'ulimit -f 4200; exec "$0" "$@"' "$FSBI_MPI" sample p.h5 --x 0 -n 2000000 -o limited.h5

# What a signal gives up leaves nothing; what has no room is not begun.
expect_failure 1 "there is no room for 'huge.h5'" "$FSBI_MPI" sample p.h5 --x 0 -n 1e12 -o huge.h5
"$FSBI_MPI" sample p.h5 --x 30 -n 1e8 --max-candidates 1e12 -o slow.h5 > stdout.txt 2> stderr.txt &
process=$!
until [ -e slow.h5.unfinished ]; do sleep 0.1; done
kill -TERM $process
wait $process || true
[ -z "$(ls -- slow* huge* 2> /dev/null)" ] || fail "left behind: $(ls)"
grep -q "x_0 = 30 lies far from what the posterior was trained on" stdout.txt || fail "a far x is not told: $(cat stdout.txt)"

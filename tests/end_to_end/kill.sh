#!/usr/bin/env bash
# SIGKILL at many moments, then the same command: the finished file is that of an undisturbed run.
. "$(dirname "$0")/lib.sh"
small_campaign > small.yaml
started=$(date +%s%N)
ranks 3 small.yaml > log.txt
milliseconds=$((($(date +%s%N) - started) / 1000000))
mv small.h5 undisturbed.h5
echo "undisturbed: $milliseconds ms"
RANDOM=1
killed=0
for trial in 1 2 3 4 5 6; do
    rm -f small.h5
    for kill in 1 2; do
        mpirun -n 3 "$FSBI_MPI" small.yaml > log.txt 2>&1 &
        mpirun=$!
        sleep "$(awk -v r=$RANDOM -v t=$milliseconds 'BEGIN {print (0.1 + 0.8 * r / 32768) * t / 1000}')"
        # Odd trials kill one process of the three, even ones all at once.
        if [ $((trial % 2)) = 1 ]; then
            pkill -KILL -P "$mpirun" --oldest && killed=$((killed + 1))
        else
            pkill -KILL -P "$mpirun" && killed=$((killed + 1))
        fi || true
        end_of "$mpirun" || true
        if [ -e small.h5 ]; then
            "$FSBI_MPI" status small.h5 > status.txt || fail "a killed run left an unreadable file"
            h5ls -r small.h5 > /dev/null || fail "h5ls cannot read what a killed run left"
        fi
    done
    ranks 3 small.yaml > log.txt || fail "cannot go on after a kill: $(cat log.txt)"
    "$SAME_CAMPAIGN" undisturbed.h5 small.h5 || fail "trial $trial ends in another campaign"
done
echo "$killed kills"
[ "$killed" -ge 6 ] || fail "only $killed of the kills hit a running campaign"

# A finished campaign is left alone; another configuration is refused with the difference, or starts a new file.
cp small.h5 before.h5
ranks 2 small.yaml > log.txt
cmp before.h5 small.h5 || fail "running a finished campaign again changes its file"
expect_failure 2 "model.ls: '2' here, '1' there" ranks 2 small.yaml --set model.ls=2
cmp before.h5 small.h5 || fail "a refused run changes the file"
ranks 2 small.yaml --force-new --set rounds=[{simulations:\ 3}] > log.txt
cmp before.h5 small.h5.old-1 || fail "--force-new does not keep the old file"

# A disk that is full from some write on: words, no crash, and the same command goes on once there is room.
cat > t.yaml << 'YAML'
campaign: {name: t}
model: {name: two_moons}
rounds:
  - {simulations: 30, keep: {x_0: [-5, 5]}, infer: [x_0]}
  - {simulations: 10, propose: {x_0: [0, 0.1]}}
inference: {ensemble: 1, hidden_features: 10, max_epochs: 3, minimum_rows: 10}
YAML
ranks 2 t.yaml > log.txt
mv t.h5 undisturbed.h5
full() {
    FULL_AFTER=$1 LD_PRELOAD=$BUILD/tests/libfull_disk.so "$FSBI_MPI" t.yaml
}
for writes in 1 20 60 80; do
    rm -f t.h5
    expect_failure 1 "is there room?)" full $writes
    ranks 2 t.yaml > log.txt || fail "cannot go on after a full disk: $(cat log.txt)"
    "$SAME_CAMPAIGN" undisturbed.h5 t.h5 || fail "a full disk makes another campaign"
done
rm t.h5
expect_failure 1 "is there room?)" mpirun -n 2 -x FULL_AFTER=20 -x LD_PRELOAD="$BUILD/tests/libfull_disk.so" "$FSBI_MPI" t.yaml

#!/usr/bin/env bash
# SIGKILL at many writes, then the same command: the finished file is that of an undisturbed run.
. "$(dirname "$0")/lib.sh"
small_campaign > small.yaml
ranks 3 small.yaml > log.txt
mv small.h5 undisturbed.h5

# killed WHAT RANK WRITE...: runs that are killed at these writes of their ranks to the file, one after the other; then one that is not.
killed() {
    local what=$1 rank=$2 write hit=0
    shift 2
    rm -f small.h5
    for write in "$@"; do
        at_write "$write" /small.h5 "$what" "$rank"
        mpirun -n 3 "${AT_RANKS[@]}" "$FSBI_MPI" small.yaml > log.txt 2>&1 &
        end_of $! && fail "write $write of rank $rank kills nothing" || hit=$((hit + 1))
        [ -e small.h5 ] || continue
        "$FSBI_MPI" status small.h5 > status.txt || fail "a killed run left an unreadable file"
        h5ls -r small.h5 > /dev/null || fail "h5ls cannot read what a killed run left"
    done
    ranks 3 small.yaml > log.txt || fail "cannot go on after a kill: $(cat log.txt)"
    "$SAME_CAMPAIGN" undisturbed.h5 small.h5 || fail "$what of rank $rank at writes $* ends in another campaign"
}
killed kill 0 2 9       # while the file is there and rules are drawn
killed kill 1 1 20      # a worker, at its first rows
killed killall 1 10 25  # all at once, while round 0 is simulated and its networks are trained
killed killall 0 4 30
killed kill 0 20 12 5   # three kills, each earlier in what is left
killed killall 2 3 8

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
for writes in 1 20 60 80; do
    rm -f t.h5
    at_write $writes /t.h5 full
    expect_failure 1 "is there room?)" "${AT[@]}" "$FSBI_MPI" t.yaml
    ranks 2 t.yaml > log.txt || fail "cannot go on after a full disk: $(cat log.txt)"
    "$SAME_CAMPAIGN" undisturbed.h5 t.h5 || fail "a full disk makes another campaign"
done
rm t.h5
at_write 20 /t.h5 full
expect_failure 1 "is there room?)" mpirun -n 2 "${AT_RANKS[@]}" "$FSBI_MPI" t.yaml

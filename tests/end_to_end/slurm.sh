#!/usr/bin/env bash
# The scripts of jobs/ under a real SLURM on this machine: the campaign as one job that its time limit cuts off and that queues
# itself again, with srun, and as arrays of shards of which one is lost; all files equal.
. "$(dirname "$0")/lib.sh"
SLURM=$(mktemp -d)
trap '"$SOURCE/tools/slurm-local" stop "$SLURM" || true; rm -rf "$WORK" "$SLURM"' EXIT
settings=$("$SOURCE/tools/slurm-local" start "$SLURM") || fail "no SLURM"
eval "$settings"
cp "$SOURCE"/jobs/*.sbatch .

cat > search.yaml << 'YAML'
campaign: {name: search, seed: 3}
model: {name: if_poly, lns: 1, ls: 1}
conditions:
  active: {rate: [1, 50], rate_i: [1, 50]}
rounds:
  - {simulations: 44, propose: prior, keep: {rate: [0.1, 100]}, infer: [rate, rate_i]}
  - {simulations: 20, propose: {rate: [2, 20], rate_i: [2, 30]}}
inference: {ensemble: 2, hidden_features: 20, max_epochs: 60, minimum_rows: 10}
YAML

# wait_for_jobs SECONDS: until the queue is empty. Far longer than it takes: only a queue that hangs fails.
wait_for_jobs() {
    local end=$((SECONDS + $1))
    while [ -n "$(squeue -h)" ]; do
        [ $SECONDS -lt $end ] || fail "still in the queue: $(squeue; tail -n 20 ./*.log)"
        sleep 0.5
    done
}

# As arrays of 8 shards; shard 3 fails at first.
cat > flaky << 'SCRIPT'
#!/bin/bash
if [ "${SLURM_ARRAY_TASK_ID:-}" = 3 ] && [ ! -e failed ]; then
    touch failed
    exit 1
fi
exec "$REAL_PROGRAM" "$@"
SCRIPT
chmod +x flaky
export REAL_PROGRAM=$FSBI_MPI SHARDS=8 TRAIN_OPTIONS="--ntasks=2 --time=10"
FSBI_MPI=$PWD/flaky sbatch --ntasks=2 --time=10 merge_and_train.sbatch search.yaml
wait_for_jobs 1200
"$FSBI_MPI" status --exit-code search.h5 > status.txt || fail "not done: $(cat status.txt ./*.log)"
[ -e failed ] || fail "no shard failed"
grep -q -- "run these shards of 8 again: --array=3" fsbi-train.*.log || fail "the lost shard is not named: $(cat ./*.log)"
mv search.h5 arrays.h5
rm ./*.log

# As one job with a time limit of one minute, of which SLURM tells half a minute before: the first run waits for that at a row.
at_write 10 /search.h5 wait 1
cat > waiting << SCRIPT
#!/bin/bash
if [ "\$1" = search.yaml ] && [ ! -e waited.\$OMPI_COMM_WORLD_RANK ] && [ -n "\$OMPI_COMM_WORLD_RANK" ]; then
    touch waited.\$OMPI_COMM_WORLD_RANK
    exec ${AT[*]} "\$REAL_PROGRAM" "\$@"
fi
exec "\$REAL_PROGRAM" "\$@"
SCRIPT
chmod +x waiting
FSBI_MPI=$PWD/waiting sbatch --ntasks=3 --overcommit --time=1 --signal=B:USR1@30 campaign.sbatch search.yaml
wait_for_jobs 1200
grep -q "stopped by SIGUSR1" fsbi.*.log || fail "the time limit did not cut the job off: $(cat ./*.log)"
grep -q "going on where it stopped" fsbi.*.log || fail "the job did not go on: $(cat ./*.log)"
"$SAME_CAMPAIGN" search.h5 arrays.h5 || fail "arrays and one job give another campaign"
rm search.h5

# With srun.
LAUNCHER="srun --mpi=pmix" sbatch --ntasks=3 --overcommit --time=10 campaign.sbatch search.yaml
wait_for_jobs 1200
"$SAME_CAMPAIGN" search.h5 arrays.h5 || fail "srun gives another campaign: $(cat ./*.log)"

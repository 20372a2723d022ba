# What the end-to-end tests share. Sourced, with FSBI_MPI, SAME_CAMPAIGN and SOURCE in the environment.
set -eu
set -o pipefail
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"
PRELOAD=${PRELOAD:-} # libraries that must come first, with a colon each: the address sanitizer's
export OMPI_MCA_btl_vader_backing_directory=$WORK # otherwise /dev/shm, where what is killed leaves them

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# ranks N ARGUMENTS...: the program on N ranks.
ranks() {
    local count=$1
    shift
    mpirun -n "$count" "$FSBI_MPI" "$@"
}

# at_write WRITE FILE WHAT [RANK]: sets $AT, which, put before a command (or after mpirun's -n N as $AT_RANKS), makes that happen at that
# write to FILE: see at_write.c.
at_write() {
    local settings=("AT_WRITE=$1" "AT_WRITE_FILE=$2" "AT_WRITE_DO=$3") setting
    [ -z "${4:-}" ] || settings+=("AT_WRITE_RANK=$4")
    AT=(env "${settings[@]}" "LD_PRELOAD=$PRELOAD$BUILD/tests/libat_write.so")
    AT_RANKS=()
    for setting in "${settings[@]}"; do
        AT_RANKS+=(-x "$setting")
    done
    AT_RANKS+=(-x "LD_PRELOAD=$PRELOAD$BUILD/tests/libat_write.so")
}

# expect_failure STATUS MESSAGE COMMAND...: the command must fail with this status and say this, once.
expect_failure() {
    local expected=$1 message=$2 status=0
    shift 2
    "$@" > stdout.txt 2> stderr.txt || status=$?
    [ "$status" = "$expected" ] || fail "status $status instead of $expected: $* ($(cat stderr.txt))"
    [ "$(grep -cF -- "$message" stderr.txt)" = 1 ] || fail "expected '$message' once, got: $(cat stderr.txt)"
}

# A real but small network, with two posteriors.
small_campaign() {
    cat << 'YAML'
campaign: {name: small, seed: 5}
model: {name: if_poly, NE: 300, NI: 80, N_input: 300, lns: 0.2, ls: 1, weight_poisson: 0.3,
        recorded_e: 100, recorded_i: 50}
conditions:
  active: {rate: [1, 50], rate_i: [1, 50]}
rounds:
  - {simulations: 60, propose: prior, keep: {rate: [0.1, 100]}, infer: [rate, rate_i]}
  - {simulations: 20, propose: {rate: [2, 20], rate_i: [2, 30]}, keep: [{rate: [0.1, 100]}], infer: [rate]}
  - {simulations: 20, propose: {rate: [2, 20]}}
inference: {ensemble: 3, hidden_features: 10, max_epochs: 20, minimum_rows: 10}
YAML
}

# end_of PID: waits for a background mpirun of which ranks were killed, and returns its status. mpirun itself can hang then, in PMIx,
# with all ranks gone: it is killed after 20 s.
end_of() {
    local left=100
    while [ $left -gt 0 ] && kill -0 "$1" 2> /dev/null && [ "$(ps -o stat= -p "$1" | cut -c1)" != Z ]; do
        sleep 0.2
        left=$((left - 1))
    done
    [ $left -gt 0 ] || kill -KILL "$1" 2> /dev/null || true
    wait "$1"
}

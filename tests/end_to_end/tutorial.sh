#!/usr/bin/env bash
# Every command of configs/README.md, as it stands there.
. "$(dirname "$0")/lib.sh"
ln -s "$SOURCE/tools" "$SOURCE/configs" .
mkdir -p build/release
ln -s "$FSBI_MPI" build/release/fsbi_mpi
export PATH=/usr/bin:$PATH # Debian's python3
grep '^    ' "$SOURCE/configs/README.md" > commands
[ "$(wc -l < commands)" = 7 ] || fail "the tutorial has $(wc -l < commands) commands instead of 7"
while read -r line; do
    bash -c "$line" > log.txt 2>&1 < /dev/null || fail "$line: $(cat log.txt)"
    case $line in
    *" sample "*) grep -q "40 samples" log.txt || fail "no samples: $(cat log.txt)" ;;
    PYTHONPATH*) read -r prior posterior < log.txt ;;
    esac
done < commands
# 150 and 40 rules: standard errors of 4 and 8 %.
awk -v a="$prior" -v b="$posterior" 'BEGIN {exit !(a > 0.2 && a < 0.5 && b > a)}' || fail "shares of $prior and $posterior"
[ -s tutorial.html ] || fail "no report"

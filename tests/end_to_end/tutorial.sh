#!/usr/bin/env bash
# Every command of the tutorial in configs/README.md, as it stands there.
. "$(dirname "$0")/lib.sh"
ln -s "$SOURCE/tools" "$SOURCE/configs" .
mkdir -p build/release
ln -s "$FSBI_MPI" build/release/fsbi_mpi
export PATH=/usr/bin:$PATH # Debian's python3
# A command goes on in lines that are indented by eight.
sed '/^# Reference/,$d' "$SOURCE/configs/README.md" | grep '^    ' | sed -Ez 's/( \\)?\n {8}/ /g' > commands
[ "$(wc -l < commands)" = 14 ] || fail "the tutorial has $(wc -l < commands) commands instead of 14"
while read -r line; do
    bash -c "$line" > log.txt 2>&1 < /dev/null || fail "$line: $(cat log.txt)"
    case $line in
    *tutorial_imported.h5\ --set*) share=$(grep "^stable_activity" log.txt | tail -n 1) ;;
    *" sample "*) grep -q "40 samples" log.txt || fail "no samples: $(cat log.txt)" ;;
    PYTHONPATH*) read -r prior posterior < log.txt ;;
    esac
done < commands
# 100 and 40 rules: standard errors of 5 and 8 %.
awk -v a="$prior" -v b="$posterior" 'BEGIN {exit !(a > 0.2 && a < 0.5 && b > a)}' || fail "shares of $prior and $posterior"
for page in tutorial.html tutorial_rule.html tutorial_imported.html; do [ -s $page ] || fail "no $page"; done
# What was imported is what was exported, and the posterior trained on it is better than the prior.
cp tutorial.npy exported.npy
tools/fsbi-data export tutorial_imported.h5 --round 0 -o back.npy > log.txt
cmp exported.npy back.npy || fail "the array does not come back as it was"
echo "$share" | awk -v prior="$prior" '{exit !(($2 - 100 * prior) ^ 2 < 1e-4 && $6 > $2)}' || fail "imported, and drawn from its posterior: $share"

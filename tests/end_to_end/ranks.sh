#!/usr/bin/env bash
# Rows and posteriors do not depend on the number of ranks.
. "$(dirname "$0")/lib.sh"
small_campaign > small.yaml
"$FSBI_MPI" small.yaml > log.txt
mv small.h5 alone.h5
for count in 1 2 4 8; do
    ranks "$count" small.yaml > "log.$count.txt"
    "$SAME_CAMPAIGN" alone.h5 small.h5 || fail "$count ranks give another campaign"
    rm small.h5
done
"$FSBI_MPI" status alone.h5 | grep -q "^active" || fail "no share of the group in the status"
"$FSBI_MPI" small.yaml --set campaign.seed=6 > /dev/null
if "$SAME_CAMPAIGN" alone.h5 small.h5 > /dev/null; then
    fail "another seed gives the same campaign"
fi

# Each rank's own record of what it runs.
rm small.h5
ranks 3 small.yaml --set run.log=logs > log.txt
"$SAME_CAMPAIGN" alone.h5 small.h5 || fail "writing logs gives another campaign"
for rank in 0000 0001 0002; do
    grep -Eq '^20[0-9-]{8}T[0-9:.]{12}Z rank [0-2], process [0-9]+ on ' "logs/small.h5.rank$rank.log" || fail "rank $rank does not say what it is"
done
[ "$(cat logs/* | grep -c 'round 0 row [0-9]* begins')" = 60 ] && [ "$(cat logs/* | grep -c 'round 0 row [0-9]* ends after [0-9.]* s: ')" = 60 ] ||
    fail "not every row is recorded: $(tail -n 5 logs/*)"
expect_failure 1 "cannot make the folder 'small.yaml/logs' of run.log: Not a directory" "$FSBI_MPI" small.yaml --set run.log=small.yaml/logs
mkdir logs/taken.h5.rank0001.log
expect_failure 2 "'logs/taken.h5.rank0001.log' is a folder: an output has to be a file" \
    ranks 3 small.yaml --set campaign.output=taken.h5 --set run.log=logs

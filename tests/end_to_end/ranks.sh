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

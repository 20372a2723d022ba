#!/usr/bin/env bash
# Stored traces: the same whoever ran the rows and whatever was killed, and the metrics that they give are those in the file.
. "$(dirname "$0")/lib.sh"
small_campaign > small.yaml
expect_failure 2 "there are no traces" bash -c '"$0" small.yaml > log.txt && "$0" metrics small.h5' "$FSBI_MPI"
rm small.h5

# keep NAME: puts the campaign and its traces aside.
keep() {
    mkdir "$1"
    mv small.h5 small.round0?.traces.h5 "$1"
    [ ! -e small.traces ] || fail "what ranks wrote is left: $(ls small.traces)"
}

"$FSBI_MPI" small.yaml --set traces.store=all > log.txt
"$FSBI_MPI" metrics small.h5 > metrics.txt
grep -q "metrics of 96 rows recomputed" metrics.txt || fail "not all rows that are ok have traces: $(cat metrics.txt)"
[ "$(wc -l < metrics.txt)" = 1 ] || fail "metrics differ: $(cat metrics.txt)"
ranks 3 metrics small.h5 -o again.h5 > log.txt
"$FSBI_MPI" metrics small.h5 -o other.h5 --set model.wmax=10 | grep -q "w_blow: .* differ" || fail "no difference seen"
keep one

same_as_one() {
    local name
    for name in small.h5 small.round00.traces.h5 small.round01.traces.h5 small.round02.traces.h5; do
        "$SAME_CAMPAIGN" "one/$name" "$1/$name" || fail "$1: $name differs"
    done
}
ranks 3 small.yaml --set traces.store=all > log.txt
keep three
same_as_one three

# Killed: what ranks spooled stays, half a record in a spool is no harm.
for write in 5 12 20; do
    at_write $write /small.h5 killall 1
    mpirun -n 3 "${AT_RANKS[@]}" "$FSBI_MPI" small.yaml --set traces.store=all > log.txt 2>&1 &
    end_of $! && fail "nothing was killed: $(cat log.txt)"
done
for spool in small.traces/*; do
    [ ! -s "$spool" ] || head -c 100 "$spool" >> "$spool"
done
ranks 2 small.yaml --set traces.store=all > log.txt
keep killed
same_as_one killed

# Traces of another campaign do not pass for this one's.
cp one/small.round00.traces.h5 .
mkdir small.traces
echo "not a spool" > small.traces/round00.host.1.0
ranks 2 small.yaml --set campaign.seed=6 --set traces.store=all > log.txt
[ -e small.round00.traces.h5.old-1 ] || fail "the other campaign's traces are gone"
"$FSBI_MPI" metrics small.h5 > metrics.txt
[ "$(wc -l < metrics.txt)" = 1 ] || fail "traces and rows are not of one campaign: $(cat metrics.txt)"
cp one/small.round00.traces.h5 .
expect_failure 2 "they are not of the simulation that the campaign file has" "$FSBI_MPI" metrics small.h5
rm small.*h5*

# In shards.
"$FSBI_MPI" propose small.yaml --set traces.store=all > log.txt
for i in 0 1 2; do
    "$FSBI_MPI" simulate-round small.yaml --shard $i/3 --set traces.store=all > log.txt
done
"$FSBI_MPI" merge small.yaml small.round00.shard*.h5 > log.txt
# Each record once more, as if its row had been run twice; the last of these is damaged.
copies=0
for spool in small.traces/round00.*; do
    head -c -8 "$spool" > small.traces/round00.0.$copies
    printf damaged. >> small.traces/round00.0.$copies
    copies=$((copies + 1))
done
ranks 2 propose small.yaml > log.txt
"$SAME_CAMPAIGN" one/small.round00.traces.h5 small.round00.traces.h5 || fail "traces of shards differ"
rm small.*h5

# A share.
"$FSBI_MPI" small.yaml --set traces.store=random --set traces.share=0.3 > log.txt
count=$("$FSBI_MPI" metrics small.h5 | sed -n 's/metrics of \([0-9]*\) rows.*/\1/p')
[ "$count" -ge 15 ] && [ "$count" -le 45 ] || fail "$count of 96 rows stored instead of about 29" # 3.1 standard deviations
rm small.*h5
"$FSBI_MPI" small.yaml --set traces.store=accepted > log.txt
accepted=$(h5dump -y -w 1 -d /rounds/01/filter/accepted small.h5 | grep -c '^ *1')
accepted=$((accepted + $("$FSBI_MPI" status small.h5 | awk '$1 == 2 && $2 == "posterior" {print $5}'))) # all that are ok in round 2
"$FSBI_MPI" metrics small.h5 | grep -q "metrics of $accepted rows" ||
    fail "not the $accepted accepted rows: $("$FSBI_MPI" metrics small.h5)"

head -c 5000 small.round01.traces.h5 > cut.h5
mv cut.h5 small.round01.traces.h5
expect_failure 2 "model 'null' has no traces" "$FSBI_MPI" check "$SOURCE/configs/null.yaml" --set traces.store=all
expect_failure 2 "'small.round01.traces.h5' holds no traces of model if_poly" ranks 2 metrics small.h5

# The other spiking model; and rules without a meaning, which are not simulated.
cat > cvaif.yaml << 'YAML'
campaign: {name: cvaif, seed: 2}
model: {name: cvaif_mlp, NE: 300, NI: 80, N_input: 300, lns: 0.2, ls: 1, weight_poisson: 0.3, recorded_e: 100, recorded_i: 50}
rounds: [{simulations: 3}]
traces: {store: all}
YAML
"$FSBI_MPI" cvaif.yaml > log.txt
"$FSBI_MPI" metrics cvaif.h5 > metrics.txt
[ "$(grep -c '' metrics.txt)" = 1 ] && grep -q "metrics of [1-3] rows recomputed" metrics.txt || fail "metrics of cvaif_mlp differ: $(cat metrics.txt)"
for campaign in small cvaif; do
    parameters=$(h5dump -a parameter_names $campaign.h5 | sed -n 's/.*SIMPLE { ( \([0-9]*\) ).*/\1/p')
    seq "$parameters" | sed 's/.*/-1/' | paste -sd ' ' > negative.csv
    "$FSBI_MPI" simulate $campaign.yaml --theta negative.csv --output negative.$campaign.h5 > log.txt || fail "$campaign: $(cat log.txt)"
    h5dump -y -d rounds/00/sims negative.$campaign.h5 | grep -q '^ *impossible,' || fail "$campaign runs an impossible rule"
done

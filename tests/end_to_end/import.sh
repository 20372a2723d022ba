#!/usr/bin/env bash
# Simulations of elsewhere as a round: structured .npy arrays there and back, other campaigns' rows; and rules of earlier rounds run
# again, longer.
. "$(dirname "$0")/lib.sh"
export PYTHONPATH=$SOURCE/tools
small_campaign > small.yaml
"$FSBI_MPI" small.yaml > log.txt

# As fSBI has them: seeds are hexadecimal digests, blow-ups all NaN; here in single precision, and in an order of its own.
/usr/bin/python3 - << 'PYTHON'
import hashlib

import fsbi
import numpy

campaign = fsbi.Campaign("small.h5")
ours = fsbi.to_dataset(campaign)
kind = [("theta", "f4", (25,)), ("seed", "U64")] + [(name, "f8") for name in sorted(campaign.metric_names)]
theirs = numpy.zeros(len(ours), kind)
for name in theirs.dtype.names:
    theirs[name] = ours[name]
theirs["seed"] = [hashlib.md5(str(theta).encode()).hexdigest() for theta in theirs["theta"]]
numpy.save("theirs.npy", theirs)
numpy.save("more.npy", theirs[:10])
wide = numpy.zeros(3, [("theta", "f8", (26,)), ("rate", "f8")])
numpy.save("wide.npy", wide)
outside = theirs.copy()
outside["theta"][7, 2] = 2.5
numpy.save("outside.npy", outside)
few = numpy.zeros(100, [("theta", "f8", (25,)), ("rate", "f8"), ("r_nov", "f8")])
few["theta"], few["rate"] = theirs["theta"], theirs["rate"]
numpy.save("few.npy", few)
PYTHON
for name in theirs wide outside few; do
    "$SOURCE/tools/fsbi-data" import $name.npy -o $name.h5 > log.txt
done
"$SOURCE/tools/fsbi-data" import theirs.npy more.npy -o both.h5 | grep "110 simulations" > log.txt || fail "files are not joined"

campaign() { # campaign TABLE ROWS
    sed '/^rounds:/,/^inference:/{/^inference:/!d}' small.yaml | sed 's/name: small/name: imported/'
    cat << YAML
rounds:
  - {simulations: $2, propose: {import: $1}, keep: {rate: [0.1, 100]}, infer: [rate]}
  - {simulations: 20, propose: {rate: [2, 20]}}
  - {simulations: 12, propose: {rules_of: all, where: [active]}, model: {lns: 1, ls: 1.5}}
YAML
}
campaign theirs.h5 100 > imported.yaml
"$FSBI_MPI" check imported.yaml > check.txt
ranks 3 imported.yaml > log.txt
grep -q "round 0: 100 simulations imported from 'theirs.h5'" log.txt || fail "not imported: $(cat log.txt)"
"$FSBI_MPI" verify imported.h5 > verify.txt
mv theirs.h5 kept.h5
"$FSBI_MPI" imported.yaml > log.txt # the table is not needed any more
mv kept.h5 theirs.h5
"$SOURCE/tools/fsbi-data" export imported.h5 --round 0 -o back.npy > log.txt
cmp theirs.npy back.npy || fail "an array does not come back as it was"
"$SOURCE/tools/fsbi-data" export imported.h5 --metrics rate,cv_isi -o arrays.npz > log.txt

# One rank, and a job array's way, come to the same.
mv imported.h5 three.h5
"$FSBI_MPI" imported.yaml > log.txt
"$SAME_CAMPAIGN" three.h5 imported.h5 || fail "one rank and three differ"
rm imported.h5
for round in 1 2; do
    "$FSBI_MPI" propose imported.yaml > log.txt
    for shard in 0 1; do "$FSBI_MPI" simulate-round imported.yaml --shard $shard/2 > log.txt; done
    "$FSBI_MPI" merge imported.yaml imported.round0$round.shard*.h5 > log.txt
done
"$FSBI_MPI" train imported.yaml > log.txt
"$FSBI_MPI" status imported.h5 --exit-code > log.txt || fail "not complete: $(cat log.txt)"
"$SAME_CAMPAIGN" three.h5 imported.h5 || fail "shards come to something else"

# Rows of another campaign keep their seeds and outcomes.
campaign small.h5:/rounds/00/sims 60 > other.yaml
"$FSBI_MPI" other.yaml --set campaign.output=other.h5 > log.txt

/usr/bin/python3 - << 'PYTHON'
import fsbi
import numpy

theirs = numpy.load("theirs.npy")
small, other, campaign = (fsbi.Campaign(path) for path in ("small.h5", "other.h5", "imported.h5"))
rows = campaign.rounds[0].rows
assert (rows["theta"] == theirs["theta"]).all()
for name in campaign.metric_names:
    assert ((rows[name] == theirs[name]) | (numpy.isnan(rows[name]) & numpy.isnan(theirs[name]))).all(), name
assert (campaign.rounds[0].seeds == theirs["seed"]).all()
# What the program counts is what the conditions give on the original array.
met = (theirs["rate"] >= 1) & (theirs["rate"] <= 50) & (theirs["rate_i"] >= 1) & (theirs["rate_i"] <= 50)
counted = {group["name"].decode(): group["passed"] for group in fsbi.h5py.File("imported.h5")["rounds/00/filter/groups"][()]}
assert counted == {"active": met.sum()} and 5 < met.sum() < 95, (counted, met.sum())
assert (rows["status"] == numpy.where(numpy.isnan(theirs["rate"]), 2, 1)).all()

# Rules that were run again are those that met the conditions, spread over them, and ran as long as their round says.
again = campaign.rounds[2]
before = [campaign.rounds[a].rows[b] for a, b in again.origins]
assert all((row["theta"] == old["theta"]).all() for row, old in zip(again.rows, before))
good = [(k, i) for k in (0, 1) for i in numpy.flatnonzero(fsbi.apply_n_conditions(campaign.rounds[k].rows, campaign.groups["active"]))]
assert len(good) >= 12 and [tuple(place) for place in again.origins] == [good[i * len(good) // 12] for i in range(12)]
assert set(again.rows["t_end"][again.rows["status"] == 1]) == {2.5} and len(set(again.rows["seed"])) == 12
assert set(campaign.rounds[1].rows["t_end"][campaign.rounds[1].rows["status"] == 1]) == {1.2}

ours, copy = small.rounds[0].rows, other.rounds[0].rows
for name in ("theta", "seed", "status", "t_end", "wall_time", "rank", "rate"):
    assert ours[name].tobytes() == copy[name].tobytes(), name

arrays = numpy.load("arrays.npz")
assert arrays["theta"].shape[1] == 24 and arrays["x"].shape == (len(arrays["theta"]), 2) and list(arrays["x_names"]) == ["rate", "cv_isi"]
assert numpy.isfinite(arrays["x"]).all()
PYTHON

# A file of a program that did not know a setting, or a part, yet goes on with its defaults.
/usr/bin/python3 - << 'PYTHON'
import fsbi

with fsbi.h5py.File("imported.h5", "r+") as file:
    text = file.attrs["effective_config"].decode()
    before, part, after = text.partition("search:\n")
    text = before + after[after.index("run:\n"):]
    assert part and "members" not in text
    older = "".join(line for line in text.splitlines(True) if "stimulus_rate" not in line and "patience" not in line)
    assert older.count("\n") == text.count("\n") - 2
    file.attrs["effective_config"] = fsbi.numpy.bytes_(older)
PYTHON
"$FSBI_MPI" imported.yaml > log.txt || fail "an older file does not go on"
expect_failure 2 "made by another configuration (inference.patience" "$FSBI_MPI" imported.yaml --set inference.patience=21

# What is missing is said, what is wrong is refused.
campaign few.h5 100 > few.yaml
"$FSBI_MPI" few.yaml --set campaign.output=few_out.h5 --set rounds.2.propose.where='{rate: [1, 50]}' > log.txt
for words in "lacks rate_i, cv_isi" "has no such metrics: r_nov"; do
    grep -q "$words" log.txt || fail "nothing is said of other fields: $(cat log.txt)"
done
campaign theirs.h5 99 > wrong.yaml
expect_failure 2 "'theirs.h5' holds 100 simulations, but round 0 says 99" "$FSBI_MPI" wrong.yaml --set campaign.output=w.h5
campaign theirs.npy 100 > wrong.yaml
expect_failure 2 "of which tools/fsbi-data import makes a table" ranks 2 wrong.yaml --set campaign.output=w.h5
campaign wide.h5 3 > wrong.yaml
expect_failure 2 "'theta' has 26 numbers; the model has 25 parameters" "$FSBI_MPI" wrong.yaml --set rounds='[{simulations: 3, propose: {import: wide.h5}}]' --set campaign.output=w1.h5
campaign outside.h5 100 > wrong.yaml
expect_failure 2 "1 of the 100 rules of 'outside.h5' lie outside the prior's bounds" "$FSBI_MPI" wrong.yaml --set campaign.output=w2.h5 --set inference.bounds=stretch
"$FSBI_MPI" wrong.yaml --set campaign.output=w2b.h5 --set rounds='[{simulations: 100, propose: {import: outside.h5}}]' > log.txt
grep -q "note: 1 of the 100 rules" log.txt || fail "nothing is said of rules outside"
"$FSBI_MPI" propose small.yaml --set campaign.output=begun.h5 > log.txt
campaign begun.h5:/rounds/00/sims 60 > wrong.yaml
expect_failure 2 "row 0 is not finished" "$FSBI_MPI" wrong.yaml --set campaign.output=w3.h5
cp small.h5 torn.h5
/usr/bin/python3 -c 'import fsbi
with fsbi.h5py.File("torn.h5", "r+") as file:
    rows = file["rounds/00/sims"][()]
    rows["rate"][3] = 12345
    file["rounds/00/sims"][()] = rows'
campaign torn.h5:/rounds/00/sims 60 > wrong.yaml
expect_failure 2 "row 3 is torn" "$FSBI_MPI" check wrong.yaml --set campaign.output=w6.h5
# Fields of types that say something else.
/usr/bin/python3 - << 'PYTHON'
import fsbi
import numpy

theirs = numpy.load("theirs.npy")
odd = numpy.zeros(100, [("theta", "f8", (25,)), ("rate", "f8"), ("status", "f8")])
odd["theta"], odd["status"] = theirs["theta"], 1
fsbi.from_dataset(odd, "odd_status.h5")
fsbi.from_dataset(odd[["theta", "status"]].astype([("theta", "f8", (25,)), ("cv", "f8")]), "no_metric.h5")
signed = numpy.zeros(100, [("seed", ">i8"), ("theta", ">f4", (25,)), ("rate", ">f8"), ("rate_i", "<f4")])
signed["seed"], signed["theta"] = numpy.arange(100) - 50, theirs["theta"]
signed["rate"], signed["rate_i"] = theirs["rate"], theirs["rate_i"]
numpy.save("signed.npy", signed)
numpy.save("plain.npy", numpy.zeros((3, 4)))
PYTHON
campaign odd_status.h5 100 > wrong.yaml
"$FSBI_MPI" wrong.yaml --set campaign.output=w7.h5 --set rounds='[{simulations: 100, propose: {import: odd_status.h5}}]' > log.txt
grep -q "these fields are left out, the model has no such metrics: status" log.txt || fail "a status of its own: $(cat log.txt)"
campaign no_metric.h5 100 > wrong.yaml
expect_failure 2 "no metric of the model is among its fields" "$FSBI_MPI" check wrong.yaml --set campaign.output=w8.h5
"$SOURCE/tools/fsbi-data" import signed.npy -o signed.h5 > log.txt
campaign signed.h5 100 > wrong.yaml
"$FSBI_MPI" wrong.yaml --set campaign.output=signed_out.h5 --set rounds='[{simulations: 100, propose: {import: signed.h5}}]' > log.txt
"$SOURCE/tools/fsbi-data" export signed_out.h5 --round 0 -o signed_back.npy > log.txt
cmp signed.npy signed_back.npy || fail "signed seeds and big-endian numbers do not come back"
expect_failure 1 "no structured array" "$SOURCE/tools/fsbi-data" import plain.npy -o plain.h5
# What the file has already must not change below it, and what is wrong is seen before anything starts.
/usr/bin/python3 -c 'import fsbi
with fsbi.h5py.File("signed_out.h5", "r+") as file:
    rows = file["rounds/00/sims"][()]
    rows["rate"][3] = 12345
    file["rounds/00/sims"][()] = rows
with fsbi.h5py.File("signed.h5", "r+") as file:
    rows = file["sims"][()]
    rows["rate"][5] = 7
    file["sims"][()] = rows'
expect_failure 2 "row 5 of 'signed.h5' is not the one" "$FSBI_MPI" wrong.yaml --set campaign.output=signed_out.h5 --set rounds='[{simulations: 100, propose: {import: signed.h5}}]'
expect_failure 2 "there is no file 'gone.h5'" "$FSBI_MPI" imported.yaml --force-new --set rounds.0.propose.import=gone.h5
[ ! -e imported.h5.old-1 ] || fail "the campaign is moved away for one that cannot begin"
expect_failure 2 "bounds or metrics: they can only be changed for all rounds" "$FSBI_MPI" check imported.yaml --set rounds.2.model='{lns: 1, ls: 2, lp: 0.2, lpt: 1.5, stimulus_neurons: 100}'
campaign theirs.h5:nothing 100 > wrong.yaml
expect_failure 2 "there is no such dataset" "$FSBI_MPI" wrong.yaml --set campaign.output=w4.h5
expect_failure 1 "not one of them is ok and meets the conditions" "$FSBI_MPI" imported.yaml --set rounds.2.propose.where='{rate: [1e6, 2e6]}' --set campaign.output=w5.h5
expect_failure 2 "allowed: an earlier round" "$FSBI_MPI" check imported.yaml --set rounds.2.propose.rules_of=2
expect_failure 2 "rounds.2.model.lnss: unknown key; did you mean 'lns'?" "$FSBI_MPI" check imported.yaml --set rounds.2.model='{lnss: 1}'
expect_failure 2 "a campaign has one model" "$FSBI_MPI" check imported.yaml --set rounds.2.model='{name: cvaif_mlp}'
expect_failure 2 "nothing is simulated in a round that is imported" "$FSBI_MPI" check imported.yaml --set rounds.0.model='{ls: 1}'
expect_failure 1 "exists already" "$SOURCE/tools/fsbi-data" export imported.h5 -o back.npy
expect_failure 1 "there is no round 7" "$SOURCE/tools/fsbi-data" export imported.h5 --round 7 -o new.npy
[ ! -e new.npy ] || fail "something was written all the same"

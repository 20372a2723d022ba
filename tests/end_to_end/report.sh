#!/usr/bin/env bash
# The Python side: campaign files as arrays, conditions, samples, the published .npy layout, and the report, also of a campaign that is
# not finished.
. "$(dirname "$0")/lib.sh"
export PYTHONPATH=$SOURCE/tools
small_campaign > small.yaml
"$FSBI_MPI" propose small.yaml > log.txt
"$SOURCE/tools/fsbi-report" small.h5 -o begun.html
ranks 3 small.yaml > log.txt
"$FSBI_MPI" status small.h5 > status.txt
"$SOURCE/tools/fsbi-report" small.h5 -o report.html --pictures pictures
for picture in accumulation metrics rules0 explained_variance losses costs; do
    grep -q "<img id=\"$picture\" .*src=\"data:image/png;base64,iVBOR" report.html || fail "the report has no picture $picture"
    [ -s "pictures/$picture.pdf" ] && [ -s "pictures/$picture.png" ] || fail "picture $picture is not written"
done
grep -q "60 simulations are still to be run\|100 simulations are still to be run" begun.html || fail "nothing is said of what is left"
cp small.h5 kept.h5
expect_failure 1 "'kept.h5' is what is read from" "$SOURCE/tools/fsbi-report" kept.h5 -o kept.h5
cmp small.h5 kept.h5 || fail "a report takes the place of its campaign"
mkfifo pipe
expect_failure 1 "'pipe' is no file" "$SOURCE/tools/fsbi-report" kept.h5 -o pipe
expect_failure 1 "cannot read 'small.yaml' as a campaign file" "$SOURCE/tools/fsbi-report" small.yaml -o wrong.html
[ ! -e wrong.html ] || fail "a report of no campaign"

# In a real browser, at a laptop's width: every picture is shown, nothing is cut off at the side, and it can be printed.
cat report.html - > looked_at.html << 'HTML'
<script>addEventListener("load", () => { document.title = [...document.images].filter(i => i.naturalWidth > 300 && i.clientWidth > 100).length
    + " pictures of " + document.images.length + ", too wide: " + (document.documentElement.scrollWidth > innerWidth); });</script>
HTML
browser() {
    HOME=$WORK chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --window-size=1280,800 --user-data-dir="$WORK/browser" "$@" 2> browser.txt
}
browser --dump-dom looked_at.html > dom.html || fail "the browser does not open the report: $(cat browser.txt)"
pictures=$(grep -c '<img id=' report.html)
grep -q "<title>$pictures pictures of $pictures, too wide: false</title>" dom.html || fail "in the browser: $(grep -o '<title>.*</title>' dom.html)"
browser --print-to-pdf=printed.pdf report.html > log.txt || fail "the report cannot be printed: $(cat browser.txt)"
printed=$(grep -ac '/Type /Page$' printed.pdf)
[ "$printed" -ge 3 ] || fail "the printed report has $printed pages"

/usr/bin/python3 - << 'PYTHON'
import re

import fsbi
import numpy

campaign = fsbi.Campaign("small.h5")
assert [len(round.finished) for round in campaign.rounds] == [60, 20, 20]
assert (campaign.model, campaign.name, campaign.parameter_names[0], len(campaign.metric_names)) == ("if_poly", "small", "tau_pre_EE", 17)
assert campaign.groups == {"active": [("rate", 1, 50), ("rate_i", 1, 50)]}

# The share of a group is the one that the program gives.
line = next(line for line in open("status.txt") if line.startswith("active"))
shares = [float(share) for share in re.findall(r"([0-9.]+) \+-", line)]
for round, share in zip(campaign.rounds, shares):
    met = fsbi.apply_n_conditions(round.finished, campaign.groups["active"])
    assert abs(100 * met.mean() - share) < 0.006, (met.mean(), share)

# What the posterior was trained on are the rows that meet `keep`.
kept = numpy.concatenate(campaign.accepted(1))
rows = numpy.concatenate([round.rows for round in campaign.rounds[:2]])
assert (kept == fsbi.apply_n_conditions(rows, [("rate", 0.1, 100)])).all()
assert campaign.rounds[1].posterior.trained == 3 and campaign.rounds[2].posterior is None

theta, x = campaign.sample(50, x_ranges={"rate": (5, 10)})
inferred = ~campaign.nuisance
assert theta.shape == (50, inferred.sum()) and ((x >= 5) & (x <= 10)).all()
assert ((theta >= campaign.low[inferred]) & (theta <= campaign.high[inferred])).all()
again, _ = campaign.sample(50, x_ranges={"rate": (5, 10)})
assert (theta == again).all()
try:
    campaign.sample(5, x=[1, 2, 3])
    raise SystemExit("three numbers for one metric are taken")
except RuntimeError as problem:
    assert "--x" in str(problem), problem

# The published layout, there and back.
dataset = fsbi.to_dataset(campaign)
numpy.save("small.npy", dataset)
merged = fsbi.load_and_merge(".", ("small.npy", "small.h5"))
assert len(merged) == 200 and merged[:100].tobytes() == merged[100:].tobytes() == dataset.tobytes() # NaN included
assert dataset.dtype.names[:2] == ("seed", "theta") and dataset.dtype["theta"].shape == (25,)
assert not numpy.isnan(dataset["rate"][fsbi.apply_n_conditions(dataset, [("rate", 0, 1000)])]).any()
prior = campaign.whitened(numpy.random.default_rng(1).uniform(campaign.low, campaign.high, (20000, 25)))
assert prior.shape == (20000, 24) and abs(prior.var(0) - 1).max() < 0.05 and abs(prior.mean(0)).max() < 0.05
PYTHON

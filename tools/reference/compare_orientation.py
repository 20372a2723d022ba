#!/usr/bin/python3
"""The model `orientation` against the program of the original study, rule by rule.

    tools/reference/compare_orientation.py [--seeds N] [--first SEED]

Runs every theta of tests/data/orientation.jsonl with several of our seeds on all cores, and prints for each metric our
mean, the original's, the difference in standard errors (pooled spread of the seeds) and the verdict: within four of
them, or 1 %, or 1e-6. A silent neuron counts as in the original (model.silent_r2=1), amplitude and width of the tuning
curve without sign; the preferred orientation is random. Exits with 1 if anything is off.

Needs python3-h5py and python3-numpy. Half a minute on two cores.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import h5py
import numpy

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOT_COMPARED = ["tag", "variant", "theta", "seed", "python_seconds", "tuning_mu"]


def load_reference():
    """One entry for each rule: tag, variant, theta, and its runs."""
    rules = {}
    with open(os.path.join(ROOT, "tests/data/orientation.jsonl")) as lines:
        for line in lines:
            run = json.loads(line)
            rule = rules.setdefault((run["variant"], tuple(run["theta"])), {**run, "runs": []})
            rule["runs"].append(run)
    return list(rules.values())


def simulate(variant, rules, seed, folder):
    """Our rows for rules of one variant, in order."""
    config = os.path.join(folder, "config.yaml")
    table = os.path.join(folder, "thetas.csv")
    output = os.path.join(folder, "rows.h5")
    with open(config, "w") as stream:
        stream.write(f"campaign: {{name: compare}}\nmodel: {{name: orientation, variant: {variant}, silent_r2: 1}}\n")
    with open(table, "w") as stream:
        for rule in rules:
            stream.write(",".join(repr(float(value)) for value in rule["theta"]) + "\n")
    subprocess.run([os.path.join(ROOT, "tools/mpirun-here"), os.path.join(ROOT, "build/release/fsbi_mpi"), "simulate",
                    config, "--theta", table, "--output", output, "--force-new", "--seed", str(seed)],
                   check=True, stdout=subprocess.DEVNULL)
    with h5py.File(output) as file:
        return file["rounds/00/sims"][()]


def standard_error(ours, original):
    """Of the difference of the means, from the pooled spread."""
    squares = (len(ours) - 1) * ours.var(ddof=1) + (len(original) - 1) * original.var(ddof=1)
    return numpy.sqrt(squares / (len(ours) + len(original) - 2) * (1 / len(ours) + 1 / len(original)))


def compare(rule, rows):
    """Prints one rule's lines; the number of metrics off."""
    failures = 0
    for metric in [name for name in rule["runs"][0] if name not in NOT_COMPARED]:
        original = numpy.array([run[metric] for run in rule["runs"]])
        if metric in ("tuning_A", "tuning_sigma"):
            original = abs(original)
        ours = rows[metric]
        difference = ours.mean() - original.mean()
        error = standard_error(ours, original)
        good = abs(difference) <= max(4 * error, 0.01 * abs(original.mean()), 1e-6)
        print(f"{rule['tag']:8} {rule['theta'][0]:8.4f}  {metric:22} ours {ours.mean():11.6g}  original "
              f"{original.mean():11.6g}  {difference / error if error > 0 else 0:+6.2f} standard errors  "
              f"{'ok' if good else 'OFF'}")
        failures += not good
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10, help="our runs of every rule (at least 2)")
    parser.add_argument("--first", type=int, default=1, help="the first of these seeds")
    options = parser.parse_args()
    rules = load_reference()
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for variant in sorted({rule["variant"] for rule in rules}):
            group = [rule for rule in rules if rule["variant"] == variant]
            seeds = range(options.first, options.first + max(options.seeds, 2))
            rows = numpy.stack([simulate(variant, group, seed, folder) for seed in seeds])
            failures += sum(compare(rule, rows[:, k]) for k, rule in enumerate(group))
    print(f"{len(rules)} rules, {failures} figures off")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())

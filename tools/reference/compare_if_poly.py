#!/usr/bin/python3
"""Model if_poly against Auryn, the simulator of the published search, rule by rule at full length.

    tools/reference/compare_if_poly.py [--seeds N] [--reference FILE.jsonl ...]

Runs every theta of the reference files (tests/data/auryn_if_poly.jsonl, and auryn_if_poly_prior_seeds.jsonl with more seeds
of the three rules whose networks differ a lot from seed to seed) with several of our seeds on all cores and prints,
for each metric, our mean, Auryn's, the relative difference and the verdict: within 3 % (20 % for networks without
plasticity, tag `static`, which differ that much from one network to the next), or within 4 standard deviations of the
spread over our seeds and Auryn's. Blow-ups must blow up. Exits with 1 if anything is off. Needs python3-h5py and
python3-numpy; about seven minutes on two cores with three seeds.
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
METRICS = ["rate", "rate_i", "cv_isi", "fft", "std_rate_temporal", "spatial_Fano", "temporal_Fano"]
BLOWN_UP = 2


def load_reference(paths):
    """One entry for each distinct theta: tag, theta, whether it blew up, and Auryn's values of every metric."""
    rules = {}
    for path in paths:
        with open(path) as lines:
            for line in lines:
                run = json.loads(line)
                rule = rules.setdefault(tuple(run["theta"]), {"tag": run["tag"], "theta": run["theta"], "runs": []})
                rule["runs"].append(run)
    return list(rules.values())


def simulate(rules, seed, folder):
    """Our rows for all rules, in order."""
    table = os.path.join(folder, "thetas.csv")
    output = os.path.join(folder, f"seed{seed}.h5")
    with open(table, "w") as stream:
        for rule in rules:
            stream.write(",".join(repr(float(value)) for value in rule["theta"]) + "\n")
    subprocess.run([os.path.join(ROOT, "tools/mpirun-here"), os.path.join(ROOT, "build/release/fsbi_mpi"), "simulate",
                    os.path.join(ROOT, "configs/if_poly_paper.yaml"), "--theta", table, "--output", output,
                    "--seed", str(seed)], check=True, stdout=subprocess.DEVNULL)
    with h5py.File(output) as file:
        return file["rounds/00/sims"][()]


def compare(rule, rows):
    """Prints one rule's lines; the number of failures."""
    blown_up = rule["runs"][0]["blow_up"] is not None
    name = f"{rule['tag']:8} input {rule['theta'][-1]:6.3f} Hz"
    if blown_up or numpy.any(rows["status"] == BLOWN_UP):
        good = blown_up and numpy.all(rows["status"] == BLOWN_UP)
        ends = ", ".join(f"{end:.2f}" for end in rows["t_end"])
        print(f"{name}  blow-up: Auryn {rule['runs'][0]['blow_up']} s, ours {ends} s  {'ok' if good else 'OFF'}")
        return not good
    failures = 0
    for metric in METRICS:
        auryn = numpy.array([run[metric] for run in rule["runs"]])
        ours = rows[metric]
        difference = abs(ours.mean() - auryn.mean())
        spread = max(ours.std(ddof=1), auryn.std(ddof=1) if len(auryn) > 1 else 0)
        share = 0.2 if rule["tag"] == "static" else 0.03
        good = difference <= max(share * abs(auryn.mean()), 4 * spread)
        relative = (ours.mean() / auryn.mean() - 1) * 100 if auryn.mean() != 0 else float("nan")
        print(f"{name}  {metric:18} ours {ours.mean():10.5g}  Auryn {auryn.mean():10.5g}  {relative:+7.2f} %  "
              f"spread {spread:8.2g}  {'ok' if good else 'OFF'}")
        failures += not good
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3, help="our runs of every rule (at least 2)")
    data = os.path.join(ROOT, "tests/data")
    parser.add_argument("--reference", nargs="+", default=[os.path.join(data, "auryn_if_poly.jsonl"),
                                                           os.path.join(data, "auryn_if_poly_prior_seeds.jsonl")])
    options = parser.parse_args()
    rules = load_reference(options.reference)
    with tempfile.TemporaryDirectory() as folder:
        rows = numpy.stack([simulate(rules, seed, folder) for seed in range(1, max(options.seeds, 2) + 1)])
    failures = sum(compare(rule, rows[:, k]) for k, rule in enumerate(rules))
    print(f"{len(rules)} rules, {failures} figures off")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())

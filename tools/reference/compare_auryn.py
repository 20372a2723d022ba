#!/usr/bin/python3
"""The spiking networks against Auryn, the simulator of the published searches, rule by rule at full length.

    tools/reference/compare_auryn.py [--model if_poly|cvaif_mlp] [--seeds N] [--reference FILE.jsonl ...]

Runs every theta of the model's reference files (in tests/data) with several of our seeds on all cores, and prints for
each metric our mean, Auryn's, the relative difference and the verdict.

if_poly: within 3 % (20 % for networks without plasticity, tag `static`, which differ that much from one network to the
next), or within 4 standard deviations of the spread over our seeds and Auryn's. cvaif_mlp: within 5 % (weights 10 %), or
within 4 standard errors of the difference of the means (pooled spread). Blow-ups must blow up. Exits with 1 if anything is off.

Needs python3-h5py and python3-numpy. About seven minutes on two cores for if_poly with three seeds, and as much for
cvaif_mlp.
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
BLOWN_UP = 2

# Shares of Auryn's mean that each metric may be off, and what the seeds' spread is.
MODELS = {
    "if_poly": {
        "files": ["auryn_if_poly.jsonl", "auryn_if_poly_prior_seeds.jsonl"],
        "metrics": dict.fromkeys(["rate", "rate_i", "cv_isi", "fft", "std_rate_temporal", "spatial_Fano",
                                  "temporal_Fano"], 0.03),
        "spread": lambda ours, auryn: max(deviation(ours), deviation(auryn)),
    },
    "cvaif_mlp": {
        "files": ["auryn_cvaif_mlp.jsonl"],
        "metrics": {"rate": 0.05, "rate_i": 0.05, "cv_isi": 0.05, "fft": 0.05, "weef": 0.1, "wief": 0.1},
        "spread": lambda ours, auryn: standard_error(ours, auryn),
    },
}


def deviation(values):
    return values.std(ddof=1) if len(values) > 1 else 0


def standard_error(ours, auryn):
    """Of the difference of the means, from the pooled spread: with two runs a spread of their own says little."""
    squares = (len(ours) - 1) * deviation(ours) ** 2 + (len(auryn) - 1) * deviation(auryn) ** 2
    return numpy.sqrt(squares / (len(ours) + len(auryn) - 2) * (1 / len(ours) + 1 / len(auryn)))


def load_reference(paths):
    """One entry for each distinct theta and length: tag, theta, whether it blew up, and Auryn's values of every metric."""
    rules = {}
    for path in paths:
        with open(path) as lines:
            for line in lines:
                run = json.loads(line)
                length = (float(run.get("lns", 60)), float(run.get("ls", 10)))
                rule = rules.setdefault((length, tuple(run["theta"])),
                                        {"tag": run["tag"], "theta": run["theta"], "length": length, "runs": []})
                rule["runs"].append(run)
    return list(rules.values())


def simulate(model, rules, seed, folder):
    """Our rows for rules of one length, in order."""
    table = os.path.join(folder, "thetas.csv")
    output = os.path.join(folder, f"seed{seed}.h5")
    lns, ls = rules[0]["length"]
    with open(table, "w") as stream:
        for rule in rules:
            stream.write(",".join(repr(float(value)) for value in rule["theta"]) + "\n")
    subprocess.run([os.path.join(ROOT, "tools/mpirun-here"), os.path.join(ROOT, "build/release/fsbi_mpi"), "simulate",
                    os.path.join(ROOT, f"configs/{model}_paper.yaml"), "--theta", table, "--output", output,
                    "--force-new", "--seed", str(seed), "--set", f"model.lns={lns}", "--set", f"model.ls={ls}"],
                   check=True, stdout=subprocess.DEVNULL)
    with h5py.File(output) as file:
        return file["rounds/00/sims"][()]


def compare(model, rule, rows):
    """Prints one rule's lines; the number of failures."""
    blown_up = rule["runs"][0]["blow_up"] is not None
    name = f"{rule['tag']:8} input {rule['theta'][-1]:6.3f} Hz, {rule['length'][0]:g} + {rule['length'][1]:g} s"
    if blown_up or numpy.any(rows["status"] == BLOWN_UP):
        good = blown_up and numpy.all(rows["status"] == BLOWN_UP)
        ends = ", ".join(f"{end:.2f}" for end in rows["t_end"])
        print(f"{name}  blow-up: Auryn {rule['runs'][0]['blow_up']} s, ours {ends} s  {'ok' if good else 'OFF'}")
        return not good
    failures = 0
    for metric, share in MODELS[model]["metrics"].items():
        auryn = numpy.array([run[metric] for run in rule["runs"]])
        ours = rows[metric]
        difference = abs(ours.mean() - auryn.mean())
        spread = MODELS[model]["spread"](ours, auryn)
        good = difference <= max((0.2 if rule["tag"] == "static" else share) * abs(auryn.mean()), 4 * spread)
        relative = (ours.mean() / auryn.mean() - 1) * 100 if auryn.mean() != 0 else float("nan")
        print(f"{name}  {metric:18} ours {ours.mean():10.5g}  Auryn {auryn.mean():10.5g}  {relative:+7.2f} %  "
              f"spread {spread:8.2g}  {'ok' if good else 'OFF'}")
        failures += not good
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=MODELS, default="if_poly")
    parser.add_argument("--seeds", type=int, default=3, help="our runs of every rule (at least 2)")
    parser.add_argument("--reference", nargs="+", help="by default the model's files in tests/data")
    options = parser.parse_args()
    rules = load_reference(options.reference or
                           [os.path.join(ROOT, "tests/data", file) for file in MODELS[options.model]["files"]])
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for length in sorted({rule["length"] for rule in rules}):
            group = [rule for rule in rules if rule["length"] == length]
            rows = numpy.stack([simulate(options.model, group, seed, folder)
                                for seed in range(1, max(options.seeds, 2) + 1)])
            failures += sum(compare(options.model, rule, rows[:, k]) for k, rule in enumerate(group))
    print(f"{len(rules)} rules, {failures} figures off")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())

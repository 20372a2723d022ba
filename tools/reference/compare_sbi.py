#!/usr/bin/env python3
"""Our posterior beside the sbi package's, trained on the same simulations in one run.

Needs a Python with sbi, scikit-learn and h5py, as in
    python3 -m venv /tmp/sbi && /tmp/sbi/bin/pip install sbi scikit-learn h5py
    /tmp/sbi/bin/python tools/reference/compare_sbi.py accuracy DATA.h5 ...
A data set is an HDF5 file with theta, x, prior/low, prior/high, and either
observation/K/{x,reference_posterior} or test/{theta,x}.

    accuracy DATA...   classifier two-sample test against the reference posterior (0.5: indistinguishable), or the mean
                       log-density of the test rows
    speed DATA         CPU seconds per epoch on one core, both programs in turn
    sampling DATA      seconds for samples within the bounds at one x
"""
import argparse
import os
import statistics
import subprocess
import sys
import time

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import h5py
import numpy as np
import torch
from sbi.inference import NPE
from sbi.neural_nets import posterior_nn
from sbi.utils import BoxUniform

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("FSBI_MPI", os.path.join(ROOT, "build/release/fsbi_mpi"))
torch.set_num_threads(1)


def read(path):
    with h5py.File(path) as file:
        data = {name: file[name][()] for name in ("theta", "x", "prior/low", "prior/high")}
        data["observations"] = [(file[f"observation/{k}/x"][()], file[f"observation/{k}/reference_posterior"][()])
                                for k in sorted(file.get("observation", {}))]
        data["test"] = (file["test/theta"][()], file["test/x"][()]) if "test" in file else None
    return data


def sbi_train(data, batch_size, seed, **limits):
    """Density estimator, posterior, epochs, CPU seconds of training."""
    torch.manual_seed(seed)
    tensor = lambda a: torch.tensor(np.asarray(a), dtype=torch.float32)
    prior = BoxUniform(tensor(data["prior/low"]), tensor(data["prior/high"]))
    inference = NPE(prior=prior, density_estimator=posterior_nn("nsf", hidden_features=50, num_transforms=5, num_bins=10),
                    show_progress_bars=False)
    inference.append_simulations(tensor(data["theta"]), tensor(data["x"]))
    begin = time.process_time()
    estimator = inference.train(training_batch_size=batch_size, learning_rate=5e-4, stop_after_epochs=20,
                                validation_fraction=0.1, show_train_summary=False, **limits)
    seconds = time.process_time() - begin
    return estimator, inference.build_posterior(estimator), inference.summary["epochs_trained"][-1], seconds


def ours(*arguments):
    """CPU seconds of one process."""
    begin = os.times()
    subprocess.run([PROGRAM, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)
    end = os.times()
    return end.children_user - begin.children_user + end.children_system - begin.children_system


def ours_train(path, posterior, batch_size, seed, *options):
    return ours("fit", path, "-o", posterior, "--ensemble", 1, "--batch-size", batch_size, "--seed", seed,
                "--force-new", *options)


def ours_sample(posterior, x, count, output):
    seconds = ours("sample", posterior, "--x", ",".join(repr(float(v)) for v in np.ravel(x)), "-n", count, "-o", output,
                   "--force-new")
    with h5py.File(output) as file:
        return file["theta"][()], seconds


def c2st(samples, reference):
    from sklearn.model_selection import KFold, cross_val_score
    from sklearn.neural_network import MLPClassifier
    mean, deviation = reference.mean(0), reference.std(0)
    both = np.concatenate([(samples - mean) / deviation, (reference - mean) / deviation])
    label = np.concatenate([np.zeros(len(samples)), np.ones(len(reference))])
    width = 10 * reference.shape[1]
    classifier = MLPClassifier(hidden_layer_sizes=(width, width), max_iter=1000, solver="adam", random_state=1)
    folds = KFold(n_splits=5, shuffle=True, random_state=1)
    return cross_val_score(classifier, both, label, cv=folds, scoring="accuracy").mean()


def compare_two_samples(path, data, posterior, arguments, seed):
    """C2ST per observation of both."""
    _, theirs, epochs, seconds = (sbi_train(data, arguments.batch_size, seed) if not arguments.only_ours
                                  else (None, None, 0, 0))
    ours_train(path, posterior, arguments.batch_size, seed, *arguments.options)
    for k, (x, reference) in enumerate(data["observations"], 1):
        scores = []
        if theirs is not None:
            samples = theirs.sample((5000,), x=torch.tensor(x, dtype=torch.float32).reshape(1, -1),
                                    show_progress_bars=False).numpy()
            scores.append(c2st(samples, reference))
        scores.append(c2st(ours_sample(posterior, x, 5000, posterior + ".samples")[0], reference))
        print(f"{os.path.basename(path):28} seed {seed} observation {k}  C2ST, "
              + ", ".join(f"{who} {s:.3f}" for who, s in zip(["sbi", "ours"][-len(scores):], scores)), flush=True)
    print(f"{'':28} sbi: {epochs} epochs, {seconds:.0f} CPU s", flush=True)


def compare_log_density(path, data, posterior, arguments, seed):
    theta, x = data["test"]
    test = posterior + ".test.h5"
    with h5py.File(test, "w") as file:
        file["theta"], file["x"] = theta, x
    if not arguments.only_ours:
        estimator, _, epochs, seconds = sbi_train(data, arguments.batch_size, seed)
        with torch.no_grad():
            log_prob = estimator.log_prob(torch.tensor(theta, dtype=torch.float32).unsqueeze(0),
                                          torch.tensor(x, dtype=torch.float32))[0].numpy()
        print(f"{os.path.basename(path):28} seed {seed}  sbi  {log_prob.mean():+.3f} nats, {epochs} epochs, "
              f"{seconds:.0f} CPU s", flush=True)
    seconds = ours_train(path, posterior, arguments.batch_size, seed, *arguments.options)
    ours("log-prob", posterior, test, "-o", posterior + ".log_prob", "--force-new")
    with h5py.File(posterior + ".log_prob") as file, h5py.File(posterior) as fit:
        log_prob = file["log_prob"][()]
        epochs = fit["posterior/epochs"][0]
    print(f"{os.path.basename(path):28} seed {seed}  ours {log_prob.mean():+.3f} nats (standard error "
          f"{log_prob.std() / len(log_prob) ** 0.5:.3f}), {epochs} epochs, {seconds:.0f} CPU s", flush=True)


def accuracy(arguments):
    for path in arguments.data:
        data = read(path)
        for seed in range(1, arguments.seeds + 1):
            posterior = os.path.join(arguments.work, os.path.basename(path) + ".posterior.h5")
            compare = compare_two_samples if data["observations"] else compare_log_density
            compare(path, data, posterior, arguments, seed)


def speed(arguments):
    """Seconds of two lengths of training, so that what happens once does not count."""
    path = arguments.data[0]
    data = read(path)
    short, long = 2, arguments.epochs + 2
    posterior = os.path.join(arguments.work, "speed.h5")
    for batch_size in arguments.batch_sizes:
        pairs = []
        for _ in range(arguments.runs):
            theirs = [sbi_train(data, batch_size, 1, max_num_epochs=n - 1)[3] for n in (short, long)]
            mine = [ours_train(path, posterior, batch_size, 1, "--max-epochs", n, "--check-rows", 0) for n in (short, long)]
            pairs.append(((theirs[1] - theirs[0]) / arguments.epochs, (mine[1] - mine[0]) / arguments.epochs))
            print(f"batch {batch_size}: sbi {pairs[-1][0]:.3f}, ours {pairs[-1][1]:.4f} CPU s an epoch", flush=True)
        ratios = sorted(a / b for a, b in pairs)
        print(f"batch {batch_size}: {statistics.median(ratios):.1f} times faster ({ratios[0]:.1f}..{ratios[-1]:.1f})")


def sampling(arguments):
    """An ensemble of short training: how long a sample takes does not depend on how well it was trained."""
    path = arguments.data[0]
    data = read(path)
    posterior = os.path.join(arguments.work, "sampling.h5")
    ours("fit", path, "-o", posterior, "--ensemble", arguments.ensemble, "--max-epochs", arguments.epochs, "--check-rows", 0,
         "--force-new")
    x = data["test"][1].mean(0)
    theirs = sbi_train(data, 1000, 1, max_num_epochs=arguments.epochs)[1]
    for _ in range(arguments.runs):
        begin = time.process_time()
        theirs.sample((arguments.samples,), x=torch.tensor(x, dtype=torch.float32).reshape(1, -1), show_progress_bars=False)
        sbi_seconds = time.process_time() - begin
        _, seconds = ours_sample(posterior, x, 10 * arguments.samples, posterior + ".samples")
        with h5py.File(posterior + ".samples") as file:
            acceptance = file["theta"].attrs["acceptance"]
        print(f"sbi, one network: {sbi_seconds:.2f} CPU s for {arguments.samples}; ours, {arguments.ensemble} networks: "
              f"{seconds:.2f} CPU s for {10 * arguments.samples} (acceptance {acceptance:.3f}): "
              f"{10 * sbi_seconds / seconds:.1f} times faster a sample", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["accuracy", "speed", "sampling"])
    parser.add_argument("data", nargs="+")
    parser.add_argument("--seeds", type=int, default=1, help="trainings of each")
    parser.add_argument("--runs", type=int, default=3, help="repetitions of timings")
    parser.add_argument("--epochs", type=int, default=10, help="epochs timed")
    parser.add_argument("--samples", type=int, default=100000)
    parser.add_argument("--ensemble", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=200, help="of accuracy")
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[1000, 200], help="of speed")
    parser.add_argument("--only-ours", action="store_true")
    parser.add_argument("--options", type=str.split, default=[], help="more options of our fit")
    parser.add_argument("--work", default="/tmp", help="folder for files in between")
    arguments = parser.parse_args()
    arguments.data = [os.path.abspath(path) for path in arguments.data]
    os.chdir(arguments.work)  # sbi writes logs to where it is started
    {"accuracy": accuracy, "speed": speed, "sampling": sampling}[arguments.what](arguments)


if __name__ == "__main__":
    sys.exit(main())

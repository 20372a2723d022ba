#!/usr/bin/python3
"""Reference values of the 17 spike-train and weight metrics (src/metrics/README.md).

    spike_metrics.py OUT.h5

Makes synthetic spike trains and weight samples for several cases, computes the
metrics from their definitions with numpy and scipy, and writes both to OUT.h5
(the committed copy is tests/data/spike_metrics.h5). Seeds are fixed; the file
is the same in every run.

Spike times are integer steps of DT from the beginning of the scored window.
A case is the group case_NAME with
  attributes  dt, duration_steps, wmax, neurons_e, neurons_i
  spikes_e/offsets, spikes_e/steps    neuron k: steps[offsets[k]:offsets[k+1]]
  spikes_i/offsets, spikes_i/steps
  weights/ee, ei, ie, ii              (samples, synapses), sample k at step
                                      1000 k; absent if not plastic
  expected                            the metrics, as float64 attributes

Where the definitions leave something open, this script takes
  - kl_isi: the mean of the intervals is that before clipping; an interval of
    1 s or more is in the last bin (so this last bin holds its upper edge); the
    exponential's mass beyond 1 s is in no bin; "rate <= 0.1" is about
    1/mean(ISI); without any interval the result is 0;
  - temporal_Fano: a neuron's "3 spikes or fewer" are those in the bins;
  - w_creep: connections with a + b <= 0.1 count as 0;
  - w_blow, w_creep: NaN if no connection is plastic.
"""
import sys

import h5py
import numpy as np
from scipy import fft, stats

DT = 1e-4
PER_SECOND = 10000                      # steps
CONNECTIONS = ("ee", "ei", "ie", "ii")


# ---------------------------------------------------------------- the metrics

def bin_counts(trains, duration, width):
    """Counts (neurons, bins) in bins of `width` steps with the edges 0, width,
    2 width, ... below `duration`. numpy.histogram closes the last bin at its
    upper edge, so the spikes from there on are taken away first."""
    edges = np.arange(0, duration, width)
    return np.array([np.histogram(t[t < edges[-1]], edges)[0] for t in trains])


def cv_per_neuron(trains):
    cv = np.zeros(len(trains))
    for k, t in enumerate(trains):
        isi = np.diff(t)
        if isi.size >= 3:
            cv[k] = np.std(isi) / np.mean(isi)
    return cv


def kl_isi(trains):
    isi = np.concatenate([np.diff(t) for t in trains])
    if isi.size == 0:
        return 0.0
    # Edges k/99 s, in units of 1/99 step so that all is integer.
    clipped = np.clip(isi, 0, PER_SECOND)
    p = np.histogram(99 * clipped, PER_SECOND * np.arange(100))[0] / isi.size
    rate = 1 / (np.mean(isi) * DT)
    if rate <= 0.1:
        rate = 0.01
    # Differences of 1 - cdf: the same masses, without cancellation in the tail.
    q = -np.diff(stats.expon.sf(np.linspace(0, 1, 100), scale=1 / rate))
    on = p > 0
    return abs(np.sum(p[on] * np.log(p[on] / q[on])))


def mean_fano(counts):
    """Mean over rows of variance/mean, which is 0 for 3 spikes or fewer."""
    return np.mean([np.var(c) / np.mean(c) if c.sum() > 3 else 0.0
                    for c in counts])


def auto_cov(counts):
    value = np.ones(len(counts))
    for k, c in enumerate(counts):
        if np.std(c) > 0.05:
            x = c - np.mean(c)
            a = np.abs(np.correlate(x, x, "full"))
            zero = c.size - 1                       # where lag 0 is
            value[k] = np.mean(a[zero - 50:zero + 51]) / np.max(a)
    return np.mean(value)


def metrics(e, i, duration, weights, wmax):
    T = duration * DT
    n_spikes = np.array([t.size for t in e])
    cv = cv_per_neuron(e)
    bins100 = bin_counts(e, duration, 1000)
    y = np.mean(bin_counts(e, duration, 10), axis=0)
    N = y.size
    spectrum = (2 / N) * np.abs(fft.fft(y))
    m = {
        "rate": n_spikes.sum() / len(e) / T,
        "rate_i": sum(t.size for t in i) / len(i) / T,
        "cv_isi": np.mean(cv),
        "std_cv": np.std(cv),
        "kl_isi": kl_isi(e),
        "spatial_Fano": mean_fano(bins100.T),
        "temporal_Fano": mean_fano(bins100),
        "auto_cov": auto_cov(bin_counts(e, duration, 100)),
        "fft": np.sum(spectrum[1:N // 2]),          # k = 1 .. N/2 - 1
        "std_rate_temporal": np.std(y),
        "std_rate_spatial": np.std(n_spikes / T),
    }
    blow, creep = [], []
    for c in CONNECTIONS:
        m["w" + c + "f"] = np.nan
        if c not in weights:
            continue
        w = weights[c].astype(np.float64)
        inner = w[1:]                               # sample 0 is at t0 itself
        blow.append(np.mean((inner == 0) | (inner == wmax)))
        a, b = np.mean(w[0]), np.mean(w[-1])
        creep.append(abs(2 * (b - a) / (a + b)) if a + b > 0.1 else 0.0)
        m["w" + c + "f"] = b
    m["w_blow"] = np.mean(blow) if blow else np.nan
    m["w_creep"] = np.max(creep) if creep else np.nan
    return m


# ------------------------------------------------------------ synthetic data

def steps(values):
    return np.array(sorted(values), dtype=np.int64)


def poisson(rng, neurons, duration, rates):
    """A Bernoulli draw per step; rates (Hz): number, per neuron (neurons, 1) or
    per step (duration)."""
    rates = np.broadcast_to(rates, (neurons, duration))
    return [np.flatnonzero(rng.random(duration) < rates[k] * DT)
            for k in range(neurons)]


def rate_spread(rng, neurons, low, high):
    return low + (high - low) * rng.random((neurons, 1))


def weight_samples(rng, duration, synapses, first, last, wmax, saturated=0.0):
    """Weights whose mean goes from `first` to `last`, with a part `saturated` of
    all samples set to 0 or wmax, and twice that part of sample 0."""
    n = len(range(0, duration, 1000))
    mean = np.linspace(first, last, n)[:, None]
    w = mean * (0.5 + rng.random((n, synapses)))
    w = np.clip(w, 0.001 * first, 0.99 * wmax).astype(np.float32)
    part = np.full((n, 1), saturated)
    part[0] *= 2
    hit, high = rng.random(w.shape) < part, rng.random(w.shape) < 0.3
    w[hit & high] = wmax
    w[hit & ~high] = 0
    return w


def irregular():
    """Asynchronous irregular network, all four connections plastic."""
    rng, d, wmax = np.random.default_rng(1), 100000, 10.0
    e = poisson(rng, 100, d, rate_spread(rng, 100, 3, 7))
    i = poisson(rng, 50, d, 8)
    w = {"ee": weight_samples(rng, d, 40, 0.20, 0.21, wmax, 0.02),
         "ei": weight_samples(rng, d, 30, 0.30, 0.295, wmax),
         "ie": weight_samples(rng, d, 25, 1.50, 1.52, wmax, 0.05),
         "ii": weight_samples(rng, d, 20, 1.20, 1.20, wmax)}
    return e, i, d, w, wmax


def oscillating():
    """Population-wide volleys at 7.3 Hz; the connection ee has a + b <= 0.1 and
    would have the largest creep."""
    rng, d, wmax = np.random.default_rng(2), 100000, 5.0
    wave = 1 + np.cos(2 * np.pi * 7.3 * DT * np.arange(d))
    e = poisson(rng, 80, d, 3 * wave ** 4 / 2)
    i = poisson(rng, 40, d, 6 * wave ** 4 / 2)
    w = {"ee": weight_samples(rng, d, 30, 0.01, 0.05, wmax),
         "ei": weight_samples(rng, d, 20, 0.30, 0.36, wmax, 0.01),
         "ie": weight_samples(rng, d, 40, 2.00, 1.60, wmax, 0.10)}
    return e, i, d, w, wmax


def regular():
    """Regular firing; neurons 0..9 have 0, 0, 1, 1, 2, 2, 3, 3, 4, 4 spikes."""
    rng, d, wmax = np.random.default_rng(3), 100000, 10.0
    e = [steps(rng.choice(np.arange(5000, 95000), size=k // 2, replace=False))
         for k in range(10)]
    for _ in range(50):
        period = rng.integers(700, 2000)
        t = rng.integers(period) + np.cumsum(
            np.round(period * (0.95 + 0.1 * rng.random(d // 600))))
        e.append(steps(t[t < d]))
    i = [np.arange(17 * k, d, 600 + k) for k in range(20)]
    w = {"ie": weight_samples(rng, d, 30, 0.50, 0.80, wmax, 0.02)}
    return e, i, d, w, wmax


def silent():
    """No spike at all. ee is at its bounds or one float32 away from wmax, or
    tiny, ei is all 0 (a + b = 0)."""
    d, wmax = 100000, 10.0
    none = np.zeros(0, dtype=np.int64)
    values = [0, wmax, np.nextafter(np.float32(wmax), np.float32(0)), 1e-20, 1]
    ee = np.tile(np.array(values, dtype=np.float32), (100, 1))
    w = {"ee": ee, "ei": np.zeros((100, 4), dtype=np.float32)}
    return [none] * 20, [none] * 10, d, w, wmax


def short():
    """T = 1 s: 9, 99 and 999 bins."""
    rng, d, wmax = np.random.default_rng(5), 10000, 10.0
    e = poisson(rng, 100, d, 22)
    i = poisson(rng, 50, d, 30)
    w = {"ei": weight_samples(rng, d, 30, 0.10, 0.11, wmax, 0.05),
         "ii": weight_samples(rng, d, 20, 3.00, 2.50, wmax, 0.10)}
    return e, i, d, w, wmax


def uneven():
    """T = 2.05 s: 20 bins of 0.1 s, which end 0.05 s before the window does."""
    rng, d, wmax = np.random.default_rng(6), 20500, 10.0
    e = poisson(rng, 90, d, rate_spread(rng, 90, 8, 16))
    i = poisson(rng, 45, d, 15)
    w = {c: weight_samples(rng, d, 20 + 5 * k, 0.4 + k, 0.4 + 1.1 * k, wmax, 0.03)
         for k, c in enumerate(CONNECTIONS)}
    return e, i, d, w, wmax


def even():
    """T = 1.2345 s: not a multiple of any bin, and 1234 bins of 1 ms, an even
    number (the multiples of 1 ms which are even give odd ones)."""
    rng, d, wmax = np.random.default_rng(7), 12345, 10.0
    e = poisson(rng, 60, d, 20)
    i = poisson(rng, 30, d, 25)
    w = {"ee": weight_samples(rng, d, 20, 0.30, 0.31, wmax),
         "ii": weight_samples(rng, d, 15, 1.00, 1.00, wmax, 0.20)}
    return e, i, d, w, wmax


def edges():
    """T = 2 s, spikes on edges of all bins or a step before them, at step 0, at
    the last step and on the last edges (19000, 19900, 19990); also intervals of
    exactly 1 s."""
    rng, d, wmax = np.random.default_rng(8), 20000, 10.0
    e = []
    for k in range(48):
        on = rng.choice(np.arange(1, d // 1000 - 1), 6, replace=False) * 1000
        t = set(on - (k % 3 == 1))                  # 0.1 s edges, or just below
        t |= set(rng.integers(1, 190, 4) * 100 - (k % 3 == 2))
        t |= set(rng.integers(1, 1900, 4) * 10)
        t |= {0} if k % 2 else set()
        t |= {d - 1} if k % 4 < 2 else set()
        t |= {19000, 19900, 19990} if k % 5 == 0 else set()
        t |= {18999, 19899, 19989} if k % 5 == 1 else set()
        e.append(steps(t))
    e.append(steps([0, 1, 2, 3, 10003, d - 1]))
    e.append(steps([0, 999, 1000, 1001, 11001, 11002]))
    i = [steps([0, d - 1]), steps([d - 1]), steps([0])]
    w = {"ei": weight_samples(rng, d, 30, 0.30, 0.30, wmax, 0.05)}
    return e, i, d, w, wmax


def bursting():
    """Bursts with pauses of 1 to 3 s: intervals beyond the range of kl_isi."""
    rng, d, wmax = np.random.default_rng(9), 100000, 1.5
    e = []
    for _ in range(60):
        isi = []
        while sum(isi) < d:
            isi += [rng.integers(10000, 30000)]
            isi += list(rng.integers(20, 300, size=rng.integers(3, 9)))
        t = np.cumsum(isi) - 9000
        e.append(steps(t[t < d]))
    i = poisson(rng, 30, d, 4)
    w = {"ee": weight_samples(rng, d, 25, 0.20, 0.10, wmax, 0.05),
         "ie": weight_samples(rng, d, 20, 0.60, 0.90, wmax, 0.10),
         "ii": weight_samples(rng, d, 15, 0.40, 0.40, wmax)}
    return e, i, d, w, wmax


def sparse():
    """T = 60 s, mean interval above 10 s and mean rate below 0.1 Hz. A 0.1 s bin
    with exactly 4 spikes (neurons 0..3) and one with 3 (4..6); neuron 11 has its
    4 spikes in 3 ms and so is the only one to pass auto_cov's threshold."""
    rng, d, wmax = np.random.default_rng(10), 600000, 10.0
    none = np.zeros(0, dtype=np.int64)
    first = [50000, 50200, 50450, 50999, 70000, 70300, 70999,
             90000, 110000, 130000, 20000]
    e = [steps(t + np.cumsum([0] + list(rng.integers(130000, 150000, size=3))))
         for t in first]
    e.append(steps([300000, 300010, 300021, 300030]))
    e += [none] * 28
    i = [steps([100, 200000]), none]
    w = {"ie": weight_samples(rng, d, 3, 1.00, 1.30, wmax, 0.05),
         "ii": weight_samples(rng, d, 2, 0.50, 0.50, wmax)}
    return e, i, d, w, wmax


CASES = (irregular, oscillating, regular, silent, short, uneven, even, edges,
         bursting, sparse)


# -------------------------------------------------------------------- writing

def write_trains(group, trains, duration):
    for t in trains:
        assert np.all(np.diff(t) > 0) and np.all((t >= 0) & (t < duration))
    offsets = np.cumsum([0] + [t.size for t in trains])
    group["offsets"] = offsets.astype(np.uint64)
    group["steps"] = np.concatenate(trains).astype(np.uint32)


def main(path):
    with h5py.File(path, "w") as file:
        for case in CASES:
            e, i, duration, weights, wmax = case()
            group = file.create_group("case_" + case.__name__)
            group.attrs["dt"] = np.float64(DT)
            group.attrs["duration_steps"] = np.int64(duration)
            group.attrs["wmax"] = np.float64(wmax)
            group.attrs["neurons_e"] = np.int64(len(e))
            group.attrs["neurons_i"] = np.int64(len(i))
            write_trains(group.create_group("spikes_e"), e, duration)
            write_trains(group.create_group("spikes_i"), i, duration)
            for c, w in weights.items():
                group["weights/" + c] = w
            expected = group.create_group("expected")
            for name, x in metrics(e, i, duration, weights, wmax).items():
                expected.attrs[name] = np.float64(x)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: spike_metrics.py OUT.h5")
    main(sys.argv[1])

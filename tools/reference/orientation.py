#!/usr/bin/python3
"""The model `orientation` once more, plainly, in numpy and scipy: equations and metrics as in their specification, all
weights of the second half stored, random numbers as the program draws them.

    tools/reference/orientation.py > tests/data/orientation_plain.csv

Runs the cases below and prints one line each: variant, further settings, seed, theta, metrics. The test
model.orientation compares the program with it to 1e-8.

Needs python3-numpy and python3-scipy, 2 GB of memory, and about a minute a case.
"""
import sys
import warnings

import numpy
from scipy.optimize import curve_fit

MASK = (1 << 64) - 1
MULTIPLIER = 6364136223846793005
GOLDEN = 0x9E3779B97F4A7C15
LANES = 8

CASES = [
    ("full", {}, 1, [1, 0, 0, 0, 1, 0, 0, 0]),
    ("full", {}, 2, [1.2920876, 1.9073045, -0.29716802, 1.5834658, 1.5841813, 0.46677494, 0.04764509, 1.6427896]),
    ("full", {}, 3, [1.0731, 1.7907, -0.7268, -1.8265, -0.2449, -1.8301, 0.6306, 0.5031]),
    ("full", {}, 4, [-0.4541, -0.7575, -0.0572, 0.1211, 1.2214, -0.6262, -1.3495, -0.1789]),
    ("fixed_excitatory", {}, 5, [1.7128, 1.4708, -1.1075, -1.0487]),
    ("full", {"N_e": 60, "N_i": 35, "groups": 5, "duration": 20000, "I_delay": 20.5, "stimulus_duration": 40,
              "drift_window": 700, "sampled_steps": 77}, 6,
     [1.5610695, -0.2921102, -0.8769188, 1.188369, 1.9337659, -1.0810878, -1.5659373, -0.8404443]),
]


def mix(value):
    value &= MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


class Pcg:
    """PCG XSH-RR 64/32."""

    def __init__(self, initial_state, sequence):
        self.state, self.increment = 0, ((sequence << 1) | 1) & MASK
        self.next()
        self.state = (self.state + initial_state) & MASK
        self.next()

    def next(self):
        old = self.state
        self.state = (old * MULTIPLIER + self.increment) & MASK
        xorshifted, rotation = (((old >> 18) ^ old) >> 27) & 0xFFFFFFFF, old >> 59
        return ((xorshifted >> rotation) | (xorshifted << ((32 - rotation) & 31))) & 0xFFFFFFFF

    def next_64(self):
        high = self.next()
        return high << 32 | self.next()

    def uniform(self):
        high, low = self.next() >> 5, self.next() >> 6
        return (high << 26 | low) / 2**53


class Noise:
    """Uniform numbers of LANES generators side by side, `count` (a multiple of LANES) a step."""

    def __init__(self, stream, count):
        self.lanes = []
        for _ in range(LANES):
            initial_state = stream.next_64()
            self.lanes.append(Pcg(initial_state, stream.next_64()))
        self.count = count

    def steps(self, steps):
        rounds = steps * self.count // LANES
        power, sum_of_powers = [1], [0]
        for _ in range(rounds):
            sum_of_powers.append((sum_of_powers[-1] + power[-1]) & MASK)
            power.append((power[-1] * MULTIPLIER) & MASK)
        power, sum_of_powers = numpy.array(power, numpy.uint64), numpy.array(sum_of_powers, numpy.uint64)
        numbers = numpy.empty((rounds, LANES))
        for k, lane in enumerate(self.lanes):
            states = power * numpy.uint64(lane.state) + sum_of_powers * numpy.uint64(lane.increment)
            lane.state = int(states[-1])
            old = states[:-1]
            xorshifted = (((old >> numpy.uint64(18)) ^ old) >> numpy.uint64(27)).astype(numpy.uint32)
            rotation = (old >> numpy.uint64(59)).astype(numpy.uint32)
            numbers[:, k] = (xorshifted >> rotation) | (xorshifted << ((32 - rotation) & numpy.uint32(31)))
        return (numbers / 2**32).reshape(steps, self.count)


def difference(angle):
    """Modulo pi, from -pi/2 to pi/2."""
    return (angle + numpy.pi / 2) % numpy.pi - numpy.pi / 2


def activation(angles, inputs, groups, width):
    """Stimuli x inputs."""
    preferred = numpy.repeat(numpy.arange(groups) * numpy.pi / groups, inputs // groups)
    d = difference(angles[:, None] - preferred)
    return 0.01 + numpy.exp(-d**2 / (2 * width**2))


def padded(inputs):
    return -(-inputs // LANES) * LANES


def simulate(variant, settings, seed, theta):
    """Rates, and weights with which each step of the second half begins; angles; the steps to sample."""
    rule_e, rule_i = ([1, 0, 0, 0], theta) if variant == "fixed_excitatory" else (theta[:4], theta[4:])
    n_e, n_i, groups = settings.get("N_e", 200), settings.get("N_i", 50), settings.get("groups", 10)
    dt, q = 0.1, 0.1
    steps = round(settings.get("duration", 100000) / dt)
    shown = round(settings.get("stimulus_duration", 50) / dt)
    delay = round(settings.get("I_delay", 0) / dt)
    stream = Pcg(mix(seed + GOLDEN), mix(seed + 2 * GOLDEN))
    angles = numpy.array([numpy.pi * stream.uniform() for _ in range(steps // shown)])
    w_e = numpy.array([5 / n_e * stream.uniform() for _ in range(n_e)])
    w_i = numpy.array([1.5 / n_i * stream.uniform() for _ in range(n_i)])
    noise = Noise(stream, padded(n_e) + padded(n_i))
    half = steps // 2
    sampled, wanted = [], settings.get("sampled_steps", 1000)
    for i in range(half):
        if len(sampled) < wanted and (half - i) * stream.uniform() < wanted - len(sampled):
            sampled.append(half + i)
        if len(sampled) == wanted:
            break
    a_e = activation(angles, n_e, groups, numpy.pi / 6)
    a_i = activation(angles, n_i, groups, numpy.pi / 4)
    mean_e, mean_i = a_e.mean(), a_i.mean()
    rates = numpy.zeros(steps)
    rates[0] = 0.01
    kept_e, kept_i = numpy.empty((steps - half, n_e)), numpy.empty((steps - half, n_i))
    v, total_e = 0.25, 5.0
    eta_e, eta_i = 0.001, 0.002
    chunk = 1000
    for t in range(1, steps):
        if (t - 1) % chunk == 0:
            uniform = noise.steps(chunk)
        if t >= half:
            kept_e[t - half], kept_i[t - half] = w_e, w_i
        if t == steps - 1:
            break
        u = uniform[(t - 1) % chunk]
        e = 0.5 * ((1 - q) * a_e[t // shown] + 2 * q * mean_e * u[:n_e])
        i = 0.5 * ((1 - q) * a_i[(t - delay) % steps // shown] + 2 * q * mean_i * u[padded(n_e):padded(n_e) + n_i])
        v += dt * (-v + w_e @ e - w_i @ i) / 2
        r = max(v - 0.25, 0) ** 2
        rates[t] = r
        w_e = numpy.maximum(w_e + eta_e * dt * ((rule_e[0] * r + rule_e[1]) * e + rule_e[2] * r + rule_e[3]), 0)
        w_i = numpy.maximum(w_i + eta_i * dt * ((rule_i[0] * r + rule_i[1]) * i + rule_i[2] * r + rule_i[3]), 0)
        total_e -= 0.25 * eta_e * dt * (r - 0.01)
        w_e = w_e * (total_e / w_e.sum())
        w_i = w_i * (1.5 / w_i.sum())
    return rates, kept_e, kept_i, angles, sampled, shown, groups


def dispersion(w, groups):
    return numpy.mean([group.std() for group in w.reshape(groups, -1)]) / w.std()


def group_means(w, groups):
    return w.reshape(groups, -1).mean(axis=1)


def tuning(rates, angles, shown):
    half = len(angles) // 2
    responses = rates.reshape(-1, shown)[half:].mean(axis=1)
    responses = responses / (responses.max() + 0.001)
    angles = angles[half:]

    def curve(angle, amplitude, mu, sigma, offset):
        return offset + abs(amplitude) * numpy.exp(-difference(angle - mu)**2 / (2 * sigma**2))

    def slopes(angle, amplitude, mu, sigma, _):
        d = difference(angle - mu)
        bell = numpy.exp(-d**2 / (2 * sigma**2))
        by_mu = abs(amplitude) * bell * d / sigma**2
        return numpy.stack([numpy.where(amplitude < 0, -1, 1) * bell, by_mu, by_mu * d / sigma, numpy.ones_like(d)], axis=1)
    start = [responses.max(), angles[responses.argmax()], 0.349, 0]
    fit, _ = curve_fit(curve, angles, responses, p0=start, jac=slopes, ftol=1e-15, xtol=1e-15, gtol=1e-15, maxfev=100000)
    left = ((responses - curve(angles, *fit))**2).sum()
    r2 = 1 - left / ((responses - responses.mean())**2).sum()
    return [abs(fit[0]), fit[1] % numpy.pi, abs(fit[2]), r2, fit[3]]


def score(rates, w_e, w_i, angles, sampled, shown, groups, window):
    half = len(rates) // 2
    both = (w_e, w_i)
    deviations = [w.std(axis=0) for w in both]
    means = [w.mean(axis=0) for w in both]
    stability = 1 - sum(s.mean() for s in deviations)
    population_stability = 1 - sum(s.mean() / m.mean() for s, m in zip(deviations, means))

    def balance(t):
        return numpy.corrcoef(*[group_means(w[t], groups) for w in both])[0, 1]
    rows = [t - half for t in sampled]
    drifts = []
    for w in both:
        windows = []
        for begin in range(0, half - window, window):
            a, b = group_means(w[begin], groups), group_means(w[begin + window], groups)
            windows.append((abs(b - a) / (a + b + 1e-10)).sum())
        drifts.append(numpy.mean(windows))
    cv = [numpy.where(m == 0, 0, s / numpy.where(m == 0, 1, m)).mean() for s, m in zip(deviations, means)]
    return [stability, population_stability, balance(-1), numpy.mean([balance(t) for t in rows]),
            1 - sum(dispersion(w[-1], groups) for w in both),
            1 - sum(numpy.mean([dispersion(w[t], groups) for t in rows]) for w in both),
            *drifts, *cv, sum(cv), *[m.mean() / m.max() for m in means], *tuning(rates, angles, shown)]


def main():
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", "overflow encountered")
    warnings.filterwarnings("ignore", "Covariance of the parameters")
    for variant, settings, seed, theta in CASES:
        *recorded, shown, groups = simulate(variant, settings, seed, theta)
        metrics = score(*recorded, shown, groups, round(settings.get("drift_window", 1000) / 0.1))
        extra = "".join(f" {key}: {value}," for key, value in settings.items())
        fields = [f"variant: {variant},{extra}".rstrip(","), str(seed)]
        fields += [repr(float(number)) for number in [*theta, *metrics]]
        print(";".join(fields), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

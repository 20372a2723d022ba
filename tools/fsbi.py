"""Campaign files in Python: rounds as numpy structured arrays, conditions, samples of posteriors, pictures on matplotlib axes.

    import fsbi                                       # with tools/ in sys.path, or PYTHONPATH=tools
    campaign = fsbi.Campaign("my_search.h5")          # also while it runs
    rows = campaign.rounds[2].finished                # columns by name, "theta", "seed" and "status" among them
    good = fsbi.apply_n_conditions(rows, [("rate", 1, 50), ("rate_i", 1, 50)])
    theta, x = campaign.sample(1000, x_ranges={"rate": (5, 10)})
    fsbi.plot_metric(pyplot.gca(), campaign, "rate")

Needs Debian's python3-numpy, python3-h5py, python3-yaml, and python3-matplotlib for pictures.
"""
import ast
import os
import shutil
import subprocess
import tempfile

# The program locks its files itself; HDF5's own locks would keep readers from a file that is being written.
os.environ.setdefault("HDF5_USE_FILE_LOCKING", "FALSE")

import h5py  # noqa: E402
import numpy  # noqa: E402
import yaml  # noqa: E402

OK = 1  # of `status`; 0 is pending


def find_program():
    """The program: $FSBI_MPI, the build beside this file, or the one that is installed."""
    beside = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "build/release/fsbi_mpi")
    for program in (os.environ.get("FSBI_MPI"), beside, shutil.which("fsbi_mpi")):
        if program and os.access(program, os.X_OK):
            return program
    raise FileNotFoundError("there is no fsbi_mpi: build it (tools/build), or say where it is in $FSBI_MPI")


def _text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def _names(group, name):
    return [_text(entry) for entry in group.attrs[name]]


class Posterior:
    """A posterior (or classifier): its losses, and its check on rows held out."""

    def __init__(self, group):
        self.theta_names = _names(group, "theta_names")
        self.x_names = _names(group, "x_names")
        self.epochs = group["epochs"][()]
        self.training_loss = group["training_loss"][()]  # members x epochs, NaN after the last
        self.validation_loss = group["validation_loss"][()]
        self.trained_rows = int(group["rows"][0])
        check = group.get("check")
        self.checked_rows = max(int(check["rows"][0]), 0) if check is not None else 0
        self.check_samples = int(group.attrs["check_samples"])
        # Ranks of the true values among the samples, rows x columns, a column for each parameter and a last one for the log-density.
        self.ranks = check["ranks"][: self.checked_rows] if self.checked_rows else numpy.empty((0, 0), int)
        self.results = check["results"][()] if self.checked_rows else None
        self.result_names = _names(check, "result_names") if self.checked_rows else []
        # Nats that x tells about theta, and their standard error; NaN: not measured (files of earlier versions).
        self.learned, self.learned_error = check["learned"][()] if self.checked_rows and "learned" in check else (numpy.nan, numpy.nan)

    @property
    def trained(self):
        """How many of its networks are trained."""
        return int(numpy.count_nonzero(self.epochs))


class Round:
    """A round of a campaign: its rows, where their rules came from, what was trained on them."""

    def __init__(self, index, group, settings):
        self.index = index
        self.settings = settings  # its part of the configuration
        self.rows = group["sims"][()]
        self.source = _text(group["proposal"].attrs["source"])
        self.x_names = _names(group["proposal"], "x_names") if "x" in group["proposal"] else []
        self.x = group["proposal/x"][()] if self.x_names else None
        # Of a round that runs rules of earlier ones again: round and row of each.
        self.origins = group["proposal/from"][()] if "from" in group["proposal"] else None
        # Of an imported one: what names each simulation, and the columns of the original.
        self._seeds = group["proposal/seed"][()] if "seed" in group["proposal"] else self.rows["seed"]
        self.columns = _text(group["proposal/columns"][0]) if "columns" in group["proposal"] else ""
        self.posterior = Posterior(group["posterior"]) if "posterior" in group else None
        self.timing = {_text(entry["phase"]): entry for entry in group["timing"][()]} if "timing" in group else {}
        # Of a campaign with rounds towards conditions: what makes the rows a sample of the prior (NaN: not known yet; 0: no density).
        self.weights = group["weights"][()] if "weights" in group else None
        # Of each row, the share of its re-runs (rules_of) that met the conditions again; NaN: it was not run again.
        self.held = group["held"][()] if "held" in group else None
        # Of a round towards conditions: the conditions, and of each level its sharpness, rows and the share expected to meet them.
        self.towards = _conditions((settings.get("propose") or {}).get("towards")) if self.source == "towards" else []
        self.levels = _levels(group["proposal"]) if self.source == "towards" else []
        self.accepted_so_far = group["filter/accepted"][()].astype(bool) if "accepted" in group["filter"] else None

    @property
    def done(self):
        return self.rows["status"] > 0

    @property
    def seeds(self):
        """What names the simulation of each row, as text: UTF-8, or else Latin-1."""
        if self._seeds.dtype.kind != "S":
            return self._seeds.astype("U64")
        try:
            return numpy.char.decode(self._seeds, "utf-8").astype("U64")
        except UnicodeDecodeError:
            return numpy.char.decode(self._seeds, "latin-1").astype("U64")

    @property
    def finished(self):
        """The rows that are simulated, whatever became of them."""
        return self.rows[self.done]


class Campaign:
    """A campaign file, as it is when it is opened."""

    def __init__(self, path):
        self.path = path
        with h5py.File(path, "r") as file:
            if "effective_config" not in file.attrs or "shard" in file.attrs:
                raise ValueError(f"{path} is no campaign file")
            self.configuration = yaml.safe_load(_text(file.attrs["effective_config"]))
            self.model = _text(file.attrs["model"])
            self.program_version = _text(file.attrs["program_version"])
            self.parameter_names = _names(file, "parameter_names")
            self.parameter_units = _names(file, "parameter_units")
            names = _names(file, "metric_names")
            self.metric_units = dict(zip(names, _names(file, "metric_units")))
            published = int(file.attrs.get("published_metrics", len(names)))
            self.metric_names, self.observable_names = names[:published], names[published:]
            self.low, self.high = file["prior/low"][()], file["prior/high"][()]
            self.nuisance = file["prior/nuisance"][()].astype(bool)
            settings = self.configuration.get("rounds") or [{}]
            self.rounds = [Round(k, file[f"rounds/{k:02d}"], settings[k]) for k in range(len(file["rounds"]))]
        self.name = self.configuration["campaign"]["name"]

    @property
    def groups(self):
        """The named groups of conditions, {name: [(metric, low, high), ...]}; those that ask for best shares are left out."""
        groups = {name: _conditions(group) for name, group in (self.configuration.get("conditions") or {}).items()}
        return {name: conditions for name, conditions in groups.items() if conditions}

    def accepted(self, last=None):
        """For each round up to `last`, which of its rows the posterior of that round was trained on; None without one."""
        last = len(self.rounds) - 1 if last is None else last
        flags = self.rounds[last].accepted_so_far
        if flags is None:
            return None
        ends = numpy.cumsum([len(round.rows) for round in self.rounds[: last + 1]])
        return numpy.split(flags, ends[:-1])

    def found(self, conditions, last=None):
        """Rows up to round `last` that meet conditions (metric, low, high) and have a weight, and their weights: a weighted sample of
        p(rule | conditions). Third, how many rows have one: the weights' sum over it is the share of the prior that meets them."""
        rounds = [round for round in self.rounds[: None if last is None else last + 1] if round.weights is not None]
        rows = numpy.concatenate([round.rows for round in rounds])
        weights = numpy.nan_to_num(numpy.concatenate([round.weights for round in rounds]))
        chosen = (weights > 0) & (rows["status"] == OK) & apply_n_conditions(rows, conditions)
        return rows[chosen], weights[chosen], int(numpy.sum((weights > 0) | (rows["checkpoint"] > 0)))

    def whitened(self, theta):
        """Inferred parameters, scaled so that each has mean 0 and variance 1 under the prior."""
        width = numpy.where(self.high > self.low, self.high - self.low, 1)
        return ((theta - (self.low + self.high) / 2) * numpy.sqrt(12) / width)[:, ~self.nuisance]

    def sample(self, count, round=None, x=None, x_ranges=None, seed=1):
        """Draws from a round's posterior (the last one): theta without nuisance, and the x of each sample.

        x: one number for each of the posterior's metrics; or x_ranges: {metric: (low, high)} for each of them; neither, if it has no x."""
        with tempfile.TemporaryDirectory() as folder:
            output = os.path.join(folder, "samples.h5")
            options = [] if round is None else ["--round", round]
            options += [] if x is None else ["--x", ",".join(map(repr, map(float, x)))]
            for metric, (low, high) in (x_ranges or {}).items():
                options += ["--x-range", f"{metric}={float(low)!r}:{float(high)!r}"]
            _run("sample", self.path, "-n", count, "-o", output, "--seed", seed, *options)
            with h5py.File(output, "r") as file:
                return file["theta"][()], file["x"][()] if "x" in file else numpy.empty((count, 0))


def _levels(proposal):
    names = _names(proposal, "level_columns")
    return [dict(zip(names, level)) for level in proposal["levels"][()] if not numpy.isnan(level[0])]


def _conditions(group):
    """Conditions of a group as it stands in a configuration; none if they are not all intervals."""
    if any(isinstance(interval, dict) for interval in (group or {}).values()):
        return []
    return [(metric, float(interval[0]), float(interval[1])) for metric, interval in (group or {}).items()]


def apply_n_conditions(dataset, conditions):
    """Which rows of a structured array meet all conditions (metric, low, high), ends included; rows with NaN do not."""
    met = numpy.ones(len(dataset), bool)
    for metric, low, high in conditions:
        met &= (low <= dataset[metric]) & (dataset[metric] <= high)
    return met


def load_and_merge(folder, paths):
    """Rows of several .npy files, or of all rounds of campaign files, in one array: the columns that all have."""
    parts = []
    for path in (os.path.join(folder, entry) for entry in paths):
        if path.endswith(".npz"):
            raise ValueError(f"'{path}' is an archive of arrays: save the structured one among them with numpy.save")
        try:
            parts += [numpy.load(path)] if path.endswith(".npy") else [to_dataset(Campaign(path))]
        except ValueError as problem:
            if "pickle" not in str(problem):
                raise
            raise ValueError(f"'{path}' has a field of Python objects, which only pickle can read: leave it out before numpy.save") from None
        if parts[-1].dtype.names is None or parts[-1].ndim != 1:
            raise ValueError(f"'{path}' is no structured array, one entry a simulation")
    if len(parts) == 1:
        return parts[0]
    names = [name for name in parts[0].dtype.names if all(name in part.dtype.names for part in parts)]
    return numpy.concatenate([part[names] for part in parts])


def _rounds(campaign, indices):
    """These rounds, or all."""
    return campaign.rounds if indices is None else [campaign.rounds[k] for k in indices]


def to_dataset(campaign, rounds=None):
    """Finished rows as the fSBI package has them: `seed` (text), `theta`, and every metric; NaN where a simulation was not ok."""
    chosen = _rounds(campaign, rounds)
    rows = numpy.concatenate([round.finished for round in chosen])
    kind = [("seed", "U64"), ("theta", "f8", (len(campaign.low),))] + [(name, "f8") for name in campaign.metric_names]
    if len(chosen) == 1 and chosen[0].columns:
        original = numpy.lib.format.descr_to_dtype(ast.literal_eval(chosen[0].columns))
        lost = [name for name in original.names if name != "seed" and name not in rows.dtype.names]
        kind = [(name, original[name]) for name in original.names if name not in lost] if lost else original
    dataset = numpy.zeros(len(rows), kind)
    for name in dataset.dtype.names:
        column = rows[name]
        if name == "seed":
            column = numpy.concatenate([(round._seeds if dataset.dtype["seed"].kind == "S" else round.seeds)[round.done] for round in chosen])
        dataset[name] = column[:, 0] if column.ndim > dataset[name].ndim else column
    return dataset


def _fields_of(kind, names):
    """These fields as numpy describes them in its files."""
    return [entry for entry in numpy.lib.format.dtype_to_descr(kind) if entry[0] in names]


def from_dataset(dataset, path):
    """Writes such an array as an HDF5 file that a campaign can import (propose: {import: FILE}). Returns the names of fields that are
    left out: neither numbers nor text; or a seed that is neither an integer nor at most 64 bytes of text."""
    if dataset.dtype.names is None or "theta" not in dataset.dtype.names or dataset.ndim != 1:
        raise ValueError("no structured array with a field 'theta', one entry a simulation")
    columns, left_out = {}, []
    if len(dataset) == 0:
        raise ValueError("the array has no rows")
    for name in dataset.dtype.names:
        column = numpy.char.encode(dataset[name], "utf-8") if dataset.dtype[name].kind == "U" else dataset[name]
        known = "iuS" if name == "seed" else "fiubS"
        if column.dtype.base.kind in known and (name != "seed" or column.dtype.itemsize <= 64):
            columns[name] = column
        else:
            left_out.append(name)
    table = numpy.zeros(dataset.shape, [(name, column.dtype, column.shape[1:]) for name, column in columns.items()])
    for name, column in columns.items():
        table[name] = column
    with h5py.File(path, "w") as file:
        file["sims"] = table
        file["sims"].attrs["npy_columns"] = numpy.bytes_(ascii(_fields_of(dataset.dtype, columns)))
    return left_out


def to_arrays(campaign, rounds=None, metrics=None):
    """theta (without nuisance) and x of the rows that are ok and have all of these metrics (all of the model's), as sbi takes them."""
    chosen = _rounds(campaign, rounds)
    rows = numpy.concatenate([round.finished for round in chosen])
    x = numpy.column_stack([rows[name] for name in metrics or campaign.metric_names])
    good = (rows["status"] == OK) & numpy.isfinite(x).all(1)
    return rows["theta"][good][:, ~campaign.nuisance], x[good]


class Picture:
    """One of the pictures that a model makes of a rule: series of points, [(label, kind, x, y), ...], that share axes."""

    KINDS = ("line", "points", "steps")

    def __init__(self, group):
        self.name, self.title = _text(group.attrs["name"]), _text(group.attrs["title"])
        self.x_label, self.y_label = _text(group.attrs["x_label"]), _text(group.attrs["y_label"])
        self.log_x, self.wide = bool(group.attrs["log_x"]), bool(group.attrs["wide"])
        self.series = [(_text(one.attrs["label"]), self.KINDS[one.attrs["kind"]], *one[()]) for one in group.values()]


class Portrait:
    """The pictures of one simulation of a campaign, and of its rule: from stored traces, or from running it again."""

    def __init__(self, path, round, row):
        with tempfile.TemporaryDirectory() as folder:
            output = os.path.join(folder, "portrait.h5")
            _run("portray", path, "--round", round, "--row", row, "-o", output)
            with h5py.File(output, "r") as file:
                self.status, self.pictured = _text(file.attrs["status"]), _text(file.attrs["pictured"])
                self.pictures = [Picture(group) for group in file["pictures"].values()]


def _run(*arguments):
    """The program, by itself; what it complains of is raised."""
    done = subprocess.run([find_program(), *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())


# Pictures. Each draws on axes that are given; rounds keep their colours.


def show_legend(ax, **settings):
    """A legend without a frame, if there is anything to explain."""
    if ax.get_legend_handles_labels()[1]:
        ax.legend(frameon=False, **settings)


def dot_size(count):
    """So that few points can be seen and many be told apart."""
    return float(numpy.clip(60 / numpy.sqrt(max(count, 1)), 1.5, 5))


def round_colour(index):
    return ("0.6", *(f"C{k}" for k in range(10)))[index % 11]


def plot_accumulation(ax, campaign):
    """How many rules that meet each group were found, against the simulations that it took."""
    rows = [round.finished for round in campaign.rounds]
    ends = numpy.cumsum([len(part) for part in rows])
    for name, conditions in campaign.groups.items():
        met = numpy.concatenate([apply_n_conditions(part, conditions) for part in rows])
        ax.plot(numpy.arange(1, len(met) + 1), numpy.cumsum(met), label=f"{name} ({met.sum()})")
    for k, end in enumerate(ends):
        ax.axvline(end, color="0.8", zorder=0)
        if len(rows[k]):
            ax.annotate(f"round {k}", ((end - len(rows[k]) / 2), 1), xycoords=("data", "axes fraction"), ha="center", va="bottom",
                        fontsize="small", color="0.4")
    ax.set(xlabel="simulations", ylabel="rules that meet the conditions", ylim=(0, None), xlim=(0, max(ends[-1], 1)))
    show_legend(ax, loc="upper left")


def _limits(values):
    """Where to draw: without the outermost percent, which may be far away."""
    values = values[numpy.isfinite(values)]
    if len(values) == 0:
        return 0, 1
    low, high = numpy.percentile(values, [1, 99])
    low, high = (min(low, 0) if low > 0 and low < 0.2 * high else low), high
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def plot_metric(ax, campaign, metric):
    """A metric's distribution in each round; the intervals that groups ask for are shaded."""
    columns = [round.finished[metric] for round in campaign.rounds]
    low, high = _limits(numpy.concatenate(columns))
    for k, column in enumerate(columns):
        column = column[numpy.isfinite(column)]
        if len(column):
            ax.hist(numpy.clip(column, low, high), bins=numpy.linspace(low, high, 41), weights=numpy.full(len(column), 100 / len(column)),
                    histtype="step", color=round_colour(k), label=f"round {k}")
    intervals = {interval[1:] for conditions in campaign.groups.values() for interval in conditions if interval[0] == metric}
    for start, end in intervals:
        ax.axvspan(max(start, low), min(end, high), color="C2", alpha=0.12, lw=0)
    ax.set(xlabel=f"{metric} [{campaign.metric_units[metric]}]", ylabel="% of rows", xlim=(low, high))


def plot_explained_variance(ax, campaign):
    """How many directions the kept rules still spread over: variance of their parameters, each of variance 1 under the prior, that
    the first principal components hold."""
    for k in range(len(campaign.rounds)):
        accepted = campaign.accepted(k)
        if accepted is None or accepted[k].sum() <= len(campaign.low):
            continue
        rules = campaign.whitened(campaign.rounds[k].rows["theta"][accepted[k]])
        variances = numpy.linalg.eigvalsh(numpy.atleast_2d(numpy.cov(rules.T)))[::-1]
        ax.plot(numpy.arange(1, len(variances) + 1), variances, ".-", color=round_colour(k),
                label=f"round {k} ({accepted[k].sum()} rules), sum {variances.sum():.1f}")
    ax.axhline(1, color="0.8", zorder=0)
    ax.set(xlabel="principal component", ylabel="variance (prior: 1)", ylim=(0, None))
    show_legend(ax)


def plot_losses(ax, posterior):
    """Training (dashed) and validation loss of each network."""
    for k in range(len(posterior.epochs)):
        if posterior.epochs[k] == 0:
            continue
        epochs = numpy.arange(1, posterior.epochs[k] + 1)
        ax.plot(epochs, posterior.training_loss[k, : len(epochs)], "--", lw=0.7, color=f"C{k % 10}")
        ax.plot(epochs, posterior.validation_loss[k, : len(epochs)], lw=1.2, color=f"C{k % 10}")
    training, validation = (loss[numpy.isfinite(loss)] for loss in (posterior.training_loss, posterior.validation_loss))
    if len(validation):
        low = min(training.min(), validation.min())
        high = numpy.percentile(validation, 98)  # a network may go astray at its end
        ax.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
    ax.set(xlabel="epoch", ylabel="loss [nats]")


def plot_calibration(ax, posterior):
    """Ranks of true values among samples, on rows held out: how far their cumulative distribution is from the uniform one. The band
    holds 99 % of calibrated posteriors' curves at each point."""
    rows, samples = posterior.checked_rows, posterior.check_samples
    names = [*posterior.theta_names, "log-density"]
    at = numpy.arange(samples + 1)
    share = (at + 1) / (samples + 1)
    band = 2.58 * numpy.sqrt(share * (1 - share) / rows)
    ax.fill_between(share, -band, band, color="0.9", lw=0)
    for k in range(posterior.ranks.shape[1]):
        curve = numpy.searchsorted(numpy.sort(posterior.ranks[:, k]), at, side="right") / rows - share
        outside = numpy.abs(curve).max() > 1.3 * band.max()
        ax.plot(share, curve, lw=1, color=f"C{k % 10}" if outside else "0.5", label=names[k] if outside and k < len(names) else None)
    ax.set(xlabel="rank / samples", ylabel="excess", xlim=(0, 1))
    show_legend(ax, fontsize="small", ncol=2)


def plot_costs(ax, campaign):
    """Core hours of each round by what they went into."""
    indices = numpy.arange(len(campaign.rounds))
    parts = {
        "simulating": [0 if round.source == "import" else round.finished["wall_time"].sum() for round in campaign.rounds],
        "waiting for the last": [_phase(round, "simulate", "idle_time") for round in campaign.rounds],
        "drawing rules": [_phase(round, "propose", "core_time") for round in campaign.rounds],
        "training": [_phase(round, "classifier", "core_time") + _phase(round, "posterior", "core_time") for round in campaign.rounds],
    }
    bottom = numpy.zeros(len(indices))
    for name, seconds in parts.items():
        hours = numpy.array(seconds) / 3600
        ax.bar(indices, hours, bottom=bottom, label=f"{name} ({hours.sum():.3g} h)")
        bottom += hours
    ax.set(xlabel="round", ylabel="core hours", xticks=indices, ylim=(0, 1.05 * max(bottom.max(), 1e-9)))
    show_legend(ax, loc="upper left", bbox_to_anchor=(1, 1))


def _phase(round, name, field):
    return float(round.timing[name][field]) if name in round.timing else 0.0


def pair_plot(figure, campaign, samples, parameters):
    """Pairs of parameters (indices among the inferred ones); `samples`: {label: (theta without nuisance, colour)}."""
    names = numpy.array(campaign.parameter_names)[~campaign.nuisance]
    low, high = campaign.low[~campaign.nuisance], campaign.high[~campaign.nuisance]
    count = len(parameters)
    grid = figure.add_gridspec(count, count)
    for i, row in enumerate(parameters):
        for j, column in enumerate(parameters[:i + 1]):
            ax = figure.add_subplot(grid[i, j])
            for label, (theta, colour) in samples.items():
                if i == j:
                    ax.hist(theta[:, row], bins=numpy.linspace(low[row], high[row], 31), density=True, histtype="step", color=colour,
                            label=label)
                else:
                    ax.plot(theta[:1000, column], theta[:1000, row], ".", ms=dot_size(len(theta[:1000])), mew=0, color=colour, alpha=0.6,
                            rasterized=True)
                    ax.set_ylim(low[row], high[row])
            ax.set_xlim(low[column], high[column])
            ax.tick_params(labelsize=6)
            ax.set_xticks([low[column], high[column]] if i == count - 1 else [])
            ax.set_yticks([low[row], high[row]] if j == 0 and i > 0 else [])
            if i == count - 1:
                ax.set_xlabel(names[column], fontsize=7)
            if j == 0 and i > 0:
                ax.set_ylabel(names[row], fontsize=7)
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="upper right", frameon=False)


def plot_longevity(ax, campaign, round):
    """Of a round that ran rules of earlier ones again: which share still meets each condition, and each group of them; paler, which
    share did before."""
    again = campaign.rounds[round]
    before = numpy.array([campaign.rounds[k].rows[i] for k, i in again.origins])[again.done]
    singles = {condition for conditions in campaign.groups.values() for condition in conditions}
    names, shares = [], []
    for group, conditions in campaign.groups.items():
        for label, chosen in [*((metric, [(metric, low, high)]) for metric, low, high in conditions), (group, conditions)]:
            if sum(metric == label for metric, _, _ in singles) > 1 and label not in campaign.groups:
                label = f"{label} {chosen[0][1]:g}..{chosen[0][2]:g}"
            if label in names:
                continue
            names.append(label)
            shares.append([100 * apply_n_conditions(rows, chosen).mean() for rows in (before, again.finished)])
    at = numpy.arange(len(names))
    errors = [100 * numpy.sqrt(share / 100 * (1 - share / 100) / max(len(before), 1)) for _, share in shares]
    ax.plot(at, [share[0] for share in shares], "o", color="0.75", label="when they were chosen")
    ax.errorbar(at, [share[1] for share in shares], errors, fmt="o", color="C3", label="run again")
    for k, name in enumerate(names):
        if name in campaign.groups:
            ax.axvspan(k - 0.5, k + 0.5, color="0.94", zorder=0)
    ax.set(ylabel="% of rules", ylim=(-5, 105), xlim=(-0.5, len(names) - 0.5))
    ax.set_xticks(at, names, rotation=60, ha="right", fontsize="small")
    show_legend(ax, fontsize="small", loc="lower left", bbox_to_anchor=(0, 1), ncol=2)


def level_shares(round):
    """Of a round towards conditions: (sharpness, finished rows, rows that meet the conditions, share expected) of each level with rows."""
    shares, first = [], 0
    for level in round.levels:
        rows = round.rows[first: first + int(level["rows"])]
        first += int(level["rows"])
        rows = rows[rows["status"] > 0]
        if len(rows):
            met = apply_n_conditions(rows, round.towards) & (rows["status"] == OK)
            stand_for = numpy.where(rows["checkpoint"] > 0, 0, 1 / rows["survival"])  # what went on, for what ended early
            shares.append((level["sharpness"], len(rows), len(rows) * numpy.sum(met * stand_for) / stand_for.sum(), level["predicted"]))
    return shares


def wilson(met, count):
    """The interval of a share, of one standard error (Wilson 1927)."""
    share = met / count
    middle = (share + 0.5 / count) / (1 + 1 / count)
    half = numpy.sqrt(share * (1 - share) / count + 0.25 / count**2) / (1 + 1 / count)
    return middle - half, middle + half


def core_hours(campaign):
    """Core hours up to the end of each round: simulating, drawing and training."""
    spent = [sum((0 if round.source == "import" else round.finished["wall_time"].sum(),
                  *(_phase(round, name, "core_time") for name in ("propose", "classifier", "posterior")))) for round in campaign.rounds]
    return numpy.cumsum(spent) / 3600


def plot_search(ax, campaign):
    """Shares of the drawn rules that meet the conditions of their round, by sharpness, against core hours; paler, those expected."""
    hours = core_hours(campaign)
    points = {}
    for round in campaign.rounds:
        for sharpness, count, met, expected in level_shares(round):
            if sharpness > 0:
                points.setdefault(sharpness, []).append((hours[round.index], met / count, *wilson(met, count), expected))
    for k, (sharpness, values) in enumerate(sorted(points.items())):
        at, share, low, high, expected = 100 * numpy.array(values).T
        low, high = numpy.minimum(low, share), numpy.maximum(high, share)
        ax.errorbar(at / 100, share, (share - low, high - share), fmt="o", ms=4, color=f"C{k}", label=f"sharpness {sharpness:g}")
        ax.plot(at / 100, expected, "-", lw=1, color=f"C{k}", alpha=0.4)
    ax.set(xlabel="core hours so far", ylabel="% of the drawn rules", ylim=(-2, 102))
    show_legend(ax, fontsize="small")


def plot_found(ax, campaigns, conditions):
    """How many rules that meet conditions (metric, low, high) campaigns, {label: campaign}, have found, against core hours."""
    for k, (label, campaign) in enumerate(campaigns.items()):
        met = [int(numpy.sum(apply_n_conditions(round.finished, conditions) & (round.finished["status"] == OK))) for round in campaign.rounds]
        ax.plot(core_hours(campaign), numpy.cumsum(met), "o-", ms=3, color=f"C{k}", label=label)
    ax.set(xlabel="core hours", ylabel="rules found", ylim=(0, None), xlim=(0, None))
    show_legend(ax, fontsize="small")


def plot_spectrum(ax, campaign, sets):
    """Eigenvalues of the covariance of sets of rules, {label: (theta, weights)}, in parameters of variance 1 under the prior."""
    for k, (label, (theta, weights)) in enumerate(sets.items()):
        if len(theta) < 3:
            continue
        covariance = numpy.cov(campaign.whitened(theta).T, aweights=weights)
        ax.semilogy(numpy.arange(1, len(covariance) + 1), numpy.maximum(numpy.linalg.eigvalsh(covariance), 1e-6), ".-", color=f"C{k}", label=label)
    ax.axhline(1, color="0.85", lw=0.8, zorder=0)
    ax.set(xlabel="direction", ylabel="variance (prior: 1)")
    ax.xaxis.get_major_locator().set_params(integer=True)
    show_legend(ax, fontsize="small")


def plot_picture(ax, picture):
    """A picture of a rule, as its model describes it."""
    dots = sum(len(x) for _, kind, x, _ in picture.series if kind == "points") / (4 if picture.wide else 1)
    for k, (label, kind, x, y) in enumerate(picture.series):
        if kind == "points":
            ax.plot(x, y, ".", ms=dot_size(dots), mew=0, color=f"C{k % 10}", label=label, rasterized=True)
        elif kind == "steps":
            ax.step(x, y, where="post", lw=1.2, color=f"C{k % 10}", label=label)
        else:
            ax.plot(x, y, lw=1, color=f"C{k % 10}", label=label)
    if picture.log_x:
        ax.set_xscale("log")
    ax.set(xlabel=picture.x_label, ylabel=picture.y_label)
    ax.set_title(picture.title, fontsize="medium")
    if len(picture.series) > 1:
        show_legend(ax, fontsize=7, ncol=1 if len(picture.series) < 6 else 2, markerscale=2)
    if all(kind == "line" and len(x) and min(x) < 0 < max(x) for _, kind, x, _ in picture.series):  # against differences: zero matters
        ax.axhline(0, color="0.85", lw=0.8, zorder=0)
        ax.axvline(0, color="0.85", lw=0.8, zorder=0)

#!/usr/bin/env bash
# Tables that other programs wrote: fields called as ours, booleans, single numbers, filters that are not there, little written yet,
# dimensions in reverse order; values that stand for something missing; text of the command line.
. "$(dirname "$0")/lib.sh"
fit() {
    rm -f p.h5
    "$FSBI_MPI" fit "$1" -o p.h5 --ensemble 1 --max-epochs 1 "${@:2}"
}
/usr/bin/python3 << 'PYTHON'
import h5py
import numpy

random = numpy.random.default_rng(0)
theta = random.uniform(-1, 1, (300, 2))
x = theta[:, :1] + 0.1 * random.normal(size=(300, 1))


def write(name, **datasets):
    with h5py.File(name + ".h5", "w") as file:
        for key, value in datasets.items():
            file[key.replace("__", "/")] = value


def rows(name, kind, values):
    table = numpy.zeros(300, [("theta", "f8", (2,)), ("x", "f8", (1,)), ("status", kind)])
    table["theta"], table["x"], table["status"] = theta, x, values
    write(name, rows=table)


for name, kind, value in (("int64", "i8", 1), ("exit_code", "i4", 0), ("text", "S8", b"ok"), ("bool", "?", True), ("real", "f8", 0.5)):
    rows(name, kind, value)
single = numpy.zeros(300, [("theta", "f8"), ("x", "?")])
single["theta"], single["x"] = theta[:, 0], x[:, 0] > 0
write("single", rows=single)
write("booleans", theta=theta, x=x > 0)
write("bounds", theta=theta, x=x, prior__low=-1.0, prior__high=1)
write("turned", theta=theta.T, x=x.T)
write("turned_twice", theta=theta.T, x=theta.T)
write("nan_column", theta=theta, x=numpy.column_stack([x, numpy.full(300, numpy.nan)]))
write("some_nan", theta=theta, x=numpy.where(numpy.arange(300)[:, None] % 10 == 0, numpy.nan, x))
write("constant", theta=theta, x=numpy.column_stack([x, numpy.full(300, 3.0)]))
write("scalar", theta=0.5, x=0.5)
write("rounds", theta=theta, x=x, rounds=numpy.zeros(300, int))
with h5py.File("never.h5", "w") as file:
    file["theta"] = theta
    file.create_dataset("x", (300, 1), "f8")
with h5py.File("lzf.h5", "w") as file:
    file.create_dataset("theta", data=numpy.round(theta, 1), compression="lzf", chunks=(300, 2))
    file["x"] = x
for name, extra in (("sparse", {}), ("sparse_gzip", {"compression": "gzip"})):
    with h5py.File(name + ".h5", "w") as file:
        for key, value in (("theta", theta), ("x", x)):
            dataset = file.create_dataset(key, (400000, value.shape[1]), "f8", chunks=(100, value.shape[1]), fillvalue=numpy.nan, **extra)
            dataset[:300] = value
plain = x.copy()
for name, odd in (("sentinel", {i: -999 for i in range(5, 300, 10)}), ("fill", {5: 9.969e36}), ("outlier", {5: 1e4})):
    x = plain.copy()
    for row, value in odd.items():
        x[row] = value
    write(name, theta=theta, x=x)
far = theta.copy()
far[7, 1] = 1e4
write("theta_outlier", theta=far, x=plain, prior__low=-1.0, prior__high=1.0)
write("half", theta=theta, x=numpy.where(numpy.arange(300)[:, None] % 2 == 0, -999, plain))
write("wide", theta=random.normal(size=(50, 60)), wide=random.normal(size=(50, 2)))
write("unlearned", theta=theta, x=random.normal(size=(300, 1)))
PYTHON

for name in int64 exit_code text bool real single; do
    fit $name.h5 --theta-name rows --x-name rows > log.txt || fail "$name: $(cat log.txt)"
done
for name in booleans bounds sparse sparse_gzip; do fit $name.h5 > log.txt || fail "$name: $(cat log.txt)"; done
grep -q "300 rows of 2 parameters and 1 metrics" log.txt || fail "what is written of a sparse dataset: $(cat log.txt)"
grep -q "only 0.075 % of its chunks were ever written" log.txt || fail "what was not written: $(cat log.txt)"
printf 'campaign: {name: moons}\nmodel: {name: two_moons}\n' > moons.yaml
expect_failure 2 "only 0.075 % of its chunks were ever written" "$FSBI_MPI" simulate moons.yaml --theta sparse.h5 -o o.h5
expect_failure 2 "nothing was ever written there" fit never.h5
fit rounds.h5 > log.txt || fail "a dataset called rounds: $(cat log.txt)"
expect_failure 2 "compressed by the filter 'lzf' (number 32000)" fit lzf.h5
expect_failure 2 "they must be as many. They have as many columns: MATLAB, Julia and R" fit turned.h5
expect_failure 1 "more columns than rows: MATLAB, Julia and R" fit turned_twice.h5
expect_failure 1 "only 1 rows to train on" fit scalar.h5
expect_failure 1 "only 0 rows to train on" fit nan_column.h5
grep -q "300 rows more are left out: they hold NaN or infinity (x_1: all)" stdout.txt || fail "the column: $(cat stdout.txt)"
fit some_nan.h5 > log.txt
grep -q "30 rows more are left out: they hold NaN or infinity (x_0: 30)" log.txt || fail "the column: $(cat log.txt)"
fit constant.h5 > log.txt
grep -q "note: x_1 is 3 in all rows: nothing can be learned from it" log.txt || fail "no spread: $(cat log.txt)"
fit sentinel.h5 > log.txt
grep -qF "note: x_0 lies far from the others in 30 of 300 rows (row 5: -999, row 15: -999, row 25: -999 ...)" log.txt ||
    fail "a value that stands for something missing: $(cat log.txt)"
fit theta_outlier.h5 > log.txt
grep -qF "note: theta_1 lies far from the others in 1 of 300 rows (row 7: 10000), which are left out" log.txt || fail "a theta: $(cat log.txt)"
fit half.h5 > log.txt
grep -qF "note: x_0 lies far from the others in 150 of 300 rows (row 0: -999" log.txt || fail "half of the rows: $(cat log.txt)"
fit wide.h5 --x-name wide > log.txt
grep -q "note: there are more columns than rows" log.txt || fail "more columns than rows: $(cat log.txt)"
fit fill.h5 > log.txt
grep -qF "note: x_0 lies far from the others in 1 of 300 rows (row 5: 9.969e+36)" log.txt || fail "a fill value: $(cat log.txt)"

# What was learned is measured, stored, and said again.
fit outlier.h5 --max-epochs 100 --validation-fraction 0.3 > log.txt
grep -q "    x tells it [0-9.]* +- [0-9.]* nats about theta" log.txt || fail "what was learned: $(cat log.txt)"
/usr/bin/python3 -c '
import h5py
learned, error = h5py.File("p.h5")["posterior/check/learned"]
assert learned > 10 * error > 0, (learned, error)'
fit unlearned.h5 --max-epochs 100 --validation-fraction 0.3 > log.txt
grep -q "    NOTHING was learned from x" log.txt || fail "nothing was learned: $(cat log.txt)"

# Files that are something else, or not there.
echo '<html>404</html>' > page.h5
: > empty.h5
/usr/bin/python3 -c 'import numpy; numpy.savez("arrays.npz", theta=numpy.zeros((9, 2))); numpy.save("array.npy", numpy.zeros((9, 2)))'
head -c 3000 bounds.h5 > cut.h5
for case in "page.h5' is no HDF5 file: it begins like a web page" "arrays.npz' is no HDF5 file: it is a zip archive" \
    "array.npy' is no HDF5 file: it is a NumPy array" "empty.h5' is empty" "missing.h5'" "cut.h5' is damaged or cut off"; do
    for command in "fit" "verify" "sample --x 0 -n 3"; do
        # shellcheck disable=SC2086 # several words
        expect_failure 2 "$case" "$FSBI_MPI" $command "${case%%\'*}" $([ "$command" = verify ] || echo -o q.h5)
    done
done
if [ "$(id -u)" = 0 ]; then
    chmod 600 bounds.h5
    chmod 755 .
    expect_failure 2 "'bounds.h5' may not be read: Permission denied" \
        setpriv --reuid 65534 --regid 65534 --clear-groups "$FSBI_MPI" verify bounds.h5
fi

# What is typed arrives as it is.
printf 'campaign: {name: c}\nmodel: {name: two_moons}\nrounds: [{simulations: 2}]\n' > c.yaml
for value in 'a #b' 'a: b' '&x' '*x' '!x' '%x' '@x' "'x" '"x' '"x"' '? x' '|' '~' 'null' ' x ' '{x}' '[1' '[a, b]' 'x\ny' $'x\ty' '§é' '5' 'x,y' 'a=b'; do
    "$FSBI_MPI" c.yaml --set "campaign.output=$value.h5" > log.txt || fail "'$value': $(cat log.txt)"
    [ -f "$value.h5" ] || fail "'$value.h5' is not there: $(ls)"
    "$FSBI_MPI" c.yaml --set "campaign.output=$value.h5" > log.txt || fail "'$value.h5' is not gone on with: $(cat log.txt)"
done
expect_failure 2 "the byte 0xe9 is no UTF-8 text" "$FSBI_MPI" c.yaml --set "campaign.name=$(printf 'caf\351')"
for seed in 9007199254740992 9.007199254740992e15; do
    "$FSBI_MPI" check c.yaml --set campaign.seed=$seed > log.txt
    grep -q "seed: 9007199254740992 " log.txt || fail "the largest seed: $(cat log.txt)"
done
expect_failure 2 "allowed: 0 to 9007199254740992" "$FSBI_MPI" check c.yaml --set campaign.seed=9007199254740993

# Fields that an import does not know are left out, and named; text need not be ASCII.
/usr/bin/python3 << 'PYTHON'
import numpy

table = numpy.zeros(9, [("theta", "f8", (2,)), ("mean", "f8"), ("when", "M8[s]"), ("phase", "c16"), ("good", "?"), ("seed", "S8")])
table["seed"] = "né".encode("latin-1")
numpy.save("odd.npy", table)
PYTHON
"$SOURCE/tools/fsbi-data" import odd.npy -o odd.h5 > log.txt
for field in when phase; do grep -q "note: field '$field' is left out" log.txt || fail "'$field': $(cat log.txt)"; done

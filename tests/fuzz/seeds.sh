# Makes right input to begin with in the present folder: header.csv, plain.csv, moons.yaml, and table.h5, moons.h5,
# posterior.h5, shard.h5, network.h5 with its traces; and edits of each of these six (fuzz_edits.c). All of our own making: the
# HDF5 library itself crashes on damaged files in its oldest format, which has no checksums. Sourced, with FSBI_MPI in the environment.
printf 'theta_1,theta_0\n0.2,0.1\n-0.4,0.3\n' > header.csv
printf '0.1 0.2\n3e-1 -0.4\n' > plain.csv
cat > moons.yaml << 'YAML'
campaign: {name: moons}
model: {name: two_moons}
conditions: {near: {x_0: [-0.2, 0.2], x_1: {top: 0.9}}}
rounds:
  - {simulations: 30, classify: [near], keep: [near, {x_1: {interval: [-.inf, 3], bottom: 0.9}}], infer: [x_0, x_1]}
  - {simulations: 10, propose: {x_0: [0, 0.1], x_1: [0, 0]}}
inference: {ensemble: 1, hidden_features: 2, blocks: 1, transforms: 1, bins: 2, max_epochs: 2, minimum_rows: 4}
YAML
"$FSBI_MPI" moons.yaml > log.txt
"$FSBI_MPI" fit moons.h5 -o posterior.h5 --ensemble 1 --hidden-features 2 --blocks 1 --transforms 1 --bins 2 --max-epochs 2 > log.txt
"$FSBI_MPI" sample posterior.h5 --x-range x_0=0:0.1 --x-range x_1=0:0.1 -n 40 -o table.h5 > log.txt
sed 's/name: moons/name: shards/' moons.yaml > shards.yaml
"$FSBI_MPI" propose shards.yaml > log.txt
"$FSBI_MPI" simulate-round shards.yaml --shard 0/2 > log.txt
mv shards.round00.shard000of002.h5 shard.h5
cat > network.yaml << 'YAML'
campaign: {name: network}
model: {name: if_poly, NE: 40, NI: 10, N_input: 40, lns: 0.1, ls: 1, weight_poisson: 1, recorded_e: 20, recorded_i: 10}
rounds: [{simulations: 6}]
traces: {store: all}
YAML
"$FSBI_MPI" network.yaml > log.txt
for file in 0 1 2 3 4 5; do
    # What is edited, how, and what to.
    printf %babcdefghijklmnopqrstuvwxyz012345 "\\00$file" > $file.edits
done

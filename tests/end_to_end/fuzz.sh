#!/usr/bin/env bash
# Wrong input of every kind, made from right input by changing bytes: nothing may crash. tools/fuzz searches longer and better.
. "$(dirname "$0")/lib.sh"
. "$SOURCE"/tests/fuzz/seeds.sh
"$FUZZ"/fuzz_config 300 moons.yaml "$SOURCE"/configs/*.yaml
"$FUZZ"/fuzz_thetas 3000 header.csv plain.csv
"$FUZZ"/fuzz_thetas 200 table.h5 moons.h5
"$FUZZ"/fuzz_table 200 table.h5 moons.h5
"$FUZZ"/fuzz_import 200 moons.h5
"$FUZZ"/fuzz_posterior 200 posterior.h5 moons.h5
"$FUZZ"/fuzz_edits 100 ./*.edits

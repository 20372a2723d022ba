#!/usr/bin/env bash
# What cmake --install puts in place is enough to compile and run a program of one's own.
. "$(dirname "$0")/lib.sh"
cmake --install "$BUILD" --prefix "$WORK/prefix" > log.txt
"$WORK/prefix/bin/fsbi_mpi" --version > /dev/null || fail "the installed program does not run"
cp "$SOURCE/tests/end_to_end/user_program.c" .
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$WORK/prefix" -name fsbi.pc)")
# shellcheck disable=SC2046
${CC:-cc} -std=c11 -Wall -Wextra -Werror user_program.c $(pkg-config --cflags fsbi) \
    $(pkg-config --libs fsbi) ${EXTRA_FLAGS:-} -o user_program
[ "$(./user_program)" = "2 metrics of two_moons, both finite" ] || fail "the user's program says: $(./user_program)"

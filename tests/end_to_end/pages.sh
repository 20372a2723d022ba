#!/usr/bin/env bash
# The pages for readers: links, files, commands and configurations that they show are there; and the check would notice.
. "$(dirname "$0")/lib.sh"
export PATH=/usr/bin:$PATH # Debian's python3
"$SOURCE/tools/check-pages" "$FSBI_MPI" > log.txt 2>&1 || fail "$(cat log.txt)"

mkdir copy
cp -r "$SOURCE"/{README.md,src,include,tools,tests,configs,jobs} copy
cat >> copy/README.md << 'MD'
See [nothing](src/nothing.md), `tests/core/test_nothing.c` and `fsbi_mpi swim FILE.h5` or `fsbi_mpi fit DATA.h5 --slowly`.
One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty twenty-one twenty-two twenty-three twenty-four twenty-five twenty-six. This line is one that does not stop where it should.

```yaml
campaign: {name: wrong}
model: {name: if_polly}
```
MD
sed -i 's/`check_samples`//' copy/configs/README.md
copy/tools/check-pages "$FSBI_MPI" > log.txt 2>&1 && fail "nothing was noticed"
for complaint in "link src/nothing.md" "tests/core/test_nothing.c does not" "no command 'swim'" "no option --slowly" \
    "a sentence of 26 words" "refused" "columns" "inference.check_samples"; do
    grep -q "$complaint" log.txt || fail "not noticed: $complaint: $(cat log.txt)"
done

/* `merge`: shards into the campaign file. */
#include "campaign/campaign.h"
#include "commands/options.h"

static fsbi_status run(const fsbi_arguments *a, FILE *report, fsbi_error *error) {
    const fsbi_setup_source source = fsbi_arguments_source(a);
    return fsbi_campaign_merge(&source, (const char *const *)a->more_files, a->more_file_count,
                               report, error);
}

static const struct argp_option options[] = {FSBI_OPTION_SET, {0}};

const fsbi_command fsbi_command_merge = {
    .name = "merge",
    .files_doc = "CONFIG.yaml SHARD.h5...",
    .doc = "Checks shards and takes their rows into the campaign file. If rows of the round "
           "are missing then, says which shards to run again and exits with status 75. "
           "Merging a shard twice does no harm.",
    .options = options,
    .files = 2,
    .many = true,
    .alone = true,
    .once = true,
    .run = run};

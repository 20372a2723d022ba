#include "output/trace_writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fsbi/random.h"
#include "output/trace_files.h"
#include "rows/row_filter.h"

void fsbi_trace_writer_close(fsbi_trace_writer *writer) {
    if (writer->open)
        fsbi_trace_spool_close(&writer->spool);
    writer->open = false;
}

/* Whether the random draw of a row chooses it; the same whoever runs it. */
static bool is_drawn(const fsbi_config *config, size_t round, size_t row) {
    const uint64_t seed =
        fsbi_random_stream_seed((uint64_t)config->campaign.seed, FSBI_PURPOSE_TRACE, round, row);
    return (double)seed < config->traces.share * 0x1p64;
}

static bool is_chosen(const fsbi_setup *setup, const fsbi_trace_source *source) {
    const fsbi_row_shape shape = fsbi_row_shape_of(setup->model);
    if (source->result->status != FSBI_SIMULATION_OK)
        return false;
    switch (setup->config->traces.store) {
    case FSBI_TRACES_NONE:
        return false;
    case FSBI_TRACES_ALL:
        return true;
    case FSBI_TRACES_ACCEPTED:
        return fsbi_filter_met(&setup->config->rounds[source->round].keep, &shape, source->result);
    case FSBI_TRACES_RANDOM:
        break;
    }
    return is_drawn(setup->config, source->round, source->row);
}

/* A spool of this process for this round, in the folder beside the campaign file. */
static fsbi_status open_spool(fsbi_trace_writer *writer, const fsbi_setup *setup, size_t round,
                              fsbi_error *error) {
    char folder[FSBI_OUTPUT_PATH];
    char path[FSBI_OUTPUT_PATH + 256];
    char host[64] = "";
    fsbi_trace_writer_close(writer);
    FSBI_TRY(fsbi_trace_files_folder(setup->config->campaign.output, folder, error));
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return fsbi_error_set(error, FSBI_IO, "cannot make the folder '%s' for traces: %s", folder,
                              strerror(errno));
    gethostname(host, sizeof host - 1);
    int k = 0;
    do
        snprintf(path, sizeof path, "%s/round%02zu.%s.%ld.%d", folder, round, host, (long)getpid(),
                 k++);
    while (access(path, F_OK) == 0);
    FSBI_TRY(fsbi_trace_spool_create(&writer->spool, path, error));
    writer->open = true;
    writer->round = round;
    return FSBI_OK;
}

fsbi_status fsbi_trace_writer_store(fsbi_trace_writer *writer, const fsbi_setup *setup,
                                    const fsbi_trace_source *source, fsbi_error *error) {
    fsbi_trace_data traces[FSBI_MODEL_MOST_TRACES];
    if (setup->model->trace_count == 0 || !is_chosen(setup, source))
        return FSBI_OK;
    if (!writer->open || writer->round != source->round)
        FSBI_TRY(open_spool(writer, setup, source->round, error));
    const fsbi_trace_owner owner = {source->row, source->result->checksum};
    setup->model->type->record(source->workspace, traces);
    return fsbi_trace_spool_append(&writer->spool, setup->model, &owner, traces, error);
}

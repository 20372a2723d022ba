/** A campaign of one process, in a folder of its own, whose steps a test calls one by one. */
#ifndef FSBI_TESTS_STEPS_FIXTURE_H
#define FSBI_TESTS_STEPS_FIXTURE_H

#include <dirent.h>
#include <unistd.h>

#include "fsbi/random.h"
#include "output/output_file.h"
#include "propose/propose.h"
#include "steps/simulate.h"
#include "unit.h"

typedef struct {
    char folder[64];
    fsbi_setup setup;
    fsbi_campaign_state state;
    FILE *report;
} campaign_fixture;

/** A new campaign of this configuration, whose output is test.h5: nothing is proposed yet. The test
 * works in its folder from now on. */
static inline void campaign_begin(campaign_fixture *f, const char *yaml) {
    fsbi_error error = {0};
    *f = (campaign_fixture){.folder = "/tmp/test_campaign.XXXXXX"};
    assert_non_null(mkdtemp(f->folder));
    assert_int_equal(chdir(f->folder), 0);
    f->report = fopen("report.txt", "w+");
    assert_non_null(f->report);
    assert_ok(fsbi_setup_parse(yaml, "test.yaml", NULL, 0, &f->setup, &error), error);
    assert_ok(fsbi_output_file_provide(&f->setup, false, f->report, &error), error);
    f->state = (fsbi_campaign_state){.comm = MPI_COMM_NULL,
                                     .first_rank = true,
                                     .setup = &f->setup,
                                     .report = f->report,
                                     .shape = fsbi_row_shape_of(f->setup.model),
                                     .rng = fsbi_random_allocate(&error)};
    assert_non_null(f->state.rng);
    f->state.searches = calloc(f->setup.config->round_count, sizeof *f->state.searches);
    assert_non_null(f->state.searches);
    assert_ok(fsbi_campaign_file_open(f->setup.config->campaign.output, MPI_COMM_NULL,
                                      f->setup.model, &f->state.file, &error),
              error);
    assert_ok(fsbi_campaign_file_read_all(f->state.file, &f->state.shape, f->setup.config,
                                          &f->state.rows, &error),
              error);
}

/** Gives everything back and removes the folder. */
static inline void campaign_end(campaign_fixture *f) {
    fsbi_error error = {0};
    assert_int_equal(chdir(f->folder), 0);
    fsbi_campaign_state_clear(&f->state);
    assert_ok(fsbi_campaign_file_close(f->state.file, &error), error);
    fsbi_setup_clear(&f->setup);
    fclose(f->report);
    DIR *folder = opendir(f->folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        unlink(entry->d_name);
    closedir(folder);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(f->folder), 0);
}

/** Proposes and simulates a round. */
static inline void campaign_fill(campaign_fixture *f, size_t round) {
    const fsbi_round_share all = {.round = round,
                                  .count = f->setup.config->rounds[round].simulations};
    fsbi_error error = {0};
    double idle = 0;
    assert_ok(fsbi_campaign_propose(&f->state, round, &error), error);
    assert_ok(fsbi_campaign_simulate(&f->state, &all, &idle, &error), error);
}

/** Makes a row one that is simulated, with this theta and these metrics. */
static inline void campaign_set_row(const campaign_fixture *f, size_t round, size_t index,
                                    const double *theta, const double *metrics) {
    const fsbi_row_shape *shape = &f->state.shape;
    fsbi_row *row = fsbi_campaign_row(&f->state, round, index);
    row->status = FSBI_SIMULATION_OK;
    memcpy(row->values, theta, shape->theta_count * sizeof *theta);
    memcpy(row->values + shape->theta_count, metrics, shape->metric_count * sizeof *metrics);
    fsbi_row_seal(shape, row);
}

/** Everything that was said so far. */
static inline const char *campaign_report(const campaign_fixture *f) {
    static char text[65536];
    fflush(f->report);
    rewind(f->report);
    text[fread(text, 1, sizeof text - 1, f->report)] = '\0';
    return text;
}

#endif

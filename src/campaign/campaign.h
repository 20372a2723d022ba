/** What the program's commands do. All are collective over `comm`; what they print goes to
 * `report`, on rank 0. */
#ifndef FSBI_CAMPAIGN_CAMPAIGN_H
#define FSBI_CAMPAIGN_CAMPAIGN_H

#include <stdbool.h>
#include <stdio.h>

#include "campaign/setup.h"

/** `run`: carries out all rounds, or what is left of them in the file. `force_new`: an existing
 * file is kept under another name. */
fsbi_status fsbi_campaign_run(MPI_Comm comm, const fsbi_setup_source *source, bool force_new,
                              FILE *report, fsbi_error *error);

/** `simulate`: given rules into a file of their own. */
typedef struct {
    const char *thetas; /**< table of thetas, see campaign/theta_table.h */
    const char *output;
    bool force_new;
} fsbi_simulate_options;

fsbi_status fsbi_campaign_simulate_rules(MPI_Comm comm, const fsbi_setup_source *source,
                                         const fsbi_simulate_options *options, FILE *report,
                                         fsbi_error *error);

/** `check`: the effective configuration as YAML, and how much there is to do. */
fsbi_status fsbi_campaign_check(MPI_Comm comm, const fsbi_setup_source *source, FILE *report,
                                fsbi_error *error);

/** `status`: what a campaign file holds. Only rank 0 looks. */
fsbi_status fsbi_campaign_status(MPI_Comm comm, const char *path, FILE *report, fsbi_error *error);

/** `verify`: reads a campaign or posterior file through and says whether it is sound; FSBI_IO if
 * not, with each problem and its remedy in the report. Only rank 0 looks. */
fsbi_status fsbi_campaign_verify(MPI_Comm comm, const char *path, FILE *report, fsbi_error *error);

#endif

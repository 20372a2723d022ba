/**
 * The campaign file: everything a campaign computes, in one HDF5 file (layout:
 * src/store/README.md). Everything in it is created before the first simulation starts, with all
 * rows pending; from then on only raw data are written, so a file is readable at any moment,
 * whatever was killed.
 */
#ifndef FSBI_STORE_CAMPAIGN_FILE_H
#define FSBI_STORE_CAMPAIGN_FILE_H

#include <mpi.h>

#include "config/settings.h"
#include "rows/row.h"
#include "search/condition_probability.h"
#include "search/proposal_density.h"
#include "store/imported_table.h"
#include "store/posterior_store.h"
#include "store/shard.h"

/** The networks that a round can train. */
typedef enum {
    FSBI_NETWORKS_CLASSIFIER,
    FSBI_NETWORKS_POSTERIOR,
    FSBI_NETWORKS_EMULATOR, /**< that the round's rules are drawn with */
    FSBI_NETWORKS_INTERIM,  /**< that say at checkpoints whether a simulation is to go on */
    FSBI_NETWORKS_KINDS
} fsbi_networks_kind;

/** What a file is made for; borrowed. */
typedef struct {
    const fsbi_config *config;
    const fsbi_model *model;
    const char *config_text;      /**< as read */
    const char *effective_config; /**< with all defaults; two campaigns are the same if these are */
    const char *program_version;
    const fsbi_posterior_plan *networks; /**< of each round one for each kind; no estimator: none */
} fsbi_campaign_plan;

/** An open file. */
typedef struct fsbi_campaign_file fsbi_campaign_file;

/**
 * Creates the file at `path`, complete and with all rows pending; with a `shard`, one that has its
 * rows only. Only one process may call it. It first has another name, so that `path` never is a
 * half-made file. FSBI_IO on failure; nothing is left behind.
 */
fsbi_status fsbi_campaign_file_create(const char *path, const fsbi_campaign_plan *plan,
                                      const fsbi_shard *shard, fsbi_error *error);

/**
 * Reads the effective configuration of an existing file, and the program version that made it
 * unless `program_version` is NULL (free both). FSBI_BAD_INPUT if it is no campaign file or one of
 * another format version.
 */
fsbi_status fsbi_campaign_file_read_config(const char *path, char **effective_config,
                                           char **program_version, fsbi_error *error);

/** Opens for writing by all ranks of `comm`, collectively; by this process alone for MPI_COMM_NULL.
 * Close with fsbi_campaign_file_close. */
fsbi_status fsbi_campaign_file_open(const char *path, MPI_Comm comm, const fsbi_model *model,
                                    fsbi_campaign_file **file, fsbi_error *error);

/** Opens for reading by one process, also while a campaign is writing. */
fsbi_status fsbi_campaign_file_open_readonly(const char *path, const fsbi_model *model,
                                             fsbi_campaign_file **file, fsbi_error *error);

/** Collective for a file opened by fsbi_campaign_file_open; NULL is allowed. FSBI_IO if data could
 * not be written. */
fsbi_status fsbi_campaign_file_close(fsbi_campaign_file *file, fsbi_error *error);

/** Closes at the end of work that came to `status`: that, or the failure to close after success. */
fsbi_status fsbi_campaign_file_finish(fsbi_campaign_file *file, fsbi_status status,
                                      fsbi_error *error);

/** Hands everything written so far to the system, and brings it to the disk. Collective. */
fsbi_status fsbi_campaign_file_flush(fsbi_campaign_file *file, fsbi_error *error);

/** Rows `first` .. `first + count - 1` of a round; independent of other ranks. */
fsbi_status fsbi_campaign_file_write_rows(fsbi_campaign_file *file, size_t round, size_t first,
                                          size_t count, const void *rows, fsbi_error *error);
fsbi_status fsbi_campaign_file_read_rows(fsbi_campaign_file *file, size_t round, size_t first,
                                         size_t count, void *rows, fsbi_error *error);

/** Reads the rows of all rounds: an array of them for each round, owned by the caller
 * (fsbi_rows_free, also after failure). A torn row is made a pending one. */
fsbi_status fsbi_campaign_file_read_all(fsbi_campaign_file *file, const fsbi_row_shape *shape,
                                        const fsbi_config *config, void ***rows, fsbi_error *error);

/** FSBI_IO, with the dataset's name, unless a round has so many rows, of this model. */
fsbi_status fsbi_campaign_file_check_rows(fsbi_campaign_file *file, size_t round, size_t count,
                                          fsbi_error *error);

/** FSBI_IO, with the dataset's name, if a dataset of the rounds is stored in chunks. We write none
 * that is. HDF5 allocates all chunks when ranks open a file together, whatever size it claims. */
fsbi_status fsbi_campaign_file_check_layout(fsbi_campaign_file *file, fsbi_error *error);

/** FSBI_IO, with the dataset's name, unless all datasets of a round are there in their sizes. */
fsbi_status fsbi_campaign_file_check_sizes(fsbi_campaign_file *file, const fsbi_config *config,
                                           size_t round, fsbi_error *error);

/** Has one more crash counted in a pending row, where `crashes` are counted already, if the program
 * crashes before fsbi_campaign_file_end_row. Independent. */
fsbi_status fsbi_campaign_file_begin_row(fsbi_campaign_file *file, size_t round, size_t row,
                                         int32_t crashes, fsbi_error *error);
void fsbi_campaign_file_end_row(void);

/** Brings what was written to the disk (fsync) if that was last done `interval` s ago or longer;
 * independent. */
fsbi_status fsbi_campaign_file_sync(fsbi_campaign_file *file, double interval, fsbi_error *error);

/** The x (count x columns, one for each range) at which the thetas of a round's rows were drawn;
 * independent. */
fsbi_status fsbi_campaign_file_write_proposal(fsbi_campaign_file *file, size_t round, size_t count,
                                              size_t columns, const double *x, fsbi_error *error);

/** Where the rules of a round that runs earlier ones again came from: round and row of each (count
 * x 2), 0 and 0 in the file until they are written; independent. */
fsbi_status fsbi_campaign_file_write_origins(fsbi_campaign_file *file, size_t round, size_t count,
                                             const int64_t *origins, fsbi_error *error);
fsbi_status fsbi_campaign_file_read_origins(fsbi_campaign_file *file, size_t round, size_t count,
                                            int64_t *origins, fsbi_error *error);

/** What a table that is imported has beside its rows: seeds as text, and its columns; independent.
 */
fsbi_status fsbi_campaign_file_write_import(fsbi_campaign_file *file, size_t round,
                                            const fsbi_imported_table *table, fsbi_error *error);

/** Candidates that were looked at for a round's thetas, and those that could be used; independent.
 * NaN in the file until they are written. */
fsbi_status fsbi_campaign_file_write_acceptance(fsbi_campaign_file *file, size_t round,
                                                const fsbi_acceptance *acceptance,
                                                fsbi_error *error);
fsbi_status fsbi_campaign_file_read_acceptance(fsbi_campaign_file *file, size_t round,
                                               fsbi_acceptance *acceptance, fsbi_error *error);

/** Rows of a round that came out in the range that they were proposed for: of each metric, then of
 * all (count entries). Independent. */
fsbi_status fsbi_campaign_file_write_met(fsbi_campaign_file *file, size_t round, size_t count,
                                         const int64_t *met, fsbi_error *error);

/** How the rules of a round towards conditions were drawn. */
typedef struct {
    fsbi_search_recalibration recalibration;
    fsbi_search_levels levels;
} fsbi_search_proposal;

/** Writes that, and the log P (count, before recalibration) that was predicted for each of its
 * rows; or reads them (NULL: not wanted), `proposal->levels.count` being 0 where they are not there
 * yet. Independent.
 */
fsbi_status fsbi_campaign_file_write_search(fsbi_campaign_file *file, size_t round,
                                            const fsbi_search_proposal *proposal,
                                            const double *log_probability, size_t count,
                                            fsbi_error *error);
fsbi_status fsbi_campaign_file_read_search(fsbi_campaign_file *file, size_t round,
                                           fsbi_search_proposal *proposal, double *log_probability,
                                           size_t count, fsbi_error *error);

/** Whether rows have weights: whether the campaign has a round towards conditions. */
bool fsbi_campaign_file_has_weights(const fsbi_config *config);

/** The weights of a round's rows (count); NaN in the file until they are written. Independent. */
fsbi_status fsbi_campaign_file_write_weights(fsbi_campaign_file *file, size_t round,
                                             const double *weights, size_t count,
                                             fsbi_error *error);
fsbi_status fsbi_campaign_file_read_weights(fsbi_campaign_file *file, size_t round, double *weights,
                                            size_t count, fsbi_error *error);

/** Of each of a round's rows (count), the share of its re-runs that met the conditions again; NaN
 * where there is none. Independent. */
fsbi_status fsbi_campaign_file_write_held(fsbi_campaign_file *file, size_t round,
                                          const double *held, size_t count, fsbi_error *error);

/** What a round's filter let through. */
typedef struct {
    const fsbi_filter *keep;         /**< its best shares as the intervals they came down to */
    const int64_t *condition_passed; /**< rows that meet each of its conditions */
    size_t row_count;                /**< of all rounds so far */
    const unsigned char *accepted;   /**< 1 for each row that is kept */
} fsbi_filter_result;

/** Independent. */
fsbi_status fsbi_campaign_file_write_filter(fsbi_campaign_file *file, size_t round,
                                            const fsbi_filter_result *result, fsbi_error *error);

/** The steps of a round that take time. The numbers stand in campaign files: never renumber. */
typedef enum {
    FSBI_PHASE_PROPOSE = 0,
    FSBI_PHASE_SIMULATE = 1,
    FSBI_PHASE_CLASSIFIER = 2,
    FSBI_PHASE_POSTERIOR = 3,
    FSBI_PHASE_TRACES = 4 /**< collecting them; writing them is part of the simulations */
} fsbi_phase;

enum { FSBI_PHASES = 5 };

/** What a phase took, in s, all runs of the program together. */
typedef struct {
    double wall_time;
    double core_time; /**< of all ranks that compute */
    double idle_time; /**< of it, ranks that had run out of work waited for the others */
} fsbi_phase_time;

/** Adds to what a phase has taken so far; independent. A file of an earlier program that has no
 * room for it is left as it is. */
fsbi_status fsbi_campaign_file_add_time(fsbi_campaign_file *file, size_t round, fsbi_phase phase,
                                        const fsbi_phase_time *time, fsbi_error *error);

/** Of all phases; zeros where nothing is known. */
fsbi_status fsbi_campaign_file_read_times(fsbi_campaign_file *file, size_t round,
                                          fsbi_phase_time times[FSBI_PHASES], fsbi_error *error);

/** Rows of this round that meet each group of conditions; independent. */
fsbi_status fsbi_campaign_file_write_groups(fsbi_campaign_file *file, size_t round,
                                            size_t group_count, const int64_t *passed,
                                            fsbi_error *error);

/** "classifier", "posterior", "emulator" or "interim". */
const char *fsbi_networks_kind_name(fsbi_networks_kind kind);

/** Where a round's networks of a kind stand. */
fsbi_posterior_place fsbi_campaign_file_place(const fsbi_campaign_file *file, size_t round,
                                              fsbi_networks_kind kind);

#endif

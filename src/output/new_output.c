#include "output/new_output.h"

#include <stdio.h>
#include <unistd.h>

#include "cluster/cluster.h"
#include "core/target.h"
#include "store/new_file.h"

/* Opens, fills and closes the file that rank 0 has begun. */
static fsbi_status fill(MPI_Comm comm, const char *path, const fsbi_new_output *output,
                        fsbi_error *error) {
    fsbi_store_file file = {0};
    fsbi_status status =
        fsbi_cluster_agree(comm, fsbi_new_file_open(path, comm, &file, error), error);
    if (status == FSBI_OK)
        status = fsbi_cluster_agree(comm, output->fill(output->context, file, error), error);
    const fsbi_status closed = fsbi_new_file_close(path, file, status == FSBI_OK ? error : NULL);
    return fsbi_cluster_agree(comm, status == FSBI_OK ? closed : status, error);
}

static fsbi_status finish(const char *path, const fsbi_new_output *output, fsbi_error *error) {
    if (output->complete != NULL)
        FSBI_TRY(output->complete(output->context, path, error));
    return fsbi_new_file_finish(path, error);
}

/* Rank 0 begins the file, all fill it, rank 0 finishes it. */
static fsbi_status make(MPI_Comm comm, const char *path, const fsbi_new_output *output,
                        fsbi_error *error) {
    const bool first_rank = fsbi_cluster_rank(comm) == 0;
    FSBI_TRY(fsbi_cluster_agree(
        comm, first_rank ? output->begin(output->context, path, error) : FSBI_OK, error));
    fsbi_status status = fill(comm, path, output, error);
    if (status == FSBI_OK && first_rank)
        status = finish(path, output, error);
    if (status != FSBI_OK && first_rank && !(output->resumable && status == FSBI_UNFINISHED))
        fsbi_new_file_abandon(path);
    return fsbi_cluster_agree(comm, status, error);
}

fsbi_status fsbi_new_output_make(MPI_Comm comm, const char *path, const fsbi_new_output *output,
                                 fsbi_error *error) {
    if (!output->resumable)
        fsbi_new_file_give_up_on_signal(path, fsbi_cluster_rank(comm));
    const fsbi_status status = make(comm, path, output, error);
    fsbi_new_file_give_up_on_signal(NULL, 0);
    return status;
}

static fsbi_status begin_tables(void *context, const char *path, fsbi_error *error) {
    const fsbi_new_output_tables *t = context;
    return fsbi_table_file_begin(path, t->tables, t->count, error);
}

static fsbi_status fill_tables(void *context, fsbi_store_file file, fsbi_error *error) {
    const fsbi_new_output_tables *t = context;
    for (size_t i = 0; i < t->count; i++)
        FSBI_TRY(
            fsbi_table_file_write(file, &t->tables[i], 0, t->tables[i].rows, t->values[i], error));
    return FSBI_OK;
}

static fsbi_status complete_tables(void *context, const char *path, fsbi_error *error) {
    const fsbi_new_output_tables *t = context;
    return fsbi_table_file_add_attributes(path, t->attributes, t->attribute_count, error);
}

fsbi_status fsbi_new_output_write_tables(const char *path, const fsbi_new_output_tables *tables,
                                         fsbi_error *error) {
    fsbi_new_output_tables context = *tables;
    const fsbi_new_output output = {.begin = begin_tables,
                                    .fill = fill_tables,
                                    .complete = complete_tables,
                                    .context = &context};
    return fsbi_new_output_make(MPI_COMM_NULL, path, &output, error);
}

/* Whether the output, or what it is called before it is whole, is this input. */
static bool takes_place_of(const char *input, const char *output) {
    char target[FSBI_TARGET_PATH];
    char unfinished[FSBI_TARGET_PATH + 16];
    if (fsbi_target_find(output, target, NULL) != FSBI_OK)
        return false;
    snprintf(unfinished, sizeof unfinished, "%s.unfinished", target);
    return fsbi_target_is_same(input, target) || fsbi_target_is_same(input, unfinished);
}

fsbi_status fsbi_new_output_expect_other(MPI_Comm comm, const char *input, const char *output,
                                         fsbi_error *error) {
    fsbi_status status = FSBI_OK;
    if (fsbi_cluster_rank(comm) == 0 && input != NULL && takes_place_of(input, output))
        status = fsbi_error_set(error, FSBI_BAD_INPUT,
                                "'%s' is what is read from: choose another output", output);
    return fsbi_cluster_agree(comm, status, error);
}

static fsbi_status check_name(const char *output, bool force_new, fsbi_error *error) {
    char target[FSBI_TARGET_PATH];
    FSBI_TRY(fsbi_target_find(output, target, error));
    return force_new || access(target, F_OK) != 0
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_BAD_INPUT,
                                "'%s' exists already; choose another --output, or --force-new to "
                                "replace it",
                                output);
}

fsbi_status fsbi_new_output_check(MPI_Comm comm, const char *input, const char *output,
                                  bool force_new, fsbi_error *error) {
    FSBI_TRY(fsbi_new_output_expect_other(comm, input, output, error));
    return fsbi_cluster_agree(
        comm, fsbi_cluster_rank(comm) == 0 ? check_name(output, force_new, error) : FSBI_OK, error);
}

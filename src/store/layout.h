/** Names and types within the campaign file that both its making and its use need. Private to
 * store/. */
#ifndef FSBI_STORE_LAYOUT_H
#define FSBI_STORE_LAYOUT_H

#include <hdf5.h>
#include <stdint.h>

#include "config/config.h"
#include "nets/real.h"
#include "rows/row.h"

/* Formats: 4, and of posteriors 2 too, which is the same for them. */
enum { FSBI_LAYOUT_FORMAT = 4, FSBI_LAYOUT_OLDEST_POSTERIOR = 2, FSBI_LAYOUT_PATH = 128 };

/** "/rounds/NN/rest" into a buffer of FSBI_LAYOUT_PATH. */
void fsbi_layout_path(char *path, size_t round, const char *rest);

/** Whether rows of this type are a campaign's: others may have fields of the same names. */
bool fsbi_layout_is_row_type(hid_t type);

/** Compound type of a model's rows. Close with H5Tclose. */
hid_t fsbi_layout_row_type(const fsbi_model *model);

/** Type of a text of at most so many bytes, filled up with NUL. Close with H5Tclose. */
hid_t fsbi_layout_text_type(size_t size);

/** Type of the weights of networks. */
hid_t fsbi_layout_real_type(void);

/** A condition of a round's filter, with the rows that met it. */
typedef struct {
    char metric[FSBI_CONFIG_NAME];
    double low, high;
    int64_t passed; /**< -1: not yet counted */
} fsbi_layout_condition;

/** A condition as it stands in the file. */
fsbi_layout_condition fsbi_layout_condition_of(const fsbi_condition *condition, int64_t passed);

/** A group of conditions, with the rows that met it. */
typedef struct {
    char name[FSBI_CONFIG_NAME];
    int64_t passed;
} fsbi_layout_group;

/** What a phase of a round took. */
typedef struct {
    char phase[FSBI_CONFIG_NAME];
    double wall_time, core_time, idle_time;
} fsbi_layout_time;

/** Their compound types. Close with H5Tclose. */
hid_t fsbi_layout_time_type(void);
hid_t fsbi_layout_condition_type(void);
hid_t fsbi_layout_group_type(void);

#endif

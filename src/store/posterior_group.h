/** Making the group of a posterior. Private to store/. */
#ifndef FSBI_STORE_POSTERIOR_GROUP_H
#define FSBI_STORE_POSTERIOR_GROUP_H

#include <hdf5.h>

#include "store/posterior_store.h"

/** Creates the group `name` within `parent` with every attribute and dataset that it will need. */
fsbi_status fsbi_posterior_group_create(hid_t parent, const char *name,
                                        const fsbi_posterior_plan *plan, fsbi_error *error);

#endif

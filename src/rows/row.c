#include "rows/row.h"

#include <math.h>
#include <string.h>

#include "core/checksum.h"

fsbi_row_shape fsbi_row_shape_of(const fsbi_model *model) {
    return (fsbi_row_shape){model->parameter_count, model->metric_count};
}

size_t fsbi_row_size(const fsbi_row_shape *shape) {
    return sizeof(fsbi_row) + (shape->theta_count + shape->metric_count) * sizeof(double);
}

fsbi_row *fsbi_row_at(const fsbi_row_shape *shape, void *rows, size_t index) {
    return (fsbi_row *)((char *)rows + index * fsbi_row_size(shape));
}

static uint64_t checksum(const fsbi_row_shape *shape, const fsbi_row *row) {
    uint64_t sum = fsbi_checksum_add(FSBI_CHECKSUM_START, &row->seed, sizeof row->seed);
    sum = fsbi_checksum_add(sum, &row->t_end, sizeof row->t_end);
    sum = fsbi_checksum_add(sum, &row->status, sizeof row->status);
    sum = fsbi_checksum_add(sum, &row->reason, sizeof row->reason);
    sum = fsbi_checksum_add(sum, &row->survival, sizeof row->survival);
    sum = fsbi_checksum_add(sum, &row->checkpoint, sizeof row->checkpoint);
    return fsbi_checksum_add(sum, row->values,
                             (shape->theta_count + shape->metric_count) * sizeof(double));
}

bool fsbi_row_ended_early(const fsbi_row *row) {
    return row->checkpoint > 0;
}

double fsbi_row_stands_for(const fsbi_row *row) {
    static const double most = 20;
    return fmin(1 / row->survival, most);
}

void fsbi_row_seal(const fsbi_row_shape *shape, fsbi_row *row) {
    row->checksum = checksum(shape, row);
}

bool fsbi_row_done(const fsbi_row_shape *shape, const fsbi_row *row) {
    return row->status > FSBI_SIMULATION_PENDING && row->status < FSBI_SIMULATION_STATUSES &&
           row->checksum == checksum(shape, row);
}

void fsbi_row_propose(const fsbi_row_shape *shape, fsbi_row *row, uint64_t seed,
                      const double *theta) {
    *row = (fsbi_row){
        .seed = seed, .status = FSBI_SIMULATION_PENDING, .crashes = row->crashes, .survival = 1};
    memcpy(row->values, theta, shape->theta_count * sizeof *theta);
    for (size_t i = 0; i < shape->metric_count; i++)
        row->values[shape->theta_count + i] = NAN;
    fsbi_row_seal(shape, row);
}

bool fsbi_row_proposed(const fsbi_row_shape *shape, const fsbi_row *row) {
    return row->status == FSBI_SIMULATION_PENDING && row->checksum == checksum(shape, row);
}

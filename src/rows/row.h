/**
 * One row of a round's table: a simulation, as it stands in memory, in messages and in the file. A
 * row of zeros is a pending one; its checksum tells a whole row from a torn one.
 */
#ifndef FSBI_ROWS_ROW_H
#define FSBI_ROWS_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "fsbi/model.h"

typedef struct {
    uint64_t checksum; /**< of all but wall_time, rank and crashes, which differ from run to run */
    uint64_t seed;     /**< names the simulation's random stream */
    double t_end;      /**< simulated time at which it ended */
    double wall_time;  /**< s */
    int32_t rank;      /**< that ran it */
    int32_t status;    /**< fsbi_simulation_status */
    int32_t reason;    /**< fsbi_simulation_reason, of one that failed */
    int32_t crashes;   /**< times that it brought the program down, also while it is pending */
    double survival;   /**< probability with which it went on from all checkpoints that it passed */
    int64_t checkpoint; /**< at which it was not to go on, from 1; 0: none */
    double values[];    /**< theta, then the metrics */
} fsbi_row;

typedef struct {
    size_t theta_count, metric_count;
} fsbi_row_shape;

/** Of the rows of this model. */
fsbi_row_shape fsbi_row_shape_of(const fsbi_model *model);

/** Bytes of a row. */
size_t fsbi_row_size(const fsbi_row_shape *shape);

/** Whether chance ended the row at a checkpoint; rows that chance let pass stand for it. */
bool fsbi_row_ended_early(const fsbi_row *row);

/** How many rows a row that went on stands for where networks learn from it: 1 over its survival,
 * but at most 20, so that none is all that they learn. */
double fsbi_row_stands_for(const fsbi_row *row);

/** Row `index` of an array of rows that begins at `rows`. */
fsbi_row *fsbi_row_at(const fsbi_row_shape *shape, void *rows, size_t index);

/** Sets the checksum of a finished row. */
void fsbi_row_seal(const fsbi_row_shape *shape, fsbi_row *row);

/** Whether the row is finished and whole; everything else counts as pending. */
bool fsbi_row_done(const fsbi_row_shape *shape, const fsbi_row *row);

/** Makes a pending row one that has its theta already, for whoever is to simulate it. */
void fsbi_row_propose(const fsbi_row_shape *shape, fsbi_row *row, uint64_t seed,
                      const double *theta);

/** Whether the row is such a one, and whole. */
bool fsbi_row_proposed(const fsbi_row_shape *shape, const fsbi_row *row);

#endif

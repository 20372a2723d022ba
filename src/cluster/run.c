/* The task farm. Rank 0 sends TASK messages, a head followed by descriptions of tasks, and gets a
 * RESULT for each, a head followed by the answers and perhaps an error; a TASK of no tasks ends a
 * worker's part. After a failure it first sends everybody an empty STOP, which stands there until
 * that part ends. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/batch.h"
#include "cluster/cluster.h"
#include "cluster/wait.h"
#include "core/clock.h"
#include "core/memory.h"

enum { TASK = 1, RESULT = 2, STOP = 3 };

/* Messages that a rank may hold at once. */
enum { SLOTS = 2 };

typedef struct {
    uint64_t first, count; /* tasks; none: the end */
    uint64_t stopped;      /* of the end: it follows a STOP */
} task_head;

typedef struct {
    uint64_t first, count; /* tasks done */
    int64_t status;
    double seconds; /* that they took */
} result_head;

/* One rank's part; all but job, comm and the messages is rank 0's view of the others. */
typedef struct {
    const fsbi_cluster_job *job;
    MPI_Comm comm;
    fsbi_cluster_batch batch;
    size_t next; /* task to hand out */
    size_t done;
    size_t under_way;      /* messages */
    unsigned char *tasks;  /* messages from rank 0: SLOTS for each rank, since they are sent in the
                              background */
    MPI_Request *sending;  /* of each slot */
    int *slot;             /* the one that each rank's next message goes into */
    unsigned char *result; /* one message to it */
    int *held;             /* messages that each rank has; by rank */
    double *heard;         /* when it last brought a result */
    bool called_off;       /* the others know of a failure */
    fsbi_status status;
    fsbi_error *error;
} farm;

static size_t task_bytes(const farm *c, size_t count) {
    return sizeof(task_head) + count * c->job->task_size;
}

static size_t result_bytes(const farm *c, size_t count) {
    return sizeof(result_head) + count * c->job->result_size;
}

static fsbi_status check(const fsbi_cluster_job *job, fsbi_error *error) {
    return job->check == NULL ? FSBI_OK : job->check(job->context, error);
}

/* Hands over results that are not yet handed over. */
static fsbi_status finish(const farm *c, size_t first, size_t end, const unsigned char *tasks,
                          const unsigned char *results, fsbi_error *error) {
    const fsbi_cluster_job *job = c->job;
    return first == end || job->finish == NULL
               ? FSBI_OK
               : job->finish(job->context, end - first, tasks + first * job->task_size,
                             results + first * job->result_size, error);
}

/* Carries tasks out one after another; `head` gets what became of them. Results are handed over
 * after each task that takes longer than next to no time, so that no later one can lose them. */
static void work_through(const farm *c, size_t count, const unsigned char *tasks,
                         unsigned char *results, result_head *head, fsbi_error *error) {
    static const double longest_kept = 1e-3;
    const fsbi_cluster_job *job = c->job;
    const double started = fsbi_clock_seconds();
    double finished_at = started;
    size_t finished = 0;
    size_t done = 0;
    fsbi_status status = FSBI_OK;
    while (done < count && status == FSBI_OK) {
        status = fsbi_cluster_called_off(c->comm)
                     ? fsbi_error_set(error, FSBI_UNFINISHED, "called off")
                     : check(job, error);
        if (status == FSBI_OK)
            status = job->work(job->context, tasks + done * job->task_size,
                               results + done * job->result_size, error);
        done += status == FSBI_OK;
        if (status == FSBI_OK && fsbi_clock_seconds() - finished_at > longest_kept) {
            status = finish(c, finished, done, tasks, results, error);
            finished = done;
            finished_at = fsbi_clock_seconds();
        }
    }
    const fsbi_status last =
        finish(c, finished, done, tasks, results, status == FSBI_OK ? error : NULL);
    head->status = status == FSBI_OK ? last : status;
    head->count = done;
    head->seconds = fsbi_clock_seconds() - started;
}

/* Takes in what was done, and what went wrong. */
static void take_in(farm *c, const result_head *head, const unsigned char *results,
                    const fsbi_error *error) {
    const fsbi_cluster_job *job = c->job;
    if (c->status != FSBI_OK)
        return;
    for (size_t i = 0; i < head->count && c->status == FSBI_OK; i++)
        c->status = job->collect(job->context, (size_t)head->first + i,
                                 results + i * job->result_size, c->error);
    c->done += (size_t)head->count;
    if (head->count > 0)
        fsbi_cluster_batch_learn(&c->batch, (size_t)head->count, head->seconds);
    if (c->status == FSBI_OK && head->status != FSBI_OK) {
        c->status = (fsbi_status)head->status;
        if (c->error != NULL)
            *c->error = *error;
    }
}

static void describe(const farm *c, size_t first, size_t count, unsigned char *tasks) {
    for (size_t i = 0; i < count; i++)
        c->job->describe(c->job->context, first + i, tasks + i * c->job->task_size);
}

static size_t next_batch(const farm *c) {
    const size_t left = c->job->task_count - c->next;
    return left == 0 ? 0 : fsbi_cluster_batch_size(&c->batch, left);
}

static fsbi_status run_alone(farm *c) {
    const fsbi_cluster_job *job = c->job;
    for (size_t count = next_batch(c); count > 0 && c->status == FSBI_OK; count = next_batch(c)) {
        fsbi_error error = {0};
        result_head head = {.first = c->next};
        describe(c, c->next, count, c->tasks);
        work_through(c, count, c->tasks, c->result, &head, &error);
        take_in(c, &head, c->result, &error);
        c->next += count;
        if (job->progress != NULL)
            job->progress(job->context, c->done);
    }
    return c->status;
}

/* Never waits for the receiver: it may be sending a result itself. A slot is used again only after
 * the result of the message before has come, so that it has long been taken. */
static void send_tasks(farm *c, int rank, size_t count) {
    const size_t place = (size_t)rank * SLOTS + (size_t)c->slot[rank];
    unsigned char *message = c->tasks + place * task_bytes(c, c->batch.most);
    const task_head head = {.first = c->next, .count = count, .stopped = c->called_off};
    c->slot[rank] = (c->slot[rank] + 1) % SLOTS;
    fsbi_cluster_wait(&c->sending[place]);
    memcpy(message, &head, sizeof head);
    describe(c, c->next, count, message + sizeof head);
    c->next += count;
    c->held[rank] += count > 0;
    c->under_way += count > 0;
    MPI_Isend(message, (int)task_bytes(c, count), MPI_BYTE, rank, TASK, c->comm,
              &c->sending[place]);
}

/* Gives a rank that holds less than `most` messages another. A second one only while there are
 * plenty of tasks left, so that at the end nobody sits on one that an idle rank could do. */
static void hand_out(farm *c, int rank, int most) {
    while (c->status == FSBI_OK && c->held[rank] < most && next_batch(c) > 0) {
        if (c->held[rank] > 0 && c->job->task_count - c->next <= c->batch.workers)
            return;
        send_tasks(c, rank, next_batch(c));
    }
}

/* Takes in one result if there is one, and gives whoever brought it more to do. */
static bool receive(farm *c) {
    int arrived = 0;
    MPI_Status from;
    MPI_Iprobe(MPI_ANY_SOURCE, RESULT, c->comm, &arrived, &from);
    if (!arrived)
        return false;
    int bytes = 0;
    MPI_Get_count(&from, MPI_BYTE, &bytes);
    MPI_Recv(c->result, bytes, MPI_BYTE, from.MPI_SOURCE, RESULT, c->comm, MPI_STATUS_IGNORE);
    result_head head;
    fsbi_error error = {0};
    memcpy(&head, c->result, sizeof head);
    if (head.status != FSBI_OK)
        memcpy(&error, c->result + result_bytes(c, (size_t)head.count), sizeof error);
    c->held[from.MPI_SOURCE]--;
    c->heard[from.MPI_SOURCE] = fsbi_clock_seconds();
    c->under_way--;
    take_in(c, &head, c->result + sizeof head, &error);
    hand_out(c, from.MPI_SOURCE, c->job->prefetch ? SLOTS : 1);
    return true;
}

/* After a failure, one's own included, tells the others. */
static void check_all(farm *c) {
    if (c->status == FSBI_OK)
        c->status = check(c->job, c->error);
    if (c->status == FSBI_OK || c->called_off)
        return;
    for (int rank = 1; rank <= (int)c->batch.workers; rank++)
        MPI_Send(NULL, 0, MPI_BYTE, rank, STOP, c->comm);
    c->called_off = true;
}

/* Hands out everything and takes everything in. */
static fsbi_status coordinate(farm *c) {
    fsbi_cluster_backoff backoff = {.longest = fsbi_cluster_long_sleep};
    const int workers = (int)c->batch.workers;
    const double started = fsbi_clock_seconds();
    check_all(c);
    for (int most = 1; most <= (c->job->prefetch ? SLOTS : 1); most++)
        for (int rank = 1; rank <= workers; rank++)
            hand_out(c, rank, most);
    for (int rank = 1; rank <= workers; rank++)
        c->heard[rank] = started;
    while (c->under_way > 0) {
        int received = 0;
        while (received < workers && c->under_way > 0 && receive(c))
            received++;
        check_all(c);
        if (c->job->progress != NULL)
            c->job->progress(c->job->context, c->done);
        if (received > 0)
            backoff.waited = 0;
        else
            fsbi_cluster_pause(&backoff);
    }
    const double ended = fsbi_clock_seconds();
    for (int rank = 1; rank <= workers; rank++) {
        send_tasks(c, rank, 0);
        if (c->job->idle != NULL)
            *c->job->idle += ended - c->heard[rank];
    }
    for (int place = 0; place < (workers + 1) * SLOTS; place++)
        fsbi_cluster_wait(&c->sending[place]);
    return c->status;
}

/* Waits for the next tasks; false when there are no more. */
static bool next_tasks(const farm *c, task_head *head) {
    MPI_Request request;
    MPI_Irecv(c->tasks, (int)task_bytes(c, c->batch.most), MPI_BYTE, 0, TASK, c->comm, &request);
    fsbi_cluster_wait_long(&request);
    memcpy(head, c->tasks, sizeof *head);
    if (head->stopped)
        MPI_Recv(NULL, 0, MPI_BYTE, 0, STOP, c->comm, MPI_STATUS_IGNORE);
    return head->count > 0;
}

bool fsbi_cluster_called_off(MPI_Comm comm) {
    int waiting = 0;
    if (fsbi_cluster_rank(comm) > 0)
        MPI_Iprobe(0, STOP, comm, &waiting, MPI_STATUS_IGNORE);
    return waiting != 0;
}

/* A worker's part. */
static void serve(const farm *c) {
    task_head tasks;
    while (next_tasks(c, &tasks)) {
        fsbi_error error = {0};
        result_head head = {.first = tasks.first};
        work_through(c, (size_t)tasks.count, c->tasks + sizeof tasks, c->result + sizeof head,
                     &head, &error);
        memcpy(c->result, &head, sizeof head);
        size_t bytes = result_bytes(c, (size_t)head.count);
        if (head.status != FSBI_OK) {
            memcpy(c->result + bytes, &error, sizeof error);
            bytes += sizeof error;
        }
        MPI_Request request;
        MPI_Isend(c->result, (int)bytes, MPI_BYTE, 0, RESULT, c->comm, &request);
        fsbi_cluster_wait(&request);
    }
}

static fsbi_status allocate(farm *c, size_t messages, fsbi_error *error) {
    const size_t ranks = c->batch.workers + 1;
    c->tasks = fsbi_memory_allocate(messages, task_bytes(c, c->batch.most), error);
    c->sending = fsbi_memory_allocate(messages, sizeof(MPI_Request), error);
    c->slot = fsbi_memory_allocate(ranks, sizeof *c->slot, error);
    c->result = fsbi_memory_allocate(result_bytes(c, c->batch.most) + sizeof(fsbi_error), 1, error);
    c->held = fsbi_memory_allocate(ranks, sizeof *c->held, error);
    c->heard = fsbi_memory_allocate(ranks, sizeof *c->heard, error);
    if (c->tasks == NULL || c->sending == NULL || c->slot == NULL || c->result == NULL ||
        c->held == NULL || c->heard == NULL)
        return FSBI_NO_MEMORY;
    for (size_t place = 0; place < messages; place++)
        c->sending[place] = MPI_REQUEST_NULL;
    return FSBI_OK;
}

fsbi_status fsbi_cluster_run(MPI_Comm comm, const fsbi_cluster_job *job, fsbi_error *error) {
    const size_t ranks = (size_t)fsbi_cluster_size(comm);
    farm c = {.job = job, .comm = comm, .error = error};
    c.batch.workers = ranks > 1 ? ranks - 1 : 1;
    c.batch.most = job->prefetch
                       ? fsbi_cluster_batch_room(job->task_size, job->result_size, ranks * SLOTS)
                       : 1;
    const size_t messages = fsbi_cluster_rank(comm) == 0 ? ranks * SLOTS : 1;
    fsbi_status status = fsbi_cluster_agree(comm, allocate(&c, messages, error), error);
    if (status == FSBI_OK) {
        if (ranks == 1)
            status = run_alone(&c);
        else if (fsbi_cluster_rank(comm) == 0)
            status = coordinate(&c);
        else
            serve(&c);
        status = fsbi_cluster_agree(comm, status, error);
    }
    free(c.tasks);
    free(c.sending);
    free(c.slot);
    free(c.result);
    free(c.held);
    free(c.heard);
    return status;
}
